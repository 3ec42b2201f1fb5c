"""Reading: rows as an autoencoder takes them, which may be windows of a long series."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from espelho.data.checks import check_finite
from espelho.data.containers import unwrap
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.data.series.windows import average_series, cut_series, default_step
from espelho.errors import DataError, SettingError
from espelho.estimators.anomalies.strangeness import Strangeness

__all__ = ["average_points", "cut_points", "read_points"]

Floats = NDArray[np.float64]


def read_points(detector: Any, X: Any, *, reset: bool) -> Sequences:
    """Return a long series checked, or several.

    Parameters
    ----------
    detector
        Whose data it is: ``n_features_in_`` and ``feature_names_in_`` are set or compared.
    X
        Points ``(n_points, features)`` or ``(n_points,)``: an array, table, tensor or list; of
        several series a list of these.
    reset
        Whether this is the series to learn from.

    Raises
    ------
    DataError
        If there is a value that is not finite, or no number.
    SettingError
        If a series is shorter than a window, or the detector is for rows.
    """
    if detector.window is None:
        raise SettingError("window=None: this detector is for rows, and no row has windows.")
    several = Sequences.of(X) if is_sequences(X) else None
    plain = unwrap(X) if several is None else several.steps
    plain = np.reshape(plain, (-1, 1)) if np.ndim(plain) == 1 else plain
    try:
        points = validate_data(
            detector, plain, reset=reset, dtype="numeric", ensure_all_finite=False
        )
    except ValueError as error:
        raise DataError(str(error)) from error
    check_finite(points)
    lengths = np.array([len(points)]) if several is None else several.lengths
    if (shortest := lengths.min()) < detector.window:
        which = "the series, which" if several is None else "a series, the shortest of which"
        raise SettingError(
            f"window={detector.window} is longer than {which} has {shortest} points."
        )
    return Sequences(points, lengths, int(lengths.max()), univariate=False)


def cut_points(detector: Any, points: Sequences) -> NDArray[Any]:
    """Return the windows of series, ``(n_windows, window, features)``."""
    return cut_series(points.steps, points.lengths, detector.window, step_of(detector))


def average_points(detector: Any, found: Strangeness, lengths: NDArray[np.int64]) -> Strangeness:
    """Return the strangeness of points: the means over the windows that each lies in.

    What a window's code adds is divided evenly among its points.

    Parameters
    ----------
    detector
        Whose windows they are.
    found
        The strangeness of all windows.
    lengths
        Points of each series.
    """
    window, step = detector.window, step_of(detector)
    by_window = (-1, window, detector.n_features_in_)

    def averaged(part: Floats) -> Floats:
        return average_series(part.reshape(by_window), lengths, step)

    code = np.repeat(found.code[:, np.newaxis, np.newaxis] / window, window, axis=1)
    return Strangeness(
        averaged(found.values),
        averaged(found.residuals),
        averaged(found.contributions),
        average_series(code, lengths, step)[:, 0],
    )


def step_of(detector: Any) -> int:
    """Return the points from the start of one window to that of the next."""
    return int(detector.step or default_step(detector.window))
