"""Times: the column of a table by which its rows are put in order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError

__all__ = ["irregularities", "is_missing", "read_times", "said"]

_JITTER = 0.1
"""Share of the median step that another may differ by, as where a clock is a little off."""


def read_times(values: NDArray[Any], column: str, where: str) -> NDArray[Any]:
    """Return times that can be put in order.

    Parameters
    ----------
    values
        The column as it was read: numbers, dates, or text.
    column, where
        What it is called, and the table, for messages.

    Returns
    -------
    ndarray of shape (n,)
        Numbers, or ``datetime64``; those with an offset from Greenwich as times there.

    Raises
    ------
    DataError
        If a time is missing, or is neither a number nor an ISO date or timestamp.

    Examples
    --------
    >>> read_times(np.array(["2014-07-01", "2014-07-01 00:30"]), "time", "t.csv")
    array(['2014-07-01T00:00:00.000000', '2014-07-01T00:30:00.000000'],
          dtype='datetime64[us]')
    """
    if values.dtype.kind in "iufMm":
        _check_present(np.isnan(values) if values.dtype.kind in "fMm" else None, column, where)
        return values.astype(np.int64) if values.dtype.kind in "iu" else values
    _check_present(np.array([is_missing(value) for value in values]), column, where)
    return np.array(
        [_parsed(str(value), row, column, where) for row, value in enumerate(values)],
        dtype="datetime64[us]",
    )


def is_missing(value: Any) -> bool:
    """Return whether a cell of a table holds nothing."""
    return value is None or value != value or str(value).strip() in ("", "NaT")


def _check_present(missing: NDArray[np.bool_] | None, column: str, where: str) -> None:
    if missing is None or not missing.any():
        return
    raise DataError(
        f"{where}: column {column!r} says when each row was, and {int(missing.sum())} of "
        f"{len(missing)} are missing, the first in row {int(missing.argmax())} (counted from 0). "
        "Fill them, or leave such rows out."
    )


def _parsed(text: str, row: int, column: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise DataError(
            f"{where}: column {column!r} must hold times, which are numbers or ISO dates and "
            f"timestamps such as 2014-07-01 or 2014-07-01 00:30:00; row {row} (counted from 0) "
            f"holds {text!r}."
        ) from None
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def irregularities(
    times: NDArray[Any], series: NDArray[np.int64], order: NDArray[np.int64]
) -> Iterator[str]:
    """Yield what is odd about the times of rows, as parts of a sentence.

    Parameters
    ----------
    times, series
        The time of each row, and the number of its series.
    order
        The rows by series, and in each by time.
    """
    by_series = np.argsort(series, kind="stable")
    late = _steps(times[by_series], series[by_series]) < times[:1] - times[:1]
    if n := int(late.sum()):
        yield f"{n} row{_s(n)} stood after later ones, and the rows were sorted"
    ordered, numbers = times[order], series[order]
    steps = _steps(ordered, numbers)
    same = steps == steps[:1] - steps[:1]
    if n := int(same.sum()):
        yield (
            f"{n} time{_s(n)} came more than once in a series and kept the order of the table "
            "(if it holds several series, name the column that tells them apart)"
        )
    yield from _uneven(ordered, numbers, steps[~same])


def _uneven(times: NDArray[Any], series: NDArray[np.int64], steps: NDArray[Any]) -> Iterator[str]:
    if not len(steps):
        return
    median = np.sort(steps)[len(steps) // 2]
    if (np.abs(steps - median) <= _JITTER * median).all():
        return
    within = np.flatnonzero(series[1:] == series[:-1])
    widest = within[np.argmax(_steps(times, series))]
    yield (
        f"steps differ: the median is {said(median)}, the largest {said(steps.max())} after "
        f"{said(times[widest])}, and windows take points as evenly spaced"
    )


def _steps(times: NDArray[Any], series: NDArray[np.int64]) -> NDArray[Any]:
    """Return from each point of a series to the next how much later it is."""
    steps: NDArray[Any] = np.diff(times)[series[1:] == series[:-1]]
    return steps


def said(time: Any) -> str:
    """Return a time, or a span of time, as people write it."""
    if time.dtype.kind == "M":
        return str(time.astype("datetime64[s]")).replace("T", " ")
    if time.dtype.kind == "m":
        return str(time.astype("timedelta64[us]").item())
    return f"{time:g}"


def _s(n: int) -> str:
    return "s" * (n != 1)
