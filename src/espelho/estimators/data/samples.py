"""Samples: what an estimator makes of the data it is handed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from espelho.data.checks import check_finite
from espelho.data.containers import Container, is_frame, unwrap
from espelho.data.scaling import Scaling, blocks
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.data.stored.base import Stored
from espelho.data.tables.layout import check_numbers
from espelho.errors import DataError, ShapeError
from espelho.estimators.data.tables import read_table, takes_categories

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Samples", "check_weights", "numbered", "read", "spread", "takes_gaps"]

_VECTOR = 2


@dataclass(frozen=True, eq=False)
class Samples:
    """Checked data.

    Attributes
    ----------
    values
        Rows ``(n, d)``, samples flattened: an array, a sparse matrix, or `Stored` on disk.
    container
        What they came in as.
    sample_shape
        Shape of one sample.
    """

    values: Any
    container: Container
    sample_shape: tuple[int, ...]

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def take(self, rows: NDArray[Any]) -> "Samples":
        """Return some of the rows, by their numbers in ascending order."""
        return Samples(self.values[rows], self.container, self.sample_shape)


def spread(n_rows: int, most: int) -> NDArray[np.int64]:
    """Return the numbers of all rows, or of so many that are evenly spread, in order.

    Examples
    --------
    >>> spread(3, 10), spread(100, 3)
    (array([0, 1, 2]), array([ 0, 49, 99]))
    """
    return np.linspace(0, n_rows - 1, min(most, n_rows)).astype(np.int64)


def numbered(parts: Iterable[NDArray[Any]]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Return blocks that follow each other, each with the numbers of its rows."""
    start = 0
    for part in parts:
        yield slice(start, start + len(part)), part
        start += len(part)


def read(estimator: Any, X: Any, *, reset: bool) -> Samples:
    """Check data and remember what it came in as.

    Parameters
    ----------
    estimator
        Whose data it is: ``sample_shape`` is read, and ``n_features_in_`` and
        ``feature_names_in_`` are set or compared.
    X
        Rows ``(n, d)`` as array, sparse matrix, table, tensor or nested list; or an array
        ``(n, *sample)``.
    reset
        Whether this is the data to learn from.

    Raises
    ------
    DataError
        If there is a value that is not finite, or no number, or no row.
    ShapeError
        If samples have another shape than the estimator's.
    """
    gaps = takes_gaps(estimator) and (reset or estimator.scaling_.stand_ins is not None)
    advice = "" if gaps else _advice(estimator)
    if takes_categories(estimator, X, reset=reset):
        numbers, table = read_table(estimator, X, reset=reset, gaps=gaps, advice=advice)
        return Samples(numbers, table, numbers.shape[1:])
    values = X if isinstance(X, Stored) else _in_memory(estimator, X, reset=reset)
    container = Container.of(X, values)
    names = values.names if isinstance(values, Stored) else container.names
    check_finite(values, names, gaps=gaps, advice=advice)
    d = prod(values.shape[1:])
    if reset:
        estimator.n_features_in_ = d
        shape = _sample_shape(estimator.sample_shape, values.shape[1:])
    else:
        shape = estimator.sample_shape_
        _check_shape(estimator, values.shape)
    return Samples(_flat(values, d), container, shape)


def takes_gaps(estimator: Any) -> bool:
    """Return whether an estimator takes data of which elements are missing, as NaN."""
    return getattr(estimator, "missing", "error") == "mask"


def _advice(estimator: Any) -> str:
    """Return what else can be done about gaps, where the estimator can take them."""
    if not hasattr(estimator, "missing"):
        return ""
    return f"Or let {type(estimator).__name__} learn across them: fit it with missing='mask'."


def _in_memory(estimator: Any, X: Any, *, reset: bool) -> Any:
    if isinstance(X, Sequences) or (is_sequences(X) and len({len(x) for x in X}) > 1):
        raise ShapeError(
            f"X is a list of samples that differ in length, and {type(estimator).__name__} takes "
            "samples of one shape. LSTMAutoencoder takes sequences of any length."
        )
    if not reset and getattr(estimator, "_takes_tables", False):
        check_numbers(X)
    plain = unwrap(X)
    try:
        return _checked(estimator, plain, reset=reset)
    except ValueError as error:
        raise DataError(str(error)) from error


def _checked(estimator: Any, plain: Any, *, reset: bool) -> Any:
    """Return the values as scikit-learn sees them, with its own messages."""
    values = check_array(
        plain,
        accept_sparse="csr",
        dtype="numeric",
        ensure_all_finite=False,
        allow_nd=True,
        estimator=estimator,
        input_name="X",
    )
    if values.dtype.kind == "O":  # nested lists that hold None
        values = values.astype(np.float64)
    if values.ndim == _VECTOR:
        names = plain if is_frame(plain) else values
        validate_data(estimator, names, reset=reset, skip_check_array=True)
    return values


def check_weights(sample_weight: Any, samples: Samples) -> NDArray[np.float64] | None:
    """Return weights ``(n,)``, or nothing where all are alike.

    Raises
    ------
    ShapeError
        If there are not as many as rows.
    DataError
        If they are negative, or all zero.
    """
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, dtype=np.float64)
    weight = np.full(len(samples), weight) if weight.ndim == 0 else weight
    if weight.shape != (len(samples),):
        raise ShapeError(
            f"sample_weight must have shape ({len(samples)},), one weight a row of X, got "
            f"{weight.shape}."
        )
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise DataError(
            "sample_weight must hold finite numbers of at least 0; "
            f"{int((~(np.isfinite(weight) & (weight >= 0))).sum())} of {len(weight)} are not."
        )
    if not weight.any():
        raise DataError(
            "Sample weights must contain at least one non-zero number; sample_weight holds "
            f"{len(weight)} zeros, so there is no row to learn from."
        )
    return None if np.ptp(weight) == 0 else weight


def tensors(
    values: Any, scaling: Scaling, shape: tuple[int, ...], like: "Tensor", *, multiple: int = 1
) -> "Iterator[tuple[NDArray[Any], Tensor]]":
    """Return blocks of rows, each as it is and as the network sees it.

    Parameters
    ----------
    values
        Rows ``(n, d)``, an array or a sparse matrix.
    scaling
        Into the units of the network.
    shape
        Shape of one sample inside the network.
    like
        A tensor of the type and on the device that is wanted.
    multiple
        What the number of rows in a block, but the last one, is a multiple of.
    """
    import torch

    dtype = np.float64 if like.dtype == torch.float64 else np.float32
    for block in blocks(values, multiple=multiple):
        scaled = torch.from_numpy(scaling.forward(block, dtype))
        yield block, scaled.reshape(len(block), *shape).to(like.device)


def stand_ins(scaling: Scaling, shape: tuple[int, ...], like: "Tensor") -> "Tensor | None":
    """Return what stands for elements that are missing, or nothing where none may be.

    Parameters
    ----------
    scaling, shape, like
        As in `tensors`.
    """
    import torch

    if scaling.stand_ins is None:
        return None
    return torch.from_numpy(scaling.stand_ins).to(like.dtype).reshape(shape).to(like.device)


def observed(values: Any, scaling: Scaling, x: "Tensor") -> "Tensor | None":
    """Return which elements of samples were observed, or nothing where all were.

    Parameters
    ----------
    values
        Rows ``(n, d)`` in the data's units.
    scaling
        Into the units of the network.
    x
        What the network sees of them ``(n, *sample)``.
    """
    import torch

    marks = scaling.gaps(values)
    return None if marks is None else torch.from_numpy(~marks).reshape(x.shape).to(x.device)


def _flat(values: Any, d: int) -> Any:
    if isinstance(values, Stored):
        return values.flat()
    if values.ndim > _VECTOR:
        return values.reshape(len(values), d)
    return values


def _sample_shape(setting: tuple[int, ...] | None, row_shape: tuple[int, ...]) -> tuple[int, ...]:
    if setting is None:
        return tuple(row_shape)
    setting = tuple(setting)
    inner = tuple(n for n in setting if n > 1)
    flat = len(row_shape) == 1
    fits = (
        prod(setting) == prod(row_shape) if flat else inner == tuple(n for n in row_shape if n > 1)
    )
    if not fits:
        raise ShapeError(
            f"sample_shape={setting} has {prod(setting)} elements, but a row of X has the shape "
            f"{tuple(row_shape)} with {prod(row_shape)}. Set sample_shape to the shape of one "
            "sample, or leave it out."
        )
    return setting


def _check_shape(estimator: Any, shape: tuple[int, ...]) -> None:
    row, d = tuple(shape[1:]), estimator.n_features_in_
    flat = len(row) == 1 and row[0] == d
    if not flat and row not in (estimator.row_shape_, estimator.sample_shape_):
        raise ShapeError(
            f"X has {prod(row)} features (rows of shape {row}), but {type(estimator).__name__} is "
            f"expecting {d} features as input (rows of shape {estimator.row_shape_}), as it was "
            "fitted."
        )
