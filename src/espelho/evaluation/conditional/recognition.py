"""How often an independent classifier finds the label in a sample that was asked for."""

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.svm import SVC

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.generation.distances import compared
from espelho.evaluation.samples import Floats, draw
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = ["ClassShare", "Recognition", "recognition"]

Labels: TypeAlias = NDArray[Any]

MOST_LEARNED, MOST_TESTED = 5000, 2000
"""Real rows that the classifier learns from, and those that it is tested on, at most."""

_ELEMENTS, _FEWEST = 8_000_000, 500
"""Numbers in the rows to learn from: of wide rows fewer are taken, down to so many."""

_SURE = 1.959963984540054
"""Standard deviations of a Gaussian that hold 95 % of it."""


class ClassShare(NamedTuple):
    """How many samples of a label are recognised.

    Attributes
    ----------
    label : object
        The label that was asked for.
    n : int
        Samples of it.
    share : float
        Share of them that the classifier gives that label.
    low, high : float
        Interval of the share, 95 %.
    """

    label: Any
    n: int
    share: float
    low: float
    high: float


class Recognition(NamedTuple):
    """How many samples are recognised as what they were asked to be.

    Attributes
    ----------
    share : float
        Share of all samples.
    low, high : float
        Interval of the share, 95 %.
    real : float
        The same share of real rows that the classifier has not seen, of the same proportions
        of labels: what perfect samples would get.
    n, n_real, n_learned : int
        Samples, real rows that it was tested on, and real rows that it learned from.
    by_class : tuple of ClassShare
        Each label by itself, in ascending order.
    """

    share: float
    low: float
    high: float
    real: float
    n: int
    n_real: int
    n_learned: int
    by_class: tuple[ClassShare, ...]


def recognition(
    samples: ArrayLike,
    asked: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    *,
    X_train: ArrayLike | None = None,
    y_train: ArrayLike | None = None,
    classifier: Any = None,
    random_state: RandomState = 0,
) -> Recognition:
    r"""Return how often a classifier finds the label in a sample that was asked for.

    The classifier knows nothing of the generator: it learns from real rows alone, and is asked
    about samples (the GAN-test of Shmelkov et al. [1]_) and about other real rows. Of `k` right
    answers among `n` the interval is Wilson's [2]_, with `z = 1.96`:

    .. math:: \frac{k + z^2 / 2}{n + z^2} \pm
        \frac{z}{n + z^2} \sqrt{\frac{k (n - k)}{n} + \frac{z^2}{4}}

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; flattened. The default classifier looks at Euclidean distances:
        scale columns that differ in units.
    asked : array-like of shape (n_samples,)
        The label that each was to have.
    X, y : array-like of shape (n, ...), array-like of shape (n,)
        Real rows and their labels, to test the classifier on; at best rows that the generator has
        not seen either.
    X_train, y_train : array-like, optional
        Real rows for it to learn from; without them it learns from half of `X`, and is tested
        on the other half.
    classifier : scikit-learn classifier, optional
        A classifier of your own, which is cloned; without it a support vector classifier
        with a Gaussian kernel, ``SVC(C=10)``.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are drawn: at most 5,000 to learn from (of more than 1,600 numbers
        fewer, down to 500) and 2,000 to test on.

    Returns
    -------
    Recognition
        `share` with its interval, `real`, `by_class` and how many rows there were.

    Raises
    ------
    DataError
        If a label that was asked for has no real row to learn from, or there is one label only.
    ShapeError
        If there are not as many labels as rows, or samples and data differ in size.
    SettingError
        If `classifier` is none.

    References
    ----------
    .. [1] K. Shmelkov, C. Schmid and K. Alahari, "How good is my GAN?", ECCV 2018.
    .. [2] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", Journal of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> found = recognition(X, y, X, y)
    >>> found.share > 0.9, found.by_class[0].share
    (True, 1.0)
    """
    made, test = compared(samples, X, fewest=1)
    wanted, truth = _labels(asked, len(made), "asked"), _labels(y, len(test), "y")
    rng = as_generator(random_state)
    if X_train is None or y_train is None:
        learned, tested = _halves(truth, rng)
        train, names, test, truth = test[learned], truth[learned], test[tested], truth[tested]
    else:
        train, _ = compared(X_train, made, ("X_train", "samples"), 1)
        names = _labels(y_train, len(train), "y_train")
    most = min(MOST_LEARNED, max(_FEWEST, _ELEMENTS // train.shape[1]))
    train, names = _some(train, names, most, rng)
    test, truth = _some(test, truth, MOST_TESTED, rng)
    _check_known(wanted, names)
    model = _classifier(classifier).fit(train, names)
    right, right_real = model.predict(made) == wanted, model.predict(test) == truth
    by_class = tuple(
        ClassShare(label.item(), *_shares(right[wanted == label])) for label in np.unique(wanted)
    )
    n, share, low, high = _shares(right)
    real = _in_proportion(right_real, truth, by_class)
    return Recognition(share, low, high, real, n, len(test), len(train), by_class)


def _labels(y: ArrayLike, n: int, name: str) -> Labels:
    labels = np.asarray(y)
    if labels.shape != (n,):
        raise ShapeError(f"{name} must have shape ({n},), a label a row, got {labels.shape}.")
    return labels


def _halves(labels: Labels, rng: np.random.Generator) -> tuple[Labels, Labels]:
    """Return two halves of the rows, with half of each label in both."""
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    return order[::2], order[1::2]


def _some(
    rows: Floats, labels: Labels, most: int, rng: np.random.Generator
) -> tuple[Floats, Labels]:
    index = draw(len(rows), most, int(rng.integers(2**31 - 1)))
    return rows[index].astype(np.float64), labels[index]


def _check_known(asked: Labels, known: Labels) -> None:
    if strange := sorted(set(asked.tolist()) - set(known.tolist())):
        raise DataError(
            f"No real row that the classifier learns from has the label {strange[0]!r}, which "
            "samples were asked to have. Give rows of every label."
        )
    if len(np.unique(known)) < 2:
        raise DataError("y must hold at least two labels, for a classifier to tell them apart.")


def _classifier(classifier: Any) -> Any:
    if classifier is None:
        return SVC(C=10)
    if isinstance(classifier, BaseEstimator) and is_classifier(classifier):
        return clone(classifier)
    raise SettingError(f"classifier must be a scikit-learn classifier, got {classifier!r}.")


def _shares(right: NDArray[np.bool_]) -> tuple[int, float, float, float]:
    """Return how many answers there are, the share of right ones, and its interval."""
    n, k = len(right), int(right.sum())
    middle, total = k + _SURE**2 / 2, n + _SURE**2
    half = _SURE * math.sqrt(k * (n - k) / n + _SURE**2 / 4)
    return n, k / n, max(0.0, (middle - half) / total), min(1.0, (middle + half) / total)


def _in_proportion(
    right: NDArray[np.bool_], truth: Labels, by_class: tuple[ClassShare, ...]
) -> float:
    """Return the share of right answers about real rows, of labels as often as asked for."""
    there = [one for one in by_class if (truth == one.label).any()]
    shares = [float(right[truth == one.label].mean()) for one in there]
    return float(np.average(shares, weights=[one.n for one in there])) if there else math.nan
