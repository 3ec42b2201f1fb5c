"""Samples as rows: flattened, cut into blocks, and drawn the same way every time."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.utils import check_random_state

from espelho.data.containers import is_frame, unwrap
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.errors import DataError

Rows: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]
Seed: TypeAlias = int | np.random.RandomState | None

BLOCK_ELEMENTS = 4_000_000  # 32 MB in float64


def as_rows(X: ArrayLike, name: str = "X") -> Rows:
    """Return samples of any shape as numeric rows.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Vectors, images, a table, a tensor or a sparse matrix, which is made dense;
        nothing else is copied where a view will do.
    name : str, default="X"
        What error messages call it.

    Returns
    -------
    ndarray of shape (n_samples, d)

    Raises
    ------
    DataError
        If there is no sample, or a value that is not a real number.
    """
    plain: Any = unwrap(X)
    if is_frame(plain):
        columns = [np.asarray(plain[column], dtype=np.float64) for column in plain.columns]
        plain = np.column_stack(columns) if columns else np.empty((len(plain), 0))
    values = np.asarray(plain.toarray() if sparse.issparse(plain) else plain)
    if values.ndim < 2 or values.size == 0:
        raise DataError(
            f"{name} must hold at least one sample and one feature, in an array of two or more "
            f"dimensions; got shape {values.shape}."
        )
    if values.dtype.kind not in "biuf":
        raise DataError(
            f"{name} must hold real numbers only, got dtype {values.dtype}. "
            "Encode or leave out columns of text before evaluating."
        )
    return values.reshape(len(values), -1)


def as_floats(X: ArrayLike, name: str = "X") -> Floats:
    """Return samples of any shape as float64 rows of their own, never a view."""
    return np.array(as_rows(X, name), dtype=np.float64, order="C")


def as_data(X: Any) -> Any:
    """Return `X` as it is, or as an array or sequences where it is a list."""
    if is_sequences(X):
        return Sequences.of(X)
    return X if hasattr(X, "shape") else np.asarray(X)


def alike(*sets: Any) -> tuple[Any, ...]:
    """Return data sets, or nothing, whose samples, if any are sequences, are padded alike."""
    if not any(isinstance(part, Sequences) for part in sets):
        return sets
    parts = [None if part is None else Sequences.of(list(part)) for part in sets]
    longest = max(part.n_steps for part in parts if part is not None)
    return tuple(None if part is None else part.padded_to(longest) for part in parts)


def take(X: Any, index: slice | NDArray[np.intp]) -> Any:
    """Return the rows of `X` at `index`, as the table, array or matrix that `X` is."""
    return X.iloc[index] if hasattr(X, "iloc") else X[index]


def with_decimals(X: Any) -> Any:
    """Return `X` in floating point, so that what an estimator gives back is not rounded."""
    if hasattr(X, "iloc"):
        return X.astype(np.float64)
    if hasattr(X, "schema"):  # polars
        return X.cast(float)
    if not hasattr(X, "astype"):
        return as_floats(X).reshape(X.shape)
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)


def blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Yield slices that cover `n_rows` in order, each of at most 32 MB in float64."""
    step = max(1, BLOCK_ELEMENTS // max(1, n_columns))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def draw(n_rows: int, max_rows: int, random_state: Seed = 0) -> NDArray[np.intp]:
    """Return at most `max_rows` of `n_rows` row numbers, drawn without replacement, in order."""
    if n_rows <= max_rows:
        return np.arange(n_rows)
    drawn = check_random_state(random_state).choice(n_rows, max_rows, replace=False)
    return np.sort(np.asarray(drawn, dtype=np.intp))
