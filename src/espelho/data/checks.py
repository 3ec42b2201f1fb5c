"""Checks of values that no model can learn from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real
from shlex import quote
from typing import Any, NamedTuple

import numpy as np

from espelho.data.stored.base import Stored
from espelho.errors import DataError

__all__ = ["check_finite", "check_numeric_columns", "non_numeric"]

_BLOCK = 2**20
_NAMED = 5
_NAMED_COLUMNS = 30
_NUMERIC_KINDS = "biuf"


class _Faults(NamedTuple):
    n_nan: int
    n_infinite: int
    rows: np.ndarray
    columns: np.ndarray


def check_finite(
    X: Any, names: Sequence[str] | None = None, *, gaps: bool = False, advice: str = ""
) -> None:
    """Refuse data that holds NaN or infinity.

    The data is gone through in blocks, so that clean data costs one pass and about a
    megabyte of memory. Data of another dtype than floats passes.

    Parameters
    ----------
    X : ndarray of shape (n, ...), SciPy sparse array or matrix, or Stored
        The samples. On disk, rows of a view are named by their numbers in the files.
    names : sequence of str, optional
        The names of the columns; without them columns are named by their index.
    gaps : bool, default=False
        Whether NaN is let pass, as what is missing; not in sparse data, where nothing may be.
    advice : str, optional
        What else can be done about NaN, as a sentence.

    Raises
    ------
    DataError
        If a value is not finite. The message says how many are NaN and how many infinite,
        and in which rows (counted from 0) and columns.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.data.checks import check_finite
    >>> check_finite(np.zeros((3, 2)))
    >>> check_finite(np.array([[1.0, np.nan], [2.0, 3.0]]), ["age", "height"])
    Traceback (most recent call last):
        ...
    espelho.errors.DataError: X must hold finite numbers, but it holds 1 NaN: in row 0
    (counted from 0), column 'height'. Remove such rows or columns, or fill the gaps first,
    for example with scikit-learn's SimpleImputer.
    """
    if X.dtype.kind != "f":
        return
    if hasattr(X, "tocsr"):
        rows = X.tocsr()
        if not np.isfinite(rows.data).all():
            raise _not_finite(_faults_of_sparse(rows), names, advice)
    elif gaps:
        if any(np.isinf(block).any() for _, block in _blocks(X)):
            raise _not_finite(_faults_of_dense(X, gaps=True), names)
    elif not all(np.isfinite(block).all() for _, block in _blocks(X)):
        raise _not_finite(_faults_of_dense(X), names, advice)


def check_numeric_columns(frame: Any) -> None:
    """Refuse a table with columns that are not numbers.

    Booleans count as numbers, and so does a column of Python objects that are all numbers
    or missing. Anything without columns and their dtypes, such as an array, passes.

    Parameters
    ----------
    frame : pandas.DataFrame or polars.DataFrame
        The table.

    Raises
    ------
    DataError
        If a column is not numeric. The message names every such column with an example.

    Examples
    --------
    >>> import pandas as pd
    >>> from espelho.data.checks import check_numeric_columns
    >>> check_numeric_columns(pd.DataFrame({"age": [31, 40], "member": [True, False]}))
    """
    if not (hasattr(frame, "columns") and hasattr(frame, "dtypes")):
        return
    examples = {}
    for position, (name, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True)):
        if not _is_numeric(dtype):
            present = _present_values(frame, position)
            if str(dtype) != "object" or not all(isinstance(value, Real) for value in present):
                examples[str(name)] = next(iter(present), None)
    if examples:
        raise non_numeric(examples, where="The table")


def non_numeric(examples: Mapping[str, object], *, where: str) -> DataError:
    """Make the error about columns that are not numbers.

    Parameters
    ----------
    examples : mapping from str to object
        The columns at fault, each with one of its values, or None if it has none.
    where : str
        The file or object that has these columns.

    Returns
    -------
    DataError
        To be raised.
    """
    named = [
        repr(name) if value is None else f"{name!r} (for example {value!r})"
        for name, value in examples.items()
    ]
    advice = (
        "Select numeric columns (columns=, or --columns on the command line), leave these "
        "out (drop=, --drop), or encode them as numbers first."
    )
    if len(examples) == 1:
        only = next(iter(examples))
        advice += (
            f" If {only!r} holds the labels, set it aside (target={only!r}, or "
            f"--target {quote(only)})."
        )
    return DataError(
        f"{where} has {len(examples)} column{_s(len(examples))} without numbers: "
        f"{_listed(named, _NAMED_COLUMNS)}. {advice}"
    )


def _is_numeric(dtype: Any) -> bool:
    if hasattr(dtype, "is_numeric"):
        return bool(dtype.is_numeric()) or str(dtype) == "Boolean"
    return dtype.kind in _NUMERIC_KINDS


def _present_values(frame: Any, position: int) -> Iterable[object]:
    if hasattr(frame, "iloc"):
        present: Iterable[object] = frame.iloc[:, position].dropna()
    else:
        present = frame.to_series(position).drop_nulls()
    return present


def _blocks(X: np.ndarray | Stored) -> Iterator[tuple[int, np.ndarray]]:
    step = max(1, _BLOCK * len(X) // max(1, X.size))
    for start in range(0, len(X), step):
        yield start, X[start : start + step]


def _faults_of_dense(X: np.ndarray | Stored, *, gaps: bool = False) -> _Faults:
    n_nan, n_infinite = 0, 0
    rows = np.zeros(len(X), dtype=bool)
    columns = np.zeros(X.shape[1:], dtype=bool)
    for start, block in _blocks(X):
        n_nan += 0 if gaps else int(np.isnan(block).sum())
        n_infinite += int(np.isinf(block).sum())
        at_fault = np.isinf(block) if gaps else ~np.isfinite(block)
        rows[start : start + len(block)] = at_fault.reshape(len(block), -1).any(axis=1)
        columns |= at_fault.any(axis=0)
    numbers = np.flatnonzero(rows)
    named = X.numbered(numbers) if isinstance(X, Stored) else numbers
    return _Faults(n_nan, n_infinite, named, np.argwhere(columns))


def _faults_of_sparse(X: Any) -> _Faults:
    cells = X.tocoo()
    n_nan, n_infinite = int(np.isnan(cells.data).sum()), int(np.isinf(cells.data).sum())
    at_fault = ~np.isfinite(cells.data)
    columns = np.unique(cells.col[at_fault])[:, np.newaxis]
    return _Faults(n_nan, n_infinite, np.unique(cells.row[at_fault]), columns)


def _not_finite(faults: _Faults, names: Sequence[str] | None, advice: str = "") -> DataError:
    counts = []
    if faults.n_nan:
        counts.append(f"{faults.n_nan} NaN")
    if faults.n_infinite:
        counts.append(f"{faults.n_infinite} value{_s(faults.n_infinite)} of infinity")
    where = f"row{_s(len(faults.rows))} {_listed(faults.rows.tolist(), _NAMED)} (counted from 0)"
    if faults.columns.size:
        columns = [_column(place, names) for place in faults.columns.tolist()]
        where += f", column{_s(len(columns))} {_listed(columns, _NAMED)}"
    return DataError(
        f"X must hold finite numbers, but it holds {' and '.join(counts)}: in {where}. "
        "Remove such rows or columns, or fill the gaps first, for example with "
        f"scikit-learn's SimpleImputer.{_more(advice, faults)}"
    )


def _more(advice: str, faults: _Faults) -> str:
    return f" {advice}" if advice and faults.n_nan else ""


def _column(place: list[int], names: Sequence[str] | None) -> str:
    if len(place) > 1:
        return str(tuple(place))
    return str(place[0]) if names is None else repr(names[place[0]])


def _listed(items: Sequence[object], most: int) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(map(str, items[:most])) + more


def _s(count: int) -> str:
    return "s" if count != 1 else ""
