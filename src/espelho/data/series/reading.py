"""Reading series: the rows of a table put in order by a column of times."""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.checks import check_finite
from espelho.data.containers import is_frame, unwrap
from espelho.data.dataset import Dataset
from espelho.data.files import read
from espelho.data.formats.content import Choice
from espelho.data.series.table import Series
from espelho.data.series.times import irregularities, is_missing, read_times
from espelho.errors import DataError, EspelhoWarning, SettingError

__all__ = ["as_series", "load_series", "read_rows"]

_TABLE = 2
_ALL = 2**63 - 1
"""A series is held in memory, whatever its size."""


def load_series(
    source: Any,
    *,
    time_column: str | None = None,
    series_column: str | None = None,
    window: int | None = None,
    stride: int | None = None,
    columns: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    header: Any = "auto",
) -> Series:
    r"""Read the rows of a table as points of a series, or of several.

    Parameters
    ----------
    source
        A CSV or Parquet file, or anything else that `espelho.load_data` reads as a table; or a
        DataFrame of pandas or polars.
    time_column
        The column that says when a row was: numbers, or ISO dates and timestamps. Rows are put
        in its order, and those of the same time keep that of the table; it is no feature. Without
        it rows are in order.
    series_column
        The column that says which series a row belongs to; it is no feature. Without it all rows
        are one series.
    window, stride
        Points of a window, and from the start of one to that of the next, for `Series.windows`.
    columns, drop, header
        As `espelho.load_data` takes them.

    Returns
    -------
    Series
        The points, in the order of time.

    Raises
    ------
    DataError
        If there is no such column, a time is missing or none, or values are not finite.
    SettingError
        If this is no table, or a window is longer than a series.

    Warns
    -----
    EspelhoWarning
        If rows were not in order, times came twice, or the steps from one to the next differ.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "load.csv")
    ...     _ = path.write_text("hour,load\n1,5\n2,7\n3,6\n4,8\n")
    ...     series = load_series(path, time_column="hour", window=3, stride=1)
    >>> series.windows().shape, series.feature_names
    ((2, 3, 1), ('load',))
    """
    named = (time_column, series_column)
    if is_frame(source):
        series = _of_frame(source, named, columns, drop)
    else:
        data = read_rows(source, *named, columns=columns, drop=drop, header=header)
        check_finite(data.X, data.feature_names)
        series = as_series(data, str(source), *named, header=header)
    return series if window is None else series.cut(window, stride)


def read_rows(
    source: str | os.PathLike[str],
    time_column: str | None,
    series_column: str | None,
    *,
    drop: Sequence[str] | None = None,
    **choice: Any,
) -> Dataset:
    """Read a table without the columns that say when and of what series a row is.

    Parameters
    ----------
    source, time_column, series_column
        As `load_series` takes them.
    drop, **choice
        As `espelho.data.files.read` takes them.

    Raises
    ------
    SettingError
        If this is no table.
    """
    named = [name for name in (time_column, series_column) if name is not None]
    data = read(source, drop=(*_listed(drop), *named), **{**choice, "memory_limit": _ALL})
    if np.ndim(data.X) != _TABLE or not isinstance(data.X, np.ndarray) or data.sample_shape:
        raise SettingError(
            f"Windows are cut of tables, whose rows are the points of a series, and {source} "
            f"holds samples of the shape {tuple(data.sample_shape or data.X.shape[1:])}. Leave "
            "--window (window=) out."
        )
    return data


def _of_frame(
    frame: Any,
    named: tuple[str | None, str | None],
    columns: Sequence[str] | None,
    drop: Sequence[str] | None,
) -> Series:
    names = tuple(str(name) for name in frame.columns)
    left_out = (*_listed(drop), *(name for name in named if name is not None))
    choice = Choice(columns=None if columns is None else _listed(columns), drop=left_out)
    features = choice.features(names, "The table")
    X = np.asarray(unwrap(frame[features]))
    check_finite(X, features)
    return _in_order(X, tuple(features), "The table", named, lambda name: np.asarray(frame[name]))


def _listed(names: Sequence[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def as_series(
    data: Dataset, where: str, time_column: str | None, series_column: str | None, **choice: Any
) -> Series:
    """Return the rows of a table that was read as series.

    Parameters
    ----------
    data
        The rows, as `read_rows` returns them.
    where
        What the table is called in messages.
    time_column, series_column
        As `load_series` takes them.
    **choice
        What else the table was read with.
    """
    return _in_order(
        np.asarray(data.X),
        data.feature_names,
        where,
        (time_column, series_column),
        lambda name: _column(data, name, choice),
    )


def _in_order(
    X: NDArray[Any],
    feature_names: tuple[str, ...] | None,
    where: str,
    named: tuple[str | None, str | None],
    column: Callable[[str], NDArray[Any]],
) -> Series:
    time_column, series_column = named
    n = len(X)
    labels, names = np.zeros(n, np.int64), tuple[str, ...]()
    if series_column is not None:
        names, labels = _series(column(series_column), series_column, where)
    times, order = None, np.argsort(labels, kind="stable")
    if time_column is not None:
        times = read_times(column(time_column), time_column, where)
        order = np.lexsort((times, labels))
        _warn(list(irregularities(times, labels, order)), where, time_column)
    return Series(
        X[order],
        np.bincount(labels),
        order,
        None if times is None else times[order],
        names,
        feature_names,
    )


def _column(data: Dataset, name: str, choice: dict[str, Any]) -> NDArray[Any]:
    """Return a column of the table that data came from, of any kind."""
    some = None if data.feature_names is None else data.feature_names[:1]
    found = read(data.source, target=name, columns=some, **{**choice, "memory_limit": _ALL})
    return np.asarray(found.y)


def _series(
    values: NDArray[Any], column: str, where: str
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return what the series are called, and the number of that of each row."""
    missing = np.array([is_missing(value) for value in values])
    if missing.any():
        raise DataError(
            f"{where}: column {column!r} says of what series each row is, and "
            f"{int(missing.sum())} of {len(missing)} are missing, the first in row "
            f"{int(missing.argmax())} (counted from 0). Fill them, or leave such rows out."
        )
    names, numbers = np.unique(values, return_inverse=True)
    return tuple(map(str, names.tolist())), numbers.reshape(-1).astype(np.int64)


def _warn(remarks: list[str], where: str, column: str) -> None:
    if remarks:
        said = f"{where}, by {column!r}: {'; '.join(remarks)}."
        warnings.warn(said, EspelhoWarning, stacklevel=4)
