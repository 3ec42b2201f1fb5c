"""Reading: rows as an autoencoder takes them, which may be windows of a long series."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from espelho.data.checks import check_finite
from espelho.data.containers import unwrap
from espelho.data.series.windows import average_windows, windows
from espelho.errors import DataError, SettingError
from espelho.estimators.anomalies.strangeness import Strangeness

__all__ = ["average_points", "cut_points", "read_points"]

Floats = NDArray[np.float64]


def read_points(detector: Any, X: Any, *, reset: bool) -> NDArray[Any]:
    """Return a long series checked, ``(n_points, features)``.

    Parameters
    ----------
    detector
        Whose data it is: ``n_features_in_`` and ``feature_names_in_`` are set or compared.
    X
        Points ``(n_points, features)`` or ``(n_points,)``: an array, table, tensor or list.
    reset
        Whether this is the series to learn from.

    Raises
    ------
    DataError
        If there is a value that is not finite, or no number.
    SettingError
        If the series is shorter than a window, or the detector is for rows.
    """
    if detector.window is None:
        raise SettingError("window=None: this detector is for rows, and no row has windows.")
    plain = unwrap(X)
    plain = np.reshape(plain, (-1, 1)) if np.ndim(plain) == 1 else plain
    try:
        points = validate_data(
            detector, plain, reset=reset, dtype="numeric", ensure_all_finite=False
        )
    except ValueError as error:
        raise DataError(str(error)) from error
    check_finite(points)
    if len(points) < detector.window:
        raise SettingError(
            f"window={detector.window} is longer than the series, which has {len(points)} points."
        )
    return points  # type: ignore[no-any-return]


def cut_points(detector: Any, points: NDArray[Any]) -> NDArray[Any]:
    """Return the windows of a series, ``(n_windows, window, features)``."""
    return windows(points, detector.window, step_of(detector))


def average_points(detector: Any, found: Strangeness, n_points: int) -> Strangeness:
    """Return the strangeness of points: the means over the windows that each lies in.

    What a window's code adds is divided evenly among its points.

    Parameters
    ----------
    detector
        Whose windows they are.
    found
        The strangeness of all windows.
    n_points
        Length of the series.
    """
    window, step = detector.window, step_of(detector)
    by_window = (-1, window, detector.n_features_in_)

    def averaged(part: Floats) -> Floats:
        by_feature = np.moveaxis(part.reshape(by_window), 2, 0)
        means = [average_windows(feature, n_points, step=step) for feature in by_feature]
        return np.stack(means, axis=1)

    code = np.repeat(found.code[:, np.newaxis] / window, window, axis=1)
    return Strangeness(
        averaged(found.values),
        averaged(found.residuals),
        averaged(found.contributions),
        average_windows(code, n_points, step=step),
    )


def step_of(detector: Any) -> int:
    """Return the points from the start of one window to that of the next."""
    return int(detector.step or max(1, detector.window // 4))
