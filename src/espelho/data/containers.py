"""Containers: what data came in as, and how results go back out as the same."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.checks import check_numeric_columns

__all__ = ["Container", "cast", "is_frame", "is_torch", "numpy_dtype", "unwrap"]


def is_frame(X: Any) -> bool:
    """Return whether something is a table of named columns, pandas' or polars'."""
    return hasattr(X, "columns") and (hasattr(X, "iloc") or hasattr(X, "schema"))


def is_torch(X: Any) -> bool:
    """Return whether something is a torch tensor, without importing torch."""
    return "torch" in sys.modules and isinstance(X, sys.modules["torch"].Tensor)


def unwrap(X: Any) -> Any:
    """Return what scikit-learn's validation takes: no tensors, no text columns.

    Parameters
    ----------
    X
        What the user handed in.

    Raises
    ------
    DataError
        If a table has columns that hold no numbers.
    """
    if is_torch(X):
        return X.detach().cpu().numpy()
    if is_frame(X):
        check_numeric_columns(X)
    return X


@dataclass(frozen=True, eq=False)
class Container:
    """What one data set came in as.

    Attributes
    ----------
    original
        The object that came in, kept for its labels and types only; ``None`` for an array.
    dtype
        The type of its values as one array.
    row_shape
        Shape of a row: ``(d,)``, or that of an image.
    """

    original: Any
    dtype: np.dtype[Any]
    row_shape: tuple[int, ...]

    @classmethod
    def of(cls, X: Any, values: Any) -> "Container":
        """Return the container of ``X``, whose values are ``values`` ``(n, ...)``."""
        special = is_frame(X) or is_torch(X)
        return cls(X if special else None, values.dtype, tuple(values.shape[1:]))

    @property
    def names(self) -> Sequence[str] | None:
        """The names of the columns, where there are any."""
        return [str(n) for n in self.original.columns] if is_frame(self.original) else None

    def wrap(self, values: NDArray[np.float64]) -> Any:
        """Return results ``(n, d)``, in the data's units, as what came in.

        Parameters
        ----------
        values
            As many rows as came in; rounded and kept in range where integers came in.
        """
        if is_frame(self.original):
            return self._frame(values)
        array = cast(values, self.dtype).reshape(len(values), *self.row_shape)
        return sys.modules["torch"].from_numpy(array) if is_torch(self.original) else array

    def _frame(self, values: NDArray[np.float64]) -> Any:
        frame = self.original
        dtypes = list(frame.dtypes)
        columns = {
            name: cast(values[:, i], numpy_dtype(dtypes[i]))
            for i, name in enumerate(frame.columns)
        }
        if hasattr(frame, "iloc"):
            made = sys.modules["pandas"].DataFrame(columns, index=frame.index)
            return made.astype(dict(zip(frame.columns, dtypes, strict=True)))
        return sys.modules["polars"].DataFrame(columns, schema=frame.schema)


def cast(values: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return real numbers in a type: rounded and kept in range where it is of integers.

    Parameters
    ----------
    values
        Numbers of any shape.
    dtype
        The type; for booleans, true is what is nearer to 1 than to 0.

    Examples
    --------
    >>> cast(np.array([-3.2, 7.6, 300.0]), np.dtype("uint8"))
    array([  0,   8, 255], dtype=uint8)
    """
    if dtype.kind == "b":
        return values > 0.5
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        rounded = np.rint(values)
        # A float64 cannot hold the largest int64: clip to what it can hold below it.
        top = np.nextafter(float(bounds.max), 0) if bounds.bits > 53 else float(bounds.max)
        return np.clip(rounded, float(bounds.min), top).astype(dtype)
    return values.astype(dtype, copy=False)


def numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """Return the NumPy type nearest to that of a column of any library."""
    name = str(dtype).lower().split("[")[0]
    if name.startswith("bool"):
        return np.dtype(bool)
    try:
        return np.dtype(name)
    except TypeError:
        return np.dtype(np.float64)
