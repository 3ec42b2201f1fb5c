"""Means and deviations of columns that are not known whole."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["observed_moments"]


def observed_moments(
    blocks: Iterable[NDArray[np.floating]], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return means, sums of squared deviations and summed weights of what was observed.

    In one pass, block by block, each added to those before it (Chan, Golub and LeVeque 1979),
    every column over the rows that have it.

    Parameters
    ----------
    blocks
        Blocks of rows ``(m, d)``, NaN where an element is missing.
    weight
        Weights ``(n,)`` of all rows.

    Returns
    -------
    mean, squares, total : ndarray of shape (d,)
        All 0 for a column of which nothing was observed.

    Examples
    --------
    >>> rows = np.array([[1.0, np.nan], [3.0, 5.0]])
    >>> mean, squares, total = observed_moments([rows], np.ones(2))
    >>> mean.tolist(), squares.tolist(), total.tolist()
    ([2.0, 5.0], [2.0, 0.0], [2.0, 1.0])
    """
    mean: NDArray[np.float64] = np.zeros(())
    squares, total = mean, mean
    start = 0
    for block in blocks:
        own = weight[start : start + len(block), np.newaxis]
        start += len(block)
        seen = ~np.isnan(block)
        values = np.where(seen, block, 0.0).astype(np.float64)
        added = (own * seen).sum(axis=0)
        own_mean = (own * values).sum(axis=0) / _not_zero(added)
        between, total = own_mean - mean, total + added
        share = added / _not_zero(total)
        deviations = np.where(seen, values - own_mean, 0.0)
        squares = squares + (own * np.square(deviations)).sum(axis=0)
        squares += between**2 * (total - added) * share
        mean = mean + between * share
    return mean, squares, total


def _not_zero(total: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(total > 0, total, 1.0)
