"""Windows: a long series in overlapping pieces, and one figure a point back from theirs."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import SettingError, ShapeError

__all__ = [
    "average_series",
    "average_windows",
    "cut_series",
    "default_step",
    "window_starts",
    "windows",
]


def default_step(length: int) -> int:
    """Return the points from one window to the next where nobody says: a quarter of a window."""
    return max(1, length // 4)


def window_starts(n_points: int, length: int, step: int = 1) -> NDArray[np.int64]:
    """Return where windows of a series start: every ``step`` points, and one at its end.

    The last window ends with the series, and overlaps the one before as far as it must, so
    that every point lies in a window.

    Parameters
    ----------
    n_points
        Length of the series.
    length
        Length of a window.
    step
        Points from one window to the next.

    Raises
    ------
    SettingError
        If a window is longer than the series, or windows would leave points out.

    Examples
    --------
    >>> window_starts(10, length=4, step=4).tolist()
    [0, 4, 6]
    """
    if not 1 <= length <= n_points:
        raise SettingError(
            f"length must be from 1 to the {n_points} points of the series, got {length}."
        )
    if not 1 <= step <= length:
        raise SettingError(
            f"step must be from 1 to the length of a window, {length}, or points would lie in "
            f"no window; got {step}."
        )
    last = n_points - length
    return np.unique(np.append(np.arange(0, last + 1, step, dtype=np.int64), last))


def windows(series: ArrayLike, length: int, step: int = 1) -> NDArray[Any]:
    """Cut a long series into windows.

    Parameters
    ----------
    series
        Points ``(n_points, features)`` or ``(n_points,)``.
    length
        Points of a window.
    step
        Points from the start of one window to that of the next.

    Returns
    -------
    ndarray of shape (n_windows, length, features) or (n_windows, length)
        The windows, as `window_starts` places them.

    Raises
    ------
    SettingError
        If a window is longer than the series, or the step longer than a window.
    ShapeError
        If the series is none.

    Examples
    --------
    >>> windows([1, 2, 3, 4, 5], length=3, step=2)
    array([[1, 2, 3],
           [3, 4, 5]])
    """
    points = as_series(series)
    starts = window_starts(len(points), length, step)
    cut: NDArray[Any] = points[starts[:, np.newaxis] + np.arange(length)]
    return cut


def average_windows(values: ArrayLike, n_points: int, *, step: int = 1) -> NDArray[np.float64]:
    """Return one value a point: the mean over the windows that the point lies in.

    Parameters
    ----------
    values
        A value for each point of each window of `windows`: ``(n_windows, length)``.
    n_points
        Length of the series.
    step
        As `windows` was given it.

    Returns
    -------
    ndarray of shape (n_points,)
        The means.

    Raises
    ------
    ShapeError
        If there are not as many windows as the series has.

    Examples
    --------
    >>> average_windows([[1.0, 1.0, 1.0], [5.0, 5.0, 5.0]], 5, step=2)
    array([1., 1., 3., 5., 5.])
    """
    values = np.asarray(values, dtype=np.float64)
    starts = window_starts(n_points, values.shape[-1], step)
    if values.shape[:-1] != starts.shape:
        raise ShapeError(
            f"values must have the shape ({len(starts)}, {values.shape[-1]}), one row a window "
            f"of {n_points} points in steps of {step}; got {values.shape}."
        )
    places = starts[:, np.newaxis] + np.arange(values.shape[-1])
    total, count = np.zeros(n_points), np.zeros(n_points)
    np.add.at(total, places, values)
    np.add.at(count, places, 1)
    return total / count


def cut_series(
    points: NDArray[Any], lengths: NDArray[np.int64], length: int, step: int
) -> NDArray[Any]:
    """Cut several series into windows, none of which holds points of two.

    Parameters
    ----------
    points
        The points of all series, one after the other ``(n_points, features)``.
    lengths
        Points of each.
    length, step
        As `windows` takes them.

    Returns
    -------
    ndarray of shape (n_windows, length, features)
        The windows of the first series, then those of the second, and so on.

    Examples
    --------
    >>> points = np.arange(5.0).reshape(-1, 1)
    >>> cut_series(points, np.array([2, 3]), 2, 1)[:, :, 0].tolist()
    [[0.0, 1.0], [2.0, 3.0], [3.0, 4.0]]
    """
    parts = np.split(points, np.cumsum(lengths)[:-1])
    return np.concatenate([windows(part, length, step) for part in parts])


def average_series(
    values: NDArray[Any], lengths: NDArray[np.int64], step: int
) -> NDArray[np.float64]:
    """Return values for each point of several series: the means over the windows it lies in.

    Parameters
    ----------
    values
        Values for each point of each window of `cut_series`: ``(n_windows, length, features)``.
    lengths
        Points of each series.
    step
        As `cut_series` was given it.

    Returns
    -------
    ndarray of shape (n_points, features)
        The means.

    Examples
    --------
    >>> values = np.array([[[1.0], [2.0]], [[3.0], [4.0]], [[6.0], [5.0]]])
    >>> average_series(values, np.array([2, 3]), 1)[:, 0].tolist()
    [1.0, 2.0, 3.0, 5.0, 5.0]
    """
    length = values.shape[1]
    counts = [len(window_starts(int(n), length, step)) for n in lengths]
    parts = zip(np.split(values, np.cumsum(counts)[:-1]), lengths, strict=True)
    return np.concatenate([_averaged(part, int(n), step) for part, n in parts])


def _averaged(values: NDArray[Any], n_points: int, step: int) -> NDArray[np.float64]:
    by_feature = np.moveaxis(values, 2, 0)
    return np.stack([average_windows(f, n_points, step=step) for f in by_feature], axis=1)


def as_series(series: ArrayLike) -> NDArray[Any]:
    """Return a series as an array ``(n_points,)`` or ``(n_points, features)``.

    Raises
    ------
    ShapeError
        If it has another shape.
    """
    points = np.asarray(series)
    if points.ndim not in (1, 2) or not points.size:
        raise ShapeError(
            "A series must have the shape (n_points,) or (n_points, features), got "
            f"{points.shape}."
        )
    return points
