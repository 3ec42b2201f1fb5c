"""What a report is about: a fitted estimator, and what it makes of some of its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.data.series.sequences import Sequences
from espelho.errors import ShapeError
from espelho.evaluation import Evaluation
from espelho.evaluation.reconstruction import Scaling
from espelho.evaluation.samples import (
    Floats,
    alike,
    as_data,
    as_floats,
    as_rows,
    draw,
    take,
    with_decimals,
)
from espelho.plots.images import image_shape
from espelho.plots.losses import Losses
from espelho.report.anomalies import Anomalies
from espelho.training.doctor import Diagnosis, examine

MAX_ROWS = 5000
NEW_SAMPLES = 500
MAX_ELEMENTS = 20_000_000  # 160 MB in float64


class Estimator(Protocol):
    """What a report reads of any fitted estimator."""

    @property
    def history_(self) -> Losses:
        """Losses by epoch."""

    @property
    def scaling_(self) -> Scaling:
        """How data become what the network sees."""

    @property
    def sample_shape_(self) -> tuple[int, ...]:
        """Shape of one sample."""

    @property
    def latent_dim_(self) -> int:
        """Width of the code."""

    @property
    def fit_seconds_(self) -> float:
        """Time that training took."""

    @property
    def n_epochs_(self) -> int:
        """Epochs that training took."""

    @property
    def stop_reason_(self) -> str:
        """Why training ended."""

    def get_params(self, deep: bool = True) -> Mapping[str, Any]:  # noqa: FBT001, FBT002
        """Return the settings."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An estimator, its data, and the part of the data that pictures are drawn from.

    Attributes
    ----------
    rows : ndarray of shape (n_drawn, d)
        Drawn rows of the data, flat.
    labels : ndarray of shape (n_drawn,) or None
        Their labels.
    valid : ndarray of shape (n_drawn, n_steps) or None
        Which steps are a sequence's own; none where samples are all of one size.
    samples : ndarray of shape (n, d) or None
        New samples, flat, where the estimator can sample.
    valid_samples : ndarray of shape (n, n_steps) or None
        Which steps are a sample's own, as of `valid`.
    names : tuple of str
        Names of the features; empty if they have none.
    """

    estimator: Estimator
    X: Any
    y: NDArray[Any] | None
    evaluation: Evaluation
    data_name: str
    names: tuple[str, ...]
    rows: Floats
    labels: NDArray[Any] | None
    valid: NDArray[np.bool_] | None = None
    samples: Floats | None = None
    valid_samples: NDArray[np.bool_] | None = None

    @property
    def model_name(self) -> str:
        """The class of the estimator."""
        return type(self.estimator).__name__

    @property
    def diagnosis(self) -> Diagnosis:
        """What the doctor says of the training."""
        return examine(self.estimator.history_.records, getattr(self.estimator, "signals_", None))

    @property
    def n_samples(self) -> int:
        """Number of samples, drawn or not."""
        return int(self.X.shape[0])

    @property
    def picture_shape(self) -> tuple[int, ...] | None:
        """Shape of a sample if it may be a picture; sequences are none."""
        shape = self.estimator.sample_shape_
        return shape if self.step_features is None else (self.rows.shape[1],)

    @property
    def step_features(self) -> int | None:
        """Number of features of a step, where samples are sequences."""
        return getattr(self.estimator, "n_step_features_", None)

    def sequences(self, rows: Floats, index: NDArray[np.intp]) -> list[Floats]:
        """Return chosen rows, drawn samples or their answers, as sequences of their own steps."""
        return self._apart(rows, index, self.valid)

    def new_sequences(self, n: int) -> list[Floats]:
        """Return the first samples, or all, as sequences of their own steps."""
        samples = np.empty((0, 1)) if self.samples is None else self.samples
        return self._apart(samples, np.arange(min(n, len(samples))), self.valid_samples)

    def _apart(
        self, rows: Floats, index: NDArray[np.intp], valid: NDArray[np.bool_] | None
    ) -> list[Floats]:
        features = self.step_features or 1
        whole = [rows[i].reshape(-1, features) for i in index]
        if valid is None:
            return whole
        return [steps[valid[i]] for steps, i in zip(whole, index, strict=True)]

    @property
    def counted(self) -> str:
        """How many samples were drawn, in words."""
        drawn, total = len(self.rows), self.n_samples
        return f"{total:,} samples" if drawn == total else f"{drawn:,} of {total:,} samples"


@dataclass(frozen=True, kw_only=True)
class Mirrored(Subject):
    """An autoencoder, and what it makes of its data.

    Attributes
    ----------
    answers : ndarray of shape (n_drawn, d)
        Reconstructions of the drawn rows, before any rounding.
    codes : ndarray of shape (n_drawn, latent_dim)
        Their codes.
    new_codes : ndarray of shape (n, latent_dim) or None
        Codes of new samples, where the estimator can sample.
    anomalies : Anomalies or None
        What a detector around the autoencoder found.
    """

    answers: Floats
    codes: Floats
    new_codes: Floats | None = None
    anomalies: Anomalies | None = None

    @property
    def errors(self) -> Floats:
        """Squared errors of the drawn samples, in squared units of the data."""
        return np.square(self.rows - self.answers)

    @property
    def sample_errors(self) -> tuple[Floats, str]:
        """Squared error of each drawn sample, and its unit.

        Pictures in units of the data; tables, whose columns may have a unit each, in the
        units that the network sees.
        """
        if image_shape(self.picture_shape) is not None:
            return self.errors.sum(axis=1), "squared data units"
        rows, answers = (self.estimator.scaling_.forward(a) for a in (self.rows, self.answers))
        return np.square(rows - answers).sum(axis=1), "squared scaled units"


@dataclass(frozen=True, kw_only=True)
class Translated(Subject):
    """A translator, and samples of both sets; those of A are the data of the report.

    Attributes
    ----------
    B : ndarray of shape (n, ...)
        Samples of the other set.
    """

    B: NDArray[Any]


def read(
    estimator: Any,
    X: Any,
    y: ArrayLike | None,
    *,
    evaluation: Evaluation,
    feature_names: ArrayLike | None,
    data_name: str,
    anomalies: Anomalies | None = None,
) -> Subject:
    """Return what a report is about, and draw the samples that its pictures use.

    At most 5,000 are drawn, and of large ones fewer, for 160 MB.
    """
    X, labels = as_data(X), _labels(y)
    n = int(X.shape[0])
    if labels is not None and len(labels) != n:
        raise ShapeError(f"y must have a label per sample, got {len(labels)} for {n}.")
    width = as_rows(take(X, slice(0, 1))).shape[1]
    index = draw(n, max(1, min(MAX_ROWS, MAX_ELEMENTS // width)))
    drawn, samples = alike(with_decimals(take(X, index)), _samples(estimator))
    rows = as_floats(drawn)
    facts: dict[str, Any] = {
        "estimator": estimator,
        "X": X,
        "y": labels,
        "evaluation": evaluation,
        "data_name": data_name,
        "names": _names(estimator, X, feature_names, rows.shape[1]),
        "rows": rows,
        "labels": None if labels is None else labels[index],
        "valid": drawn.valid if isinstance(drawn, Sequences) else None,
        "samples": None if samples is None else as_floats(samples),
        "valid_samples": samples.valid if isinstance(samples, Sequences) else None,
    }
    if not hasattr(estimator, "reconstruct"):
        return Subject(**facts)
    return Mirrored(
        **facts,
        answers=as_floats(estimator.reconstruct(drawn), "the reconstruction"),
        codes=as_floats(as_rows(estimator.transform(drawn), "the codes")),
        new_codes=_new_codes(estimator),
        anomalies=anomalies,
    )


def _labels(y: ArrayLike | None) -> NDArray[Any] | None:
    """Return labels of one column; pictures show none of several."""
    labels = None if y is None else np.asarray(y)
    if labels is None or (labels.ndim == 2 and labels.shape[1] > 1):
        return None
    return labels.reshape(-1)


def _samples(estimator: Any) -> Any:
    """Return new samples, if the estimator can draw them."""
    if not hasattr(estimator, "sample"):
        return None
    return as_data(estimator.sample(NEW_SAMPLES, random_state=0))


def _new_codes(estimator: Any) -> Floats | None:
    """Return the codes of the new samples, if the estimator can draw them."""
    if not hasattr(estimator, "sample_codes"):
        return None
    return as_floats(estimator.sample_codes(NEW_SAMPLES, random_state=0))


def _names(
    estimator: Estimator, X: Any, feature_names: ArrayLike | None, d: int
) -> tuple[str, ...]:
    known = getattr(X, "columns", getattr(estimator, "feature_names_in_", ()))
    names = tuple(
        str(name) for name in np.asarray(known if feature_names is None else feature_names)
    )
    if names and len(names) != d:
        raise ShapeError(f"There are {len(names)} feature names for {d} features.")
    return names
