"""The kernel distance: the squared maximum mean discrepancy under a polynomial kernel."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.evaluation.generation.distances import compared, product_strips
from espelho.evaluation.generation.pairs import Kernel, PairSums, sums_of_divisions
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = ["KernelDistance", "kernel_distance"]

FEWEST = 4
MOST_BLOCKS = 20
"""Blocks of rows that are left out one after the other for the standard error."""


class KernelDistance(NamedTuple):
    """The kernel distance of two sets of rows.

    Attributes
    ----------
    distance : float
        The unbiased estimate; around zero, and often below it, where both are of one kind.
    standard_error : float
        By leaving out blocks of rows.
    """

    distance: float
    standard_error: float


class _Sums(NamedTuple):
    """Sums of the kernel over pairs within either set and between them, and their rows."""

    first: Any
    second: Any
    between: Any
    n: Any
    m: Any


def kernel_distance(
    samples: ArrayLike, X: ArrayLike, *, random_state: RandomState = 0
) -> KernelDistance:
    r"""Return the kernel distance of samples and data.

    The unbiased estimate over all pairs of rows of [1]_

    .. math::
        \mathrm{MMD}^2 = E\, k(s, s') + E\, k(x, x') - 2\, E\, k(s, x), \qquad
        k(a, b) = (a^T b / d + 1)^3

    for rows of `d` features, which compares means, covariances and third moments. Unlike the
    Frechet distance it is not larger for fewer rows.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Features of samples of a generator; at least four rows.
    X : array-like of shape (m, ...)
        Features of data; at least four rows.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows share a block, and so the standard error alone.

    Returns
    -------
    KernelDistance
        `distance` and `standard_error`.

    Raises
    ------
    DataError
        If there are fewer than four rows in either, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Notes
    -----
    The standard error is a jackknife: rows are cut at random into 20 blocks (or half as many as
    rows), and each block of either set is left out once. Its square is not too small in
    expectation (Efron and Stein 1981), and up to twice too large where both sets are of one kind.

    References
    ----------
    .. [1] M. Binkowski, D. Sutherland, M. Arbel and A. Gretton, "Demystifying MMD GANs",
       ICLR 2018.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(100, 2))
    >>> found = kernel_distance(rows[:50] + 1, rows[50:])
    >>> found.distance > 3 * found.standard_error
    True
    """
    first, second = compared(samples, X, fewest=FEWEST)
    n, m = len(first), len(second)
    n_blocks = min(MOST_BLOCKS, n // 2, m // 2)
    rng = as_generator(random_state)
    blocks = _blocks(n, n_blocks, rng), _blocks(m, n_blocks, rng)
    kernel = _cubic(first.shape[1])
    sums = sums_of_divisions(first, second, kernel, _divisions(*blocks), product_strips)
    whole, *left_out = _sums(sums, blocks)
    variance = sum((n_blocks - 1) * np.var(_discrepancy(part)) for part in left_out)
    return KernelDistance(float(_discrepancy(whole)), math.sqrt(variance))


def _cubic(d: int) -> Kernel:
    return lambda products: (products / d + 1) ** 3


def _blocks(n: int, n_blocks: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return ``(n, n_blocks)`` marks of which block each row is in."""
    return np.asarray(rng.permutation(n)[:, None] % n_blocks == np.arange(n_blocks))


def _divisions(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return marks of the rows of the first set, and of each block of either set."""
    n, m = len(first), len(second)
    whole = np.arange(n + m)[:, None] < n
    blocks = np.zeros((n + m, first.shape[1] + second.shape[1]), dtype=np.bool_)
    blocks[:n, : first.shape[1]] = first
    blocks[n:, first.shape[1] :] = second
    return np.hstack([whole, blocks])


def _sums(sums: PairSums, blocks: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Iterator[_Sums]:
    """Yield the sums of all rows, without each block of the first, of the second set."""
    first, second, between = (s[0] for s in (sums.first, sums.second, sums.between))
    n, m, n_blocks = sums.n, sums.m, blocks[0].shape[1]
    yield _Sums(first, second, between, n, m)
    in_block, across = sums.to_first[:n] @ blocks[0], sums.to_second[:n] @ blocks[0]
    left = first - 2 * in_block + sums.first[1 : n_blocks + 1]
    yield _Sums(left, second, between - across, n - blocks[0].sum(axis=0), m)
    in_block, across = sums.to_second[n:] @ blocks[1], sums.to_first[n:] @ blocks[1]
    left = second - 2 * in_block + sums.first[n_blocks + 1 :]
    yield _Sums(first, left, between - across, n, m - blocks[1].sum(axis=0))


def _discrepancy(s: _Sums) -> Any:
    """Return the unbiased estimate of the squared maximum mean discrepancy."""
    return s.first / (s.n * (s.n - 1)) + s.second / (s.m * (s.m - 1)) - 2 * s.between / (s.n * s.m)
