"""Squared distances between two sets of rows, a block at a time."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from espelho.errors import DataError, ShapeError
from espelho.evaluation.samples import Floats, Rows, as_rows
from espelho.training.environment.device import find_device

Strip: TypeAlias = Iterator[tuple[slice, Tensor]]

BLOCK_ROWS = 1024
BLOCK_ELEMENTS = 16_000_000  # 128 MB in float64


def compared(
    samples: ArrayLike, X: ArrayLike, names: tuple[str, str] = ("samples", "X"), fewest: int = 1
) -> tuple[Rows, Rows]:
    """Return two data sets as rows that can be compared.

    Parameters
    ----------
    samples, X : array-like of shape (n, ...) and (m, ...)
        What is compared; samples are flattened.
    names : tuple of two str
        What error messages call them.
    fewest : int, default=1
        How many rows each must have.

    Raises
    ------
    DataError
        If one has too few rows, or a value that is not a finite number.
    ShapeError
        If their rows differ in size.
    """
    first, second = (checked(data, n, fewest) for data, n in zip((samples, X), names, strict=True))
    if first.shape[1] != second.shape[1]:
        raise ShapeError(
            f"{names[0]} and {names[1]} must hold rows of one size, got {first.shape[1]} elements "
            f"in {names[0]} and {second.shape[1]} in {names[1]}."
        )
    return first, second


def checked(X: ArrayLike, name: str, fewest: int = 1) -> Rows:
    """Return data as rows: so many of them at least, all finite.

    Raises
    ------
    DataError
        If there are too few, or a value is not a finite number.
    """
    rows = as_rows(X, name)
    if len(rows) < fewest:
        raise DataError(
            f"{name} must hold at least {fewest} rows for this figure, got {len(rows)}. "
            "Draw or read more of them."
        )
    step = _step(rows.shape[1])
    for start in range(0, len(rows), step):
        finite = np.isfinite(rows[start : start + step]).all(axis=1)
        if not finite.all():
            raise DataError(
                f"{name} must hold finite numbers only; row {start + int(finite.argmin())} has "
                "one that is not. Leave out such rows, or find out where they come from."
            )
    return rows


def distance_strips(A: Rows, B: Rows) -> Iterator[tuple[slice, Strip]]:
    r"""Yield the squared distances of rows of `A`, a block of them against all of `B` at a time.

    .. math:: \lVert a - b \rVert^2 = \lVert a \rVert^2 - 2 a^T b + \lVert b \rVert^2

    as matrix products in float64, about the mean of `B`, which keeps the digits that far
    from the origin would cancel. There is never more than a few blocks in memory.

    Parameters
    ----------
    A : ndarray of shape (n, d)
        Rows, in any type.
    B : ndarray of shape (m, d)
        Rows to measure to.

    Yields
    ------
    slice
        Which rows of `A`.
    iterator of (slice, Tensor)
        Which rows of `B`, and the squared distances ``(rows of A, rows of B)`` in float64,
        on the device: a GPU if there is one.
    """
    center, device = B.mean(axis=0, dtype=np.float64), _device()
    for at in _cuts(A):
        yield at, _strip(_moved(A[at], center, device), B, center)


def product_strips(A: Rows, B: Rows) -> Iterator[tuple[slice, Strip]]:
    """Yield the inner products of rows of `A`, a block of them with all of `B` at a time.

    Parameters
    ----------
    A, B : ndarray of shape (n, d) and (m, d)
        Rows, in any type.

    Yields
    ------
    slice
        Which rows of `A`.
    iterator of (slice, Tensor)
        Which rows of `B`, and the products ``(rows of A, rows of B)`` in float64, on the device.
    """
    center, device = np.zeros(A.shape[1]), _device()
    for at in _cuts(A):
        yield at, _products(_moved(A[at], center, device), B, center)


def on_device(values: NDArray[Any]) -> Tensor:
    """Return an array as a tensor where distances are computed."""
    return torch.from_numpy(values).to(_device())


def fill_own(values: Tensor, at: slice, to: slice, value: float) -> Tensor:
    """Fill in a block of pairs within one set where a row is paired with itself."""
    low, high = max(at.start, to.start), min(at.stop, to.stop)
    own = torch.arange(low, max(low, high), device=values.device)
    values[own - at.start, own - to.start] = value
    return values


def _strip(block: Tensor, B: Rows, center: Floats) -> Strip:
    squares = block.square().sum(dim=1)
    for at in _cuts(B):
        other = _moved(B[at], center, block.device)
        sums = squares[:, None] + other.square().sum(dim=1)
        yield at, sums.addmm_(block, other.T, alpha=-2).clamp_(min=0)


def _products(block: Tensor, B: Rows, center: Floats) -> Strip:
    for at in _cuts(B):
        yield at, block @ _moved(B[at], center, block.device).T


def _moved(rows: Rows, center: Floats, device: torch.device) -> Tensor:
    return torch.from_numpy(np.subtract(rows, center, dtype=np.float64)).to(device)


def _cuts(rows: Rows) -> Iterator[slice]:
    step = _step(rows.shape[1])
    for start in range(0, len(rows), step):
        yield slice(start, min(start + step, len(rows)))


def _step(n_columns: int) -> int:
    return max(1, min(BLOCK_ROWS, BLOCK_ELEMENTS // n_columns))


def _device() -> torch.device:
    found = find_device("auto")
    return torch.device("cpu") if found.type == "mps" else found  # there is no float64 on MPS
