"""Series of a table: its rows as points, in the order of time, and figures of rows back."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.series.sequences import Sequences
from espelho.data.series.windows import average_series, cut_series, default_step, window_starts
from espelho.errors import SettingError, ShapeError

__all__ = ["Series"]


@dataclass(frozen=True, eq=False)
class Series:
    """The rows of a table as points of one series or several, each in the order of time.

    Attributes
    ----------
    points
        The points of all series, one after the other ``(n, features)``.
    lengths
        Points of each series.
    rows
        The number of each point's row in the table ``(n,)``.
    times
        When each point was ``(n,)``, or nothing.
    names
        What the series are called, where a column says so.
    feature_names
        The names of the features.
    window, stride
        Points of a window, and from the start of one to that of the next.

    Examples
    --------
    >>> points = np.array([[3.0], [1.0], [2.0]])
    >>> series = Series(points, np.array([3]), np.array([2, 0, 1]), window=2, stride=1)
    >>> series.windows()[:, :, 0].tolist()
    [[3.0, 1.0], [1.0, 2.0]]
    >>> series.per_row(series.windows())[:, 0].tolist()
    [1.0, 2.0, 3.0]
    """

    points: NDArray[Any]
    lengths: NDArray[np.int64]
    rows: NDArray[np.int64]
    times: NDArray[Any] | None = None
    names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] | None = None
    window: int | None = None
    stride: int | None = None

    def __len__(self) -> int:
        return len(self.points)

    @property
    def sequences(self) -> Any:
        """The points, as a detector with a window takes them: an array, or ``Sequences``."""
        if len(self.lengths) == 1:
            return self.points
        return Sequences(self.points, self.lengths, int(self.lengths.max()), univariate=False)

    def cut(self, window: int, stride: int | None = None) -> "Series":
        """Return the same series with windows of so many points.

        Parameters
        ----------
        window
            Points of a window.
        stride
            Points from the start of one to that of the next; without it a quarter of a window.

        Raises
        ------
        SettingError
            If a window is longer than a series, or the stride longer than a window.
        """
        stride = default_step(max(1, window)) if stride is None else stride
        if window < 1 or not 1 <= stride <= window:
            raise SettingError(
                "window must be at least 1, and stride from 1 to the window, or rows would lie in "
                f"no window; got window={window} and stride={stride}."
            )
        shortest = int(np.argmin(self.lengths))
        if (n := int(self.lengths[shortest])) < window:
            which = f"series {self.names[shortest]!r}" if self.names else "the series"
            raise SettingError(
                f"window={window} is longer than {which}, which has {n} rows. Take a shorter one"
                + (", or leave short series out." if self.names else ".")
            )
        return replace(self, window=window, stride=stride)

    def windows(self) -> NDArray[Any]:
        """Return the windows ``(n_windows, window, features)``, none of which spans two series.

        The last window of each series ends with it, so that every row lies in a window.
        """
        window, stride = self._cut()
        return cut_series(self.points, self.lengths, window, stride)

    def per_row(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return values for each row of the table: the means over the windows it lies in.

        Parameters
        ----------
        values
            Values for each point of each window: ``(n_windows, window)`` or
            ``(n_windows, window, features)``.

        Returns
        -------
        ndarray of shape (n,) or (n, features)
            The means, in the order of the table.
        """
        window, stride = self._cut()
        n = sum(len(window_starts(int(length), window, stride)) for length in self.lengths)
        values = np.asarray(values)
        if values.ndim not in (2, 3) or values.shape[:2] != (n, window):
            raise ShapeError(
                f"values must have the shape ({n}, {window}) or ({n}, {window}, features), one "
                f"row a window; got {values.shape}."
            )
        means = average_series(values.reshape(n, window, -1), self.lengths, stride)
        return self.in_table_order(means.reshape(len(self), *values.shape[2:]))

    def in_table_order(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values of points ``(n, ...)``, as of a detector, in the order of the table."""
        return np.asarray(values)[np.argsort(self.rows)]

    def points_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which points rows of the table are."""
        return np.argsort(self.rows)[rows]

    def split(self, fraction: float) -> "tuple[Series, Series] | None":
        """Return the series without their ends, and these ends; nothing where they are too short.

        Parameters
        ----------
        fraction
            The share of each series that its end is, at least a window.
        """
        window, _ = self._cut()
        ends = np.maximum(window, np.round(self.lengths * fraction).astype(np.int64))
        if not fraction or (ends := np.where(self.lengths - ends >= window, ends, 0)).sum() == 0:
            return None
        left = np.repeat(self.lengths - ends, self.lengths)
        starts = np.repeat(np.cumsum(self.lengths) - self.lengths, self.lengths)
        kept = np.arange(len(self)) - starts < left
        return self._some(kept, self.lengths - ends), self._some(~kept, ends)

    def _some(self, mask: NDArray[np.bool_], lengths: NDArray[np.int64]) -> "Series":
        names = tuple(name for name, n in zip(self.names, lengths, strict=False) if n)
        times = None if self.times is None else self.times[mask]
        some = replace(self, points=self.points[mask], rows=self.rows[mask], times=times)
        return replace(some, names=names, lengths=lengths[lengths > 0])

    def _cut(self) -> tuple[int, int]:
        if self.window is None or self.stride is None:
            raise SettingError("These series have no windows yet. Say how long: cut(window=...).")
        return self.window, self.stride
