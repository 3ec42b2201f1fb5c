"""Learning: the autoencoder of a detector, trained on its rows, and then the threshold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state

from espelho.data.series.sequences import Sequences
from espelho.errors import SettingError
from espelho.estimators.anomalies.calibration import (
    Labelled,
    calibrated,
    check_detector,
    held_out,
)
from espelho.estimators.anomalies.default import default_autoencoder
from espelho.estimators.anomalies.reading import cut_points, read_points
from espelho.estimators.autoencoders.autoencoder import Autoencoder
from espelho.estimators.data.samples import check_weights
from espelho.estimators.held import untrained
from espelho.estimators.runs.settings import unfrozen
from espelho.estimators.settings import check_settings

if TYPE_CHECKING:
    from espelho.estimators.anomalies.detector import AnomalyDetector

__all__ = ["fit", "resume"]

Weights = NDArray[np.float64] | None


class _Rows(NamedTuple):
    """What the autoencoder learns from: samples, their weights, and of series how long each is."""

    X: Any
    weight: Weights
    lengths: Sequence[int] | NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many rows that is."""
        return int(sum(self.lengths))


def fit(
    detector: "AnomalyDetector", X: Any, sample_weight: Any, X_validation: Any, y_validation: Any
) -> None:
    """Train the autoencoder of a detector, and find the threshold.

    Parameters
    ----------
    detector
        The detector, changed in place.
    X, sample_weight, X_validation, y_validation
        As in `AnomalyDetector.fit`.
    """
    check_settings(detector)
    validation = Labelled.of(X_validation, y_validation)
    check_detector(detector, validation)
    detector.seed_ = _seed(detector)

    def train(rows: _Rows, weight: Weights) -> Any:
        if detector.is_frozen:
            return unfrozen(detector.estimator)
        default = default_autoencoder(rows.n)
        autoencoder = untrained(detector.estimator, default, detector.seed_)
        return autoencoder.fit(rows.X, sample_weight=weight)

    _learn(detector, X, sample_weight, train)
    _calibrate(detector, X, sample_weight, validation)


def resume(detector: "AnomalyDetector", X: Any, train: Callable[[Any, Weights], Any]) -> None:
    """Go on with the training of a detector's autoencoder, and find the threshold.

    Parameters
    ----------
    detector
        The detector, changed in place.
    X
        The rows that it was started with.
    train
        What goes on, with samples and their weights.

    Raises
    ------
    SettingError
        If labelled rows chose the threshold, which no run keeps.
    """
    if detector.threshold == "validation":
        raise SettingError(
            "threshold='validation' was chosen by labelled rows, which a run does not keep. Fit "
            "the detector again, around the autoencoder of this run inside FrozenEstimator."
        )
    _learn(detector, X, None, lambda rows, weight: train(rows.X, weight))
    _calibrate(detector, X, None, None)


def _learn(
    detector: "AnomalyDetector",
    X: Any,
    sample_weight: Any,
    train: Callable[[_Rows, Weights], Any],
) -> None:
    rows = _read(detector, X, sample_weight)
    weight = rows.weight
    aside = held_out(detector, rows.lengths)
    if detector.window is not None:
        kept = rows.X if aside is None else _without(rows.X, aside)
        rows = rows._replace(X=cut_points(detector, kept))
    elif aside is not None:
        weight = np.where(aside, 0.0, 1.0 if weight is None else weight)
    detector.estimator_ = train(rows, weight)


def _without(series: Sequences, aside: NDArray[np.bool_]) -> Sequences:
    """Return series without points at their ends."""
    lengths = np.add.reduceat(~aside, np.cumsum(series.lengths) - series.lengths, dtype=np.int64)
    return replace(series, steps=series.steps[~aside], lengths=lengths)


def _calibrate(
    detector: "AnomalyDetector", X: Any, sample_weight: Any, validation: Labelled | None
) -> None:
    """Set the threshold by the scores of rows that are for it, or else of all."""
    if validation is not None:
        scores = detector._scores(validation.X)
        detector.offset_ = calibrated(detector, scores, None, validation.y)
        return
    scores = detector._scores(X)
    weight = np.ones(len(scores)) * (1.0 if sample_weight is None else np.asarray(sample_weight))
    of_series = detector.window is not None
    lengths = read_points(detector, X, reset=False).lengths if of_series else [len(scores)]
    aside = held_out(detector, lengths)
    counted = weight > 0 if aside is None else (weight > 0) & aside
    detector.offset_ = calibrated(detector, scores[counted], weight[counted], None)


def _seed(detector: "AnomalyDetector") -> int:
    state = detector.random_state
    if state is None:
        state = getattr(unfrozen(detector.estimator), "random_state", None)
    return int(check_random_state(state).randint(2**31 - 1))


def _read(detector: "AnomalyDetector", X: Any, sample_weight: Any) -> _Rows:
    """Return the rows checked as the autoencoder will, and set what a detector knows of them."""
    if detector.window is not None:
        if sample_weight is not None:
            raise SettingError(
                "sample_weight and window cannot work together: a point lies in many windows. "
                "Leave sample_weight out."
            )
        points = read_points(detector, X, reset=True)
        return _Rows(points, None, points.lengths)
    reader = unfrozen(detector.estimator)
    if not detector.is_frozen:
        reader = Autoencoder() if reader is None else clone(reader)
        check_settings(reader)
    samples = reader._check_samples(X, reset=not detector.is_frozen)
    detector.n_features_in_ = reader.n_features_in_
    if hasattr(reader, "feature_names_in_"):
        detector.feature_names_in_ = reader.feature_names_in_
    elif hasattr(detector, "feature_names_in_"):
        del detector.feature_names_in_
    return _Rows(X, check_weights(sample_weight, samples), [len(samples)])
