"""Columns of Arrow tables, as arrays of numbers or of labels."""

from typing import Any

import numpy as np

__all__ = ["example", "labels", "numbers", "numeric_dtype"]


def numeric_dtype(kind: Any) -> np.dtype[Any] | None:
    """Return the type that the numbers of a column without gaps have as an array.

    Parameters
    ----------
    kind : pyarrow.DataType
        The type of the column.

    Returns
    -------
    dtype or None
        ``uint8`` for booleans, float64 for decimals and for columns of nothing, the same
        type for other numbers; None if the column holds no numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from espelho.data.formats.columns import numeric_dtype
    >>> numeric_dtype(pa.bool_()), numeric_dtype(pa.string())
    (dtype('uint8'), None)
    """
    from pyarrow import types

    if types.is_boolean(kind):
        return np.dtype(np.uint8)
    if types.is_decimal(kind) or types.is_null(kind):
        return np.dtype(np.float64)
    if types.is_integer(kind) or types.is_floating(kind):
        found: np.dtype[Any] = np.dtype(kind.to_pandas_dtype())
        return found
    return None


def numbers(column: Any) -> np.ndarray:
    """Return the numbers of a column, of a type for which `numeric_dtype` knows one.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        The column.

    Returns
    -------
    ndarray of shape (n,)
        The numbers; where some are missing, they are NaN among floats.
    """
    from pyarrow import types

    if types.is_boolean(column.type):
        return np.asarray(column.cast("uint8"))
    if types.is_decimal(column.type) or types.is_null(column.type):
        return np.asarray(column.cast("double"))
    return np.asarray(column)


def labels(column: Any) -> np.ndarray:
    """Return the labels of a column.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        The column, of any type.

    Returns
    -------
    ndarray of shape (n,)
        Numbers as numbers, missing ones NaN; anything else as strings, missing ones empty.
    """
    from pyarrow import types

    if types.is_dictionary(column.type):
        return labels(column.cast(column.type.value_type))
    found = np.array(column.cast("double") if types.is_decimal(column.type) else column)
    if found.dtype.kind != "O":
        return found
    return np.array(["" if label is None else str(label) for label in found], dtype=np.str_)


def example(column: Any) -> object:
    """Return the first value of a column that is not missing, or None.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        The column.

    Returns
    -------
    object
        The value, as Python has it.
    """
    present = column.drop_null()
    return present[0].as_py() if len(present) else None
