"""Figures about codes and reconstructions, each beside what it has to beat."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError
from espelho.evaluation.codes.neighbourhoods import continuity, trustworthiness
from espelho.evaluation.codes.prediction import MAX_SAMPLES, Prediction, knn_score, probe_score
from espelho.evaluation.codes.regularity import regularity_rows
from espelho.evaluation.codes.units import unit_rows
from espelho.evaluation.cost import cost_rows
from espelho.evaluation.margin import Margin
from espelho.evaluation.reconstruction import (
    Encoder,
    Errors,
    Linear,
    fit_linear,
    forward,
    squared_errors,
)
from espelho.evaluation.result import Row
from espelho.evaluation.samples import Seed, as_rows, draw, take
from espelho.evaluation.verdict import Verdict, verdict

__all__ = ["code_figures"]

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
    most: int

    @property
    def n_samples(self) -> int:
        return int(self.X.shape[0])

    def affordable(self, most: int) -> int:
        """Return how many samples to draw: so many, or fewer where asked or they are large."""
        width = int(self.linear.pca.n_features_in_)
        return min(most, self.most, max(FEWEST_SAMPLES, DRAWN_ELEMENTS // width))

    def codes(self, X: Any) -> dict[str, ArrayLike]:
        """Return the features of some samples: codes, components and the data itself."""
        return {
            "model": as_rows(self.encoder.transform(X), "the codes"),
            "pca": self.linear.pca.transform(forward(self.encoder, as_rows(X))),
            "raw": as_rows(X),
        }


def code_figures(
    encoder: Encoder,
    X: Any,
    *,
    y: Any,
    X_train: Any,
    y_train: Any,
    random_state: Seed,
    most: int,
) -> tuple[tuple[Row, ...], Verdict]:
    """Return what there is to say about an autoencoder, and whether it beats components.

    Parameters
    ----------
    encoder
        The fitted autoencoder.
    X, y, X_train, y_train, random_state
        As `evaluate` takes them, checked.
    most
        Samples to measure on where that costs more than a pass over them.
    """
    linear = fit_linear(encoder, X if X_train is None else X_train, random_state)
    case = _Case(encoder, X, y, X_train, y_train, linear, random_state, most)
    error_rows, said = _errors(case)
    rows = (
        *error_rows,
        *_neighbourhood_rows(case),
        *_prediction_rows(case),
        *unit_rows(encoder, X),
        *regularity_rows(encoder, X, random_state, most),
        *cost_rows(encoder, X),
    )
    return rows, said


def _errors(case: _Case) -> tuple[tuple[Row, ...], Verdict]:
    """Return what there is to say about reconstructions: nothing where there are none."""
    if not hasattr(case.encoder, "reconstruct"):
        return (), Verdict("", "")
    in_data, in_scaled = squared_errors(case.encoder, case.X, case.linear)
    said = verdict(in_data, in_scaled, held_out=case.X_train is not None)
    return tuple(_error_rows(case, in_data, in_scaled)), said


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
            margins={
                "model": Margin.of_samples(errors.model),
                "pca": Margin.of_samples(errors.model - errors.pca),
                "mean": Margin.of_samples(errors.model - errors.mean),
            },
            n_samples=len(errors.model),
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
        n_samples=len(errors.model),
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
            n_samples=len(index),
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
            margins=_margins(model, scores),
            n_samples=len(model.parts),
        )


def _margins(model: Prediction, others: Mapping[str, Prediction]) -> dict[str, Margin]:
    """Return how sure a score is, and its distance from those of others on the same samples.

    Of a difference in accuracy that is McNemar's variance (T. G. Dietterich, "Approximate
    statistical tests for comparing supervised classification learning algorithms", Neural
    Computation 10, 1998): it is about the samples tested on, with predictors as they are.
    """
    apart = {name: Margin.of_samples(model.parts - one.parts) for name, one in others.items()}
    return {"model": Margin.of_samples(model.parts), **apart}


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
