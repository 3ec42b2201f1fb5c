"""Filling: data as it came in, with its gaps closed and nothing else touched."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import Container, cast, is_frame, is_torch, numpy_dtype

__all__ = ["fill", "fill_frame"]


def fill(
    X: Any,
    container: Container,
    values: NDArray[Any],
    marks: NDArray[np.bool_],
    found: NDArray[np.float64],
) -> Any:
    """Return data in its own container with values in place of what is missing.

    What is not missing is copied, never computed, so that it stays as it was to the last bit.

    Parameters
    ----------
    X
        What came in, as `Container.of` was given it.
    container
        Its container.
    values
        Its values as one array ``(n, d)``.
    marks
        Which elements are missing ``(n, d)``.
    found
        What to put there ``(n, d)``, in the data's units; rounded in columns of whole numbers.

    Returns
    -------
    ndarray, DataFrame or Tensor
        What X is; an array for nested lists.
    """
    if is_frame(X):
        return fill_frame(X, marks, found)
    filled = np.where(marks, cast(found, container.dtype), values)
    filled = filled.reshape(len(filled), *container.row_shape)
    return sys.modules["torch"].from_numpy(filled) if is_torch(X) else filled


def fill_frame(frame: Any, marks: NDArray[np.bool_], found: NDArray[np.float64]) -> Any:
    """Return a frame whose columns with gaps, of numbers, are others of the same types.

    Parameters
    ----------
    frame
        A frame of pandas or polars.
    marks, found
        As of `fill`.
    """
    places = np.flatnonzero(marks.any(axis=0)).tolist()
    if hasattr(frame, "iloc"):
        made = frame.copy()
        for i in places:
            made.isetitem(i, _pandas_column(frame.iloc[:, i], marks[:, i], found[:, i]))
        return made
    columns = [_polars_column(frame.to_series(i), marks[:, i], found[:, i]) for i in places]
    return frame.with_columns(columns)


def _pandas_column(column: Any, marks: NDArray[np.bool_], found: NDArray[np.float64]) -> Any:
    values = cast(found, numpy_dtype(column.dtype))
    return column.where(~marks, type(column)(values, index=column.index, dtype=column.dtype))


def _polars_column(column: Any, marks: NDArray[np.bool_], found: NDArray[np.float64]) -> Any:
    values = cast(found, numpy_dtype(column.dtype))
    made = type(column)(column.name, values).cast(column.dtype)
    return column.zip_with(type(column)(~marks), made)
