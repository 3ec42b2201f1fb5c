"""One call that measures a fitted autoencoder against what it has to beat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, ShapeError
from espelho.evaluation.cost import cost_rows
from espelho.evaluation.latent import continuity, trustworthiness
from espelho.evaluation.prediction import MAX_SAMPLES, Prediction, knn_score, probe_score
from espelho.evaluation.reconstruction import (
    Encoder,
    Errors,
    Linear,
    fit_linear,
    forward,
    squared_errors,
)
from espelho.evaluation.regularity import regularity_rows
from espelho.evaluation.result import Evaluation, Row
from espelho.evaluation.samples import Seed, alike, as_data, as_rows, draw, take
from espelho.evaluation.units import unit_rows
from espelho.evaluation.verdict import verdict

NEIGHBOURHOOD_SAMPLES = 2000
FEWEST_SAMPLES = 200
DRAWN_ELEMENTS = 40_000_000  # 320 MB in float64

_Part: TypeAlias = tuple[dict[str, ArrayLike], NDArray[Any]]


@dataclass(frozen=True)
class _Case:
    """An estimator, what it is measured on, and the components it is measured against."""

    encoder: Encoder
    X: Any
    y: Any
    X_train: Any
    y_train: Any
    linear: Linear
    seed: Seed

    @property
    def n_samples(self) -> int:
        return int(self.X.shape[0])

    def affordable(self, most: int) -> int:
        """Return how many samples to draw: so many, or fewer where they are large."""
        width = int(self.linear.pca.n_features_in_)
        return min(most, max(FEWEST_SAMPLES, DRAWN_ELEMENTS // width))

    def codes(self, X: Any) -> dict[str, ArrayLike]:
        """Return the features of some samples: codes, components and the data itself."""
        return {
            "model": as_rows(self.encoder.transform(X), "the codes"),
            "pca": self.linear.pca.transform(forward(self.encoder, as_rows(X))),
            "raw": as_rows(X),
        }


def evaluate(
    estimator: Encoder,
    X: Any,
    y: ArrayLike | None = None,
    *,
    X_train: Any = None,
    y_train: ArrayLike | None = None,
    random_state: Seed = 0,
) -> Evaluation:
    """Measure a fitted autoencoder, and what principal components do in its place.

    Parameters
    ----------
    estimator : fitted autoencoder
        Read through `transform`, `reconstruct`, `scaling_`, `latent_dim_` and
        `fit_seconds_`.
    X : array-like of shape (n_samples, ...)
        What to measure on; at best samples that training has not seen.
    y : array-like of shape (n_samples,), optional
        Labels: classes or continuous targets. Adds how well codes predict them.
    X_train : array-like of shape (n_train, ...), optional
        What the estimator was trained on. Principal components and the constant mean
        are then learned from it and measured on `X`, as the estimator is; without
        it they are fitted on `X` itself.
    y_train : array-like of shape (n_train,), optional
        Labels of the training data: predictors are then trained there and tested on
        `X`, instead of cross-validated.
    random_state : int, RandomState or None, default=0
        Decides which samples are drawn where a figure is measured on some of them.

    Returns
    -------
    Evaluation
        Rows `reconstruction_error` and `reconstruction_error_scaled` (mean over
        samples of the sum of squared errors over a sample's elements),
        `variance_explained`, `trustworthiness`, `continuity`, with labels
        `knn_score` and `probe_score`, of sparse codes `unit_activity` and `dead_units`, of
        contractive ones `saturation`, of distributions `evidence_bound`, `kl` and
        `active_units`, of those that can sample `code_distance`, `round_trip_between` and
        `round_trip_drawn`, then `fit_seconds`, `transform_microseconds` and `code_bytes`; and a
        verdict in words.

    Raises
    ------
    DataError
        If there are fewer than three samples.
    ShapeError
        If samples of `X` and `X_train`, or labels and samples, differ in number.

    Notes
    -----
    Components are fitted in the units that the network sees and mapped back, so that
    both solve the same problem. What is subsampled says so in its row's note.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder
    >>> X, y = load_iris(return_X_y=True)
    >>> model = Autoencoder(latent_dim=2, max_epochs=2, random_state=0, verbose=0).fit(X)
    >>> evaluation = evaluate(model, X, y)
    >>> evaluation["reconstruction_error"].value > 0
    True
    """
    X, X_train = alike(as_data(X), None if X_train is None else as_data(X_train))
    _check(X, y, X_train, y_train)
    linear = fit_linear(estimator, X if X_train is None else X_train, random_state)
    case = _Case(estimator, X, y, X_train, y_train, linear, random_state)
    in_data, in_scaled = squared_errors(estimator, X, linear)
    rows = (
        *_error_rows(case, in_data, in_scaled),
        *_neighbourhood_rows(case),
        *_prediction_rows(case),
        *unit_rows(estimator, X),
        *regularity_rows(estimator, X, random_state),
        *cost_rows(estimator, X),
    )
    held_out = X_train is not None
    outcome, text = verdict(in_data, in_scaled, held_out=held_out)
    return Evaluation(rows, case.n_samples, held_out, verdict=text, outcome=outcome)


def _check(X: Any, y: Any, X_train: Any, y_train: Any) -> None:
    rows = as_rows(X)
    if len(rows) < 3:
        raise DataError(f"An evaluation needs at least 3 samples, got {len(rows)}.")
    if X_train is not None and as_rows(X_train, "X_train").shape[1] != rows.shape[1]:
        raise ShapeError(
            f"X and X_train must hold samples of one size, got {rows.shape[1]} elements in X "
            f"and {as_rows(X_train, 'X_train').shape[1]} in X_train."
        )
    for name, data, labels in (("y", X, y), ("y_train", X_train, y_train)):
        n = 0 if data is None else data.shape[0]
        if labels is not None and n != len(labels):
            raise ShapeError(
                f"{name} must have a label per sample, got {len(labels)} labels for {n} samples."
            )


def _error_rows(case: _Case, in_data: Errors, in_scaled: Errors) -> Iterator[Row]:
    for name, units, errors in (
        ("reconstruction_error", "data", in_data),
        ("reconstruction_error_scaled", "scaled", in_scaled),
    ):
        yield Row(
            name=name,
            label=f"reconstruction error, {units} units",
            unit=f"squared {units} units per sample",
            value=float(errors.model.mean()),
            baselines={"pca": float(errors.pca.mean()), "mean": float(errors.mean.mean())},
            better="lower",
            note=_fitted_on(case) if units == "data" else "the units that the network sees",
        )
    yield _variance_row(in_scaled)


def _variance_row(errors: Errors) -> Row:
    total = float(errors.mean.mean())
    shares = [1 - float(e.mean()) / total if total > 0 else float("nan") for e in errors]
    return Row(
        name="variance_explained",
        label="variance explained",
        unit="share, at most 1",
        value=shares[0],
        baselines={"pca": shares[1], "mean": shares[2]},
        better="higher",
        note="1 - error / error of the mean, in scaled units",
    )


def _fitted_on(case: _Case) -> str:
    pca, same = case.linear, case.X_train is None
    total = (case.X if same else case.X_train).shape[0]
    counted = f"{pca.n_rows:,}" + (f" of {total:,}" if pca.n_rows < total else "")
    where = f"the same {counted} rows" if same else f"{counted} training rows"
    fitted = f"PCA of width {pca.pca.n_components_} and the mean fitted on {where}"
    return f"{fitted}, in scaled units{_own_loss(case)}"


def _own_loss(case: _Case) -> str:
    loss = getattr(case.encoder, "loss", "squared_error")
    return f"; the model was trained on another loss, {loss}" * (loss != "squared_error")


def _neighbourhood_rows(case: _Case) -> Iterator[Row]:
    index = draw(case.n_samples, case.affordable(NEIGHBOURHOOD_SAMPLES), case.seed)
    drawn = take(case.X, index)
    codes, data = case.codes(drawn), forward(case.encoder, as_rows(drawn))
    counted = f"{len(index):,} of {case.n_samples:,} rows"
    near = min(5, (len(index) - 1) // 2)
    for measure, meaning in (
        (trustworthiness, "near codes were near in the data"),
        (continuity, "near data are still near in the codes"),
    ):
        yield Row(
            name=measure.__name__,
            label=f"{measure.__name__} of codes",
            unit="share, at most 1",
            value=measure(data, codes["model"]),
            baselines={"pca": measure(data, codes["pca"])},
            better="higher",
            note=f"{meaning}; {near} neighbours, {counted}",
        )


def _prediction_rows(case: _Case) -> Iterator[Row]:
    if case.y is None:
        return
    train, test = _labelled(case)
    for key, label, score in (
        ("knn_score", "k-nearest-neighbours prediction", knn_score),
        ("probe_score", "linear probe prediction", probe_score),
    ):
        try:
            scores = {name: _scored(score, name, train, test, case.seed) for name in train[0]}
        except DataError as error:
            yield Row(key, label, "", float("nan"), note=str(error))
            continue
        model = scores.pop("model")
        yield Row(
            name=key,
            label=label,
            unit=f"{model.metric}, at most 1",
            value=model.value,
            baselines={column: score.value for column, score in scores.items()},
            better="higher",
            note=f"of y, from standardised codes or data; {model.note}{_drawn_from(case)}",
        )


def _drawn_from(case: _Case) -> str:
    most = case.affordable(MAX_SAMPLES)
    parts = (case.X,) if case.y_train is None else (case.X_train, case.X)
    sizes = " and ".join(f"{part.shape[0]:,}" for part in parts)
    return f", drawn from {sizes}" * any(part.shape[0] > most for part in parts)


def _labelled(case: _Case) -> tuple[_Part, _Part | None]:
    """Return features and labels to learn from, and those to test on if they are others."""
    own = _drawn(case, case.X, case.y)
    return (own, None) if case.y_train is None else (_drawn(case, case.X_train, case.y_train), own)


def _drawn(case: _Case, X: Any, y: Any) -> _Part:
    index = draw(X.shape[0], case.affordable(MAX_SAMPLES), case.seed)
    return case.codes(take(X, index)), np.asarray(y)[index]


def _scored(
    score: Callable[..., Prediction], column: str, train: _Part, test: _Part | None, seed: Seed
) -> Prediction:
    tested = () if test is None else (test[0][column], test[1])
    return score(train[0][column], train[1], *tested, random_state=seed)
