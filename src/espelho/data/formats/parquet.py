"""Tables as Parquet files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.checks import non_numeric
from espelho.data.formats.content import Choice, Content
from espelho.errors import DataError, FileError

__all__ = ["column_dtypes", "read_parquet"]


def column_dtypes(path: Path, names: Sequence[str]) -> list[np.dtype[Any]]:
    """Return the types of some numeric columns of a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    names : sequence of str
        The columns.

    Returns
    -------
    list of dtype
        One for each column.
    """
    from pyarrow import parquet

    schema = parquet.read_schema(path)
    return [np.dtype(schema.field(name).type.to_pandas_dtype()) for name in names]


def read_parquet(path: Path, choice: Choice) -> Content:
    """Read a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    choice : Choice
        Which columns become ``X`` and ``y``. What pandas stored as the index of its rows is
        no column, unless it is asked for.

    Returns
    -------
    Content
        ``X`` with the dtype that all its columns share, booleans as ``uint8``, or else
        float64. Missing numbers are NaN.

    Raises
    ------
    FileError
        If it is damaged, or not of this format.
    DataError
        If it has no rows, or a column is unknown or not numeric.
    """
    import pyarrow as pa
    from pyarrow import parquet

    where = str(path)
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            features = _features(file.schema_arrow, choice, where)
            wanted = features if choice.target is None else [*features, choice.target]
            table = file.read(columns=wanted).select(wanted)
    except DataError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise FileError(
            f"{where} is not a Parquet file, or it is truncated or damaged ({error})."
        ) from error
    if table.num_rows == 0:
        raise DataError(f"{where} has {table.num_columns} columns and 0 rows of data.")
    X = _matrix(table.select(features), where)
    y = None if choice.target is None else _labels(table.column(choice.target))
    return Content(X, y, tuple(features), choice.target)


def _features(schema: Any, choice: Choice, where: str) -> list[str]:
    if choice.columns is None:
        stored = (schema.pandas_metadata or {}).get("index_columns", [])
        index = {name for name in stored if isinstance(name, str)}
        choice = replace(choice, columns=tuple(n for n in schema.names if n not in index))
    return choice.features(schema.names, where)


def _matrix(table: Any, where: str) -> np.ndarray:
    columns = {name: _numbers(table.column(name)) for name in table.column_names}
    examples = {
        name: _example(table.column(name)) for name, numbers in columns.items() if numbers is None
    }
    if examples:
        raise non_numeric(examples, where=where)
    return _stacked([numbers for numbers in columns.values() if numbers is not None])


def _stacked(columns: Sequence[np.ndarray]) -> np.ndarray:
    dtypes = {column.dtype for column in columns}
    X = np.empty((len(columns[0]), len(columns)), dtypes.pop() if len(dtypes) == 1 else np.float64)
    for position, column in enumerate(columns):
        X[:, position] = column
    return X


def _numbers(column: Any) -> np.ndarray | None:
    from pyarrow import types

    kind = column.type
    if types.is_boolean(kind):
        return np.asarray(column.cast("uint8"))
    if types.is_decimal(kind) or types.is_null(kind):
        return np.asarray(column.cast("double"))
    return np.asarray(column) if types.is_integer(kind) or types.is_floating(kind) else None


def _example(column: Any) -> object:
    present = column.drop_null()
    return present[0].as_py() if len(present) else None


def _labels(column: Any) -> np.ndarray:
    from pyarrow import types

    if types.is_dictionary(column.type):
        return _labels(column.cast(column.type.value_type))
    labels = np.array(column.cast("double") if types.is_decimal(column.type) else column)
    if labels.dtype.kind != "O":
        return labels
    return np.array(["" if label is None else str(label) for label in labels], dtype=np.str_)
