"""How well labels can be told from features: nearest neighbours and a linear probe."""

import warnings
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import type_of_target

from espelho.errors import DataError, ShapeError
from espelho.evaluation.samples import Floats, Seed, as_floats, as_rows, draw

Labels: TypeAlias = NDArray[Any]

MAX_SAMPLES = 5000
FOLDS = 5
NEIGHBOURS = 5
ITERATIONS = 100


@dataclass(frozen=True)
class Prediction:
    """How well labels were predicted, and how that was measured.

    The value is the mean of `parts`, what each sample adds to it: of an accuracy 1 or 0, of R²
    1 minus its squared error in parts of the variance.
    """

    value: float
    metric: str
    note: str
    parts: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def __str__(self) -> str:
        """Return the figure with the name of its measure."""
        return f"{self.metric} {self.value:.3f} ({self.note})"


@dataclass(frozen=True)
class _Task:
    """Features and labels, ready to be learned from, and how to test on them."""

    features: Floats
    labels: Labels
    classes: bool
    test: tuple[Floats, Labels] | None
    seed: Seed


def knn_score(
    features: ArrayLike,
    y: ArrayLike,
    test_features: ArrayLike | None = None,
    test_y: ArrayLike | None = None,
    *,
    max_samples: int = MAX_SAMPLES,
    random_state: Seed = 0,
) -> Prediction:
    """Return how well the five nearest neighbours predict labels.

    Features are standardised by the training part. Labels that are classes are told
    by :class:`~sklearn.neighbors.KNeighborsClassifier` and counted as accuracy,
    continuous ones by :class:`~sklearn.neighbors.KNeighborsRegressor` and R².

    Parameters
    ----------
    features : array-like of shape (n_samples, ...)
        Codes or data; samples are flattened.
    y : array-like of shape (n_samples,)
        Classes (text, booleans, integers) or continuous targets. Numbers of which
        more than half are distinct count as continuous.
    test_features : array-like of shape (n_test, ...), optional
        Where to test. Without it, 5-fold cross-validation (stratified for classes;
        as many folds as the smallest class has samples, if that is fewer).
    test_y : array-like of shape (n_test,), optional
        Labels of the test samples.
    max_samples : int, default=5000
        Of more samples than these, for training or for test, so many are drawn.
    random_state : int, RandomState or None, default=0
        Decides which are drawn, and the folds.

    Returns
    -------
    Prediction
        `value`, from 0 to 1 for an accuracy, at most 1 for R² (0 is the constant
        mean); `metric`, "accuracy" or "R²"; `note`, on which samples; `parts`, what
        each sample tested on adds to it.

    Raises
    ------
    DataError
        If the labels do not vary, are missing, or are too few to test on.
    ShapeError
        If features and labels differ in length.

    Examples
    --------
    >>> knn_score([[0.0]] * 9 + [[1.0]] * 9, ["no"] * 9 + ["yes"] * 9).value
    1.0
    """
    task = _task((features, y), (test_features, test_y), max_samples, random_state)
    learners = (KNeighborsClassifier, KNeighborsRegressor)
    near = min(NEIGHBOURS, _smallest_training_set(task))
    return _measured(task, learners[not task.classes](n_neighbors=near))


def probe_score(
    features: ArrayLike,
    y: ArrayLike,
    test_features: ArrayLike | None = None,
    test_y: ArrayLike | None = None,
    *,
    max_samples: int = MAX_SAMPLES,
    random_state: Seed = 0,
) -> Prediction:
    """Return how well a linear model predicts labels.

    As :func:`knn_score`, with :class:`~sklearn.linear_model.LogisticRegression` for
    classes and :class:`~sklearn.linear_model.Ridge` for continuous targets: what can
    be read off the features without bending space.

    Parameters
    ----------
    features : array-like of shape (n_samples, ...)
        Codes or data; samples are flattened.
    y : array-like of shape (n_samples,)
        Classes or continuous targets, as in :func:`knn_score`.
    test_features : array-like of shape (n_test, ...), optional
        Where to test. Without it, cross-validation.
    test_y : array-like of shape (n_test,), optional
        Labels of the test samples.
    max_samples : int, default=5000
        Of more samples than these, for training or for test, so many are drawn.
    random_state : int, RandomState or None, default=0
        Decides which are drawn, and the folds.

    Returns
    -------
    Prediction
        `value`, `metric` ("accuracy" or "R²"), `note` and `parts`.

    Raises
    ------
    DataError
        If the labels do not vary, are missing, or are too few to test on.
    ShapeError
        If features and labels differ in length.

    Examples
    --------
    >>> probe_score([[0.0], [1.0], [2.0], [3.0]], [0.5, 2.5, 4.5, 6.5]).metric
    'R²'
    """
    task = _task((features, y), (test_features, test_y), max_samples, random_state)
    learner = LogisticRegression(max_iter=ITERATIONS) if task.classes else Ridge()
    return _measured(task, learner)


def _task(
    train: tuple[ArrayLike, ArrayLike],
    test: tuple[ArrayLike | None, ArrayLike | None],
    max_samples: int,
    seed: Seed,
) -> _Task:
    labels = as_labels(train[1])
    classes = are_classes(labels)
    drawn = _part(train[0], labels, max_samples, seed)
    test_features, test_y = test
    if test_features is not None and test_y is not None:
        held = _part(test_features, as_labels(test_y), max_samples, seed)
        return _Task(*_varied(*drawn, classes=classes, least=1), classes, held, seed)
    return _Task(*_varied(*drawn, classes=classes, least=2), classes, None, seed)


def as_labels(y: ArrayLike) -> Labels:
    """Return labels as a vector of text or of finite numbers.

    Raises
    ------
    DataError
        If they are none.
    """
    labels = np.asarray(y)
    labels = labels.ravel() if labels.shape[1:] == (1,) else labels
    labels = np.asarray(labels.tolist()) if labels.dtype.kind == "O" else labels
    missing = labels.dtype.kind == "f" and not np.isfinite(labels).all()
    if labels.ndim != 1 or missing or labels.dtype.kind not in "biufUS":
        raise DataError(
            "y must hold one label per sample, all text or all finite numbers; got shape "
            f"{labels.shape} of dtype {labels.dtype}{', with missing values' * missing}. "
            "Leave out the rows without a label."
        )
    return labels


def are_classes(labels: Labels) -> bool:
    """Return whether labels are classes, and not numbers of a continuous scale."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of unique classes")
        kind = type_of_target(labels)
    numbers = labels.dtype.kind in "iuf"
    mostly_distinct = 2 * len(np.unique(labels)) > len(labels)
    return kind == "binary" or (kind == "multiclass" and not (numbers and mostly_distinct))


def _part(
    features: ArrayLike, labels: Labels, max_samples: int, seed: Seed
) -> tuple[Floats, Labels]:
    rows = as_rows(features, "features")
    if len(rows) != len(labels):
        raise ShapeError(
            f"y must have a label per sample, got {len(labels)} labels for {len(rows)} samples."
        )
    index = draw(len(rows), max_samples, seed)
    return as_floats(rows[index], "features"), labels[index]


def _varied(
    features: Floats, labels: Labels, *, classes: bool, least: int
) -> tuple[Floats, Labels]:
    """Leave out classes of fewer than `least` samples and check that labels still differ."""
    if classes:
        _, which, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        kept = sizes[which] >= least
        features, labels = features[kept], labels[kept]
    if len(np.unique(labels)) < 2 or len(labels) < 2 * least:
        raise DataError(
            f"y must have at least two different labels, each on {least} or more samples; "
            f"{len(labels)} usable samples are left. Leave y out, or give more samples."
        )
    return features, labels


def _folds(task: _Task) -> int:
    sizes = np.unique(task.labels, return_counts=True)[1] if task.classes else len(task.labels)
    return int(np.clip(np.min(sizes), 2, FOLDS))


def _smallest_training_set(task: _Task) -> int:
    n = len(task.labels)
    return n if task.test else n - -(-n // _folds(task))


def _measured(task: _Task, learner: Any) -> Prediction:
    model = make_pipeline(StandardScaler(), learner)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # ConvergenceWarning: close is enough
        truth, predicted, note = _tested(task, model) if task.test else _crossed(task, model)
        if task.classes:
            right = np.asarray(truth == predicted, dtype=np.float64)
            return Prediction(float(accuracy_score(truth, predicted)), "accuracy", note, right)
        variance = float(np.var(truth)) or 1.0
        parts = 1 - np.square(np.asarray(truth, dtype=np.float64) - predicted) / variance
        return Prediction(float(r2_score(truth, predicted)), "R²", note, parts)


def _tested(task: _Task, model: Any) -> tuple[Labels, Labels, str]:
    features, truth = task.test or (task.features, task.labels)
    predicted = model.fit(task.features, task.labels).predict(features)
    return truth, predicted, f"trained on {len(task.labels):,} rows, tested on {len(truth):,}"


def _crossed(task: _Task, model: Any) -> tuple[Labels, Labels, str]:
    kind, folds = (StratifiedKFold if task.classes else KFold), _folds(task)
    splitter = kind(folds, shuffle=True, random_state=task.seed)
    predicted = cross_val_predict(model, task.features, task.labels, cv=splitter)
    return task.labels, predicted, f"{folds}-fold cross-validation on {len(task.labels):,} rows"
