"""Tables as Parquet files, read into memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.formats.columns import labels, numbers, numeric_dtype
from espelho.data.formats.content import Choice, Content
from espelho.data.formats.footers import Footers, reading
from espelho.data.tables.table import Table
from espelho.errors import DataError

__all__ = ["read_parquet", "read_table", "read_target"]


def read_parquet(path: Path, choice: Choice) -> Content:
    """Read a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    choice : Choice
        Which columns become ``X`` and ``y``.

    Returns
    -------
    Content
        As `read_table` returns it.

    Raises
    ------
    FileError
        If it is damaged, or not of this format.
    DataError
        If it has no rows, or a column is unknown or not numeric.
    """
    return read_table(Footers.of([path], choice))


def read_table(footers: Footers) -> Content:
    """Read Parquet files that make one table.

    Parameters
    ----------
    footers : Footers
        The files, and which columns are taken.

    Returns
    -------
    Content
        ``X`` with the dtype that all columns of all files share, booleans as ``uint8``, or
        else float64; or a `Table` where a column holds no numbers. Missing numbers are NaN.

    Raises
    ------
    FileError
        If a file is damaged.
    """
    if not footers.all_numbers:
        return _with_categories(footers)
    wanted = [*footers.features, *([] if footers.target is None else [footers.target])]
    tables = [_read(path, wanted) for path in footers.files]
    columns = [[numbers(table.column(name)) for name in footers.features] for table in tables]
    X = _stacked([column for column in columns if len(column[0])])
    y = None if footers.target is None else _joined(tables, footers.target)
    return Content(X, y, footers.features, footers.target)


def _with_categories(footers: Footers) -> Content:
    """Read files some of whose columns hold no numbers, as a table of columns of their own."""
    wanted = [*footers.features, *([] if footers.target is None else [footers.target])]
    tables = [_read(path, wanted) for path in footers.files]
    for name in footers.features:
        _check_plain(name, tables[0].column(name).type)
    parts = [[_values(table.column(name)) for table in tables] for name in footers.features]
    X = Table(footers.features, [np.concatenate(part) for part in parts])
    y = None if footers.target is None else _joined(tables, footers.target)
    return Content(X, y, footers.features, footers.target)


def _check_plain(name: str, kind: Any) -> None:
    import pyarrow as pa

    if pa.types.is_nested(kind):
        raise DataError(
            f"Column {name!r} is of type {kind}: each of its values holds others. Make a column "
            "of each, or leave it out (drop=, --drop)."
        )


def _values(column: Any) -> np.ndarray:
    """Return a column as it is: of numbers, booleans, or words, none where they are missing."""
    if numeric_dtype(column.type) is None:
        return np.array([*map(_word, column.to_pylist()), None], dtype=object)[:-1]
    if str(column.type) != "bool":
        return numbers(column)
    return np.array(column.to_pylist())  # of objects where some are missing


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def read_target(footers: Footers) -> np.ndarray | None:
    """Read the labels of Parquet files that make one table.

    Parameters
    ----------
    footers : Footers
        The files, and the column that is the target.

    Returns
    -------
    ndarray of shape (n,) or None
        The labels; None if no column is the target.

    Raises
    ------
    FileError
        If a file is damaged.
    """
    if footers.target is None:
        return None
    return _joined([_read(path, [footers.target]) for path in footers.files], footers.target)


def _read(path: Path, columns: Sequence[str]) -> Any:
    from pyarrow import parquet

    with reading(path), parquet.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns=list(columns)).select(list(columns))


def _joined(tables: Sequence[Any], name: str) -> np.ndarray:
    parts = [labels(table.column(name)) for table in tables if table.num_rows]
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _stacked(files: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    dtypes = {column.dtype for columns in files for column in columns}
    n_rows = sum(len(columns[0]) for columns in files)
    X = np.empty((n_rows, len(files[0])), dtypes.pop() if len(dtypes) == 1 else np.float64)
    start = 0
    for columns in files:
        stop = start + len(columns[0])
        for position, column in enumerate(columns):
            X[start:stop, position] = column
        start = stop
    return X
