"""Whether samples are copies: their nearest training rows, beside those of held-out rows."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from espelho.evaluation.generation.distances import compared
from espelho.evaluation.generation.neighbours import exact_distances, neighbours
from espelho.evaluation.samples import Floats, Rows

__all__ = ["Memorisation", "memorisation"]

COPY = 0.1
"""A row this near to a training row, in median distances of held-out rows, is a copy of it."""


class Memorisation(NamedTuple):
    """How near samples are to training rows, beside held-out rows.

    Attributes
    ----------
    nearer : float
        Probability that a sample is nearer to its nearest training row than a held-out row to
        its own: 0.5 for samples like new data, 1 for copies, 0 for samples far from all data.
    z : float
        The same in standard errors: below -3 or so, samples are nearer than chance explains,
        above 3 farther.
    copies, held_out_copies : float
        Shares of samples and of held-out rows at less than a tenth of the median distance of
        held-out rows.
    distances : ndarray of shape (n,)
        Of each sample to its nearest training row.
    indices : ndarray of shape (n,)
        Which training row that is.
    held_out_distances : ndarray of shape (m,)
        Of each held-out row to its nearest training row.
    held_out_indices : ndarray of shape (m,)
        Which training row that is.
    """

    nearer: float
    z: float
    copies: float
    held_out_copies: float
    distances: Floats
    indices: NDArray[np.intp]
    held_out_distances: Floats
    held_out_indices: NDArray[np.intp]


def memorisation(samples: ArrayLike, X_train: ArrayLike, X: ArrayLike) -> Memorisation:
    r"""Return how near samples are to training rows, beside held-out rows.

    A sample that repeats a training row is near to it; but how near is too near? As near as
    no new row comes. With the distances `d` to the nearest training row,

    .. math:: \text{nearer} = P(d(s) < d(x)) + \tfrac12 P(d(s) = d(x))

    over all pairs of a sample and a held-out row; `z` is the Mann-Whitney statistic,
    standardised with ties: the data-copying test of Meehan et al. with a single cell [1]_.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Drawn from a generator; flattened.
    X_train : array-like of shape (n_train, ...)
        What the generator was trained on.
    X : array-like of shape (m, ...)
        Held-out data of the same kind.

    Returns
    -------
    Memorisation
        `nearer`, `z`, `copies`, `held_out_copies`, and the distances and indices for pictures
        of samples beside their nearest training rows.

    Raises
    ------
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If the three differ in size.

    Notes
    -----
    One cell sees the whole space: copies in one region can hide behind samples that are too
    far away in another. In pixels a shift of an image makes it look new; measure on features
    where that matters.

    References
    ----------
    .. [1] C. Meehan, K. Chaudhuri and S. Dasgupta, "A non-parametric test to detect
       data-copying in generative models", AISTATS 2020.

    Examples
    --------
    >>> X_train, held_out = [[0.0], [1.0], [2.0]], [[0.4], [1.5]]
    >>> found = memorisation([[1.0], [2.0]], X_train, held_out)
    >>> found.nearer, found.copies, found.indices.tolist()
    (1.0, 1.0, [1, 2])
    """
    first, train = compared(samples, X_train, ("samples", "X_train"))
    held_out, _ = compared(X, train, ("X", "X_train"))
    distances, indices = _nearest(first, train)
    others, other_indices = _nearest(held_out, train)
    nearer, z = _mann_whitney(distances, others)
    limit = COPY * float(np.median(others))
    copies, held_out_copies = (float((d <= limit).mean()) for d in (distances, others))
    return Memorisation(
        nearer, z, copies, held_out_copies, distances, indices, others, other_indices
    )


def _nearest(rows: Rows, train: Rows) -> tuple[Floats, NDArray[np.intp]]:
    indices = neighbours(rows, train, 1).indices[:, 0]
    return exact_distances(rows, train, indices), indices


def _mann_whitney(distances: Floats, others: Floats) -> tuple[float, float]:
    """Return the share of pairs in which a sample is nearer, and how far from chance it is."""
    n, m = len(distances), len(others)
    ranks = stats.rankdata(np.concatenate([distances, others]))
    farther = (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)

    error = float(ranks.std()) / math.sqrt(n * m * (n + m - 1))
    return 1 - float(farther), float((farther - 0.5) / error) if error > 0 else 0.0
