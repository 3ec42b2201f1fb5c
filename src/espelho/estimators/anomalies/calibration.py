"""Calibration: the threshold of a detector, from scores of the rows that it is for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError, SettingError, ShapeError
from espelho.estimators.anomalies.thresholds import by_extreme_values, by_labels, by_quantile
from espelho.estimators.data.parts import n_held_out
from espelho.estimators.held import check_autoencoder

if TYPE_CHECKING:
    from espelho.estimators.anomalies.detector import AnomalyDetector

__all__ = ["Labelled", "calibrated", "check_detector", "held_out"]

_SAME = 1e-12
"""Share of a score below which a difference is what rounding leaves."""


class Labelled(NamedTuple):
    """Rows of which it is known whether they are outliers, and that: -1 or 1 for each."""

    X: Any
    y: NDArray[np.int64]

    @classmethod
    def of(cls, X: Any, y: Any) -> "Labelled | None":
        """Return labelled rows that were checked, or nothing where there are none.

        Raises
        ------
        SettingError
            If only one of both was given.
        DataError
            If labels are other than -1 and 1, or all the same.
        """
        if X is None and y is None:
            return None
        if X is None or y is None:
            given, missing = ("y", "X") if X is None else ("X", "y")
            raise SettingError(
                f"{given}_validation was given without {missing}_validation. Give both: rows, and "
                "for each -1 (an outlier) or 1."
            )
        labels = np.asarray(y)
        found = np.unique(labels)
        if not np.isin(found, (-1, 1)).all():
            raise DataError(
                "y_validation must hold -1 for outliers and 1 for the others, got "
                f"{', '.join(map(str, found[:5].tolist()))}. Of labels that are 1 for outliers "
                "and 0 for the others make them by 1 - 2 * y."
            )
        if len(found) < len((-1, 1)):
            raise DataError(
                f"y_validation holds one class, {found[0]}, so that no threshold can tell two "
                "apart. Give rows of both, or use threshold='quantile'."
            )
        return cls(X, labels.astype(np.int64))


def check_detector(detector: "AnomalyDetector", validation: Labelled | None) -> None:
    """Raise unless the settings of a detector can work together.

    Parameters
    ----------
    detector
        The detector.
    validation
        The labelled rows that ``fit`` was given.

    Raises
    ------
    SettingError
        If two cannot.
    """
    check_autoencoder(detector)
    if (detector.threshold == "validation") != (validation is not None):
        raise SettingError(
            f"threshold={detector.threshold!r} and X_validation="
            f"{'None' if validation is None else '...'} cannot work together: labelled rows are "
            "what threshold='validation' chooses by. Give both, or none."
        )
    if validation is not None and detector.validation_fraction:
        raise SettingError(
            f"validation_fraction={detector.validation_fraction} and threshold='validation' "
            "cannot work together: the threshold comes from X_validation. Leave the fraction at 0."
        )
    if detector.threshold == "extreme-value" and detector.risk >= detector.tail:
        raise SettingError(
            f"risk={detector.risk} must be less than tail={detector.tail}, the share of the "
            "scores that the distribution of extremes is fitted to."
        )
    if detector.step is not None and (detector.window is None or detector.step > detector.window):
        raise SettingError(
            f"step={detector.step} and window={detector.window} cannot work together: step is how "
            "far windows of a series are apart, at most their length."
        )
    if detector.is_frozen and detector.validation_fraction:
        raise SettingError(
            f"validation_fraction={detector.validation_fraction} and a fitted autoencoder inside "
            "FrozenEstimator cannot work together: nothing is trained. Leave it at 0, and give "
            "fit rows that the autoencoder has not seen."
        )


def held_out(
    detector: "AnomalyDetector", lengths: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.bool_] | None:
    """Return which rows nothing is learned from but the threshold, or nothing for no such split.

    Of a series those are its last points.

    Parameters
    ----------
    detector
        The detector.
    lengths
        How many points each series has; how many rows there are, where each is for itself.
    """
    if not detector.validation_fraction:
        return None
    return np.concatenate([_last(detector, int(n)) for n in lengths])


def _last(detector: "AnomalyDetector", n: int) -> NDArray[np.bool_]:
    n_last = n_held_out(n, detector.validation_fraction)
    order = np.arange(n)
    if detector.window is None:
        order = np.random.default_rng(detector.seed_).permutation(n)
    found = np.zeros(n, dtype=bool)
    found[order[n - n_last :]] = True
    return found


def calibrated(
    detector: "AnomalyDetector",
    scores: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    labels: NDArray[np.int64] | None,
) -> float:
    """Return the threshold: the score from which on, downwards, rows are outliers.

    Parameters
    ----------
    detector
        Whose rule is followed.
    scores
        Scores ``(n,)`` of the rows to calibrate on.
    weight
        Their weights.
    labels
        -1 for outliers and 1 for others, where the rule goes by these.

    Raises
    ------
    DataError
        If all rows score alike, or are too few.
    ShapeError
        If there are not as many labels as rows.
    """
    if labels is not None and labels.shape != scores.shape:
        raise ShapeError(
            f"y_validation must have shape ({len(scores)},), one label a row of X_validation, got "
            f"{labels.shape}."
        )
    if not len(scores) or np.ptp(scores) <= _SAME * np.abs(scores).max():
        raise DataError(
            f"All of {len(scores)} sample{'s' * (len(scores) != 1)} to find a threshold by score "
            "alike, as where data is constant, so that none is an outlier. Give rows that differ."
        )
    if labels is not None:
        return by_labels(scores, labels)
    if detector.threshold == "extreme-value":
        return by_extreme_values(scores, detector.risk, detector.tail)
    return by_quantile(scores, detector.contamination, weight)
