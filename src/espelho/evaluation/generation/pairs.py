"""Sums over pairs of rows within and between two sets, for the sets as they are and relabelled.

A two-sample statistic that is made of mean kernel values needs three sums over pairs: within
either set, and between them. Under the null hypothesis the rows may change sets, so the same
statistic after random exchanges says how large it gets by chance (Gretton et al. 2012,
Szekely and Rizzo 2013).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from espelho.errors import SettingError
from espelho.evaluation.generation.distances import Strip, distance_strips, fill_own, on_device
from espelho.evaluation.samples import Floats, Rows
from espelho.random_variables.sampler import RandomState, as_generator

Kernel: TypeAlias = Callable[[Tensor], Tensor]
"""A function of squared distances, or of inner products."""

Strips: TypeAlias = Callable[[Rows, Rows], Iterator[tuple[slice, Strip]]]
"""What yields these, a block of rows at a time."""

ROUNDING = 1e-12
"""Statistics that are equal but for rounding, relative to the sums they are made of, are equal."""


@dataclass(frozen=True)
class PairSums:
    """Sums of a kernel over the pairs of different rows, for several divisions into two sets.

    Attributes
    ----------
    first, second : ndarray of shape (divisions,)
        Over ordered pairs within the first and the second set, a row with itself left out.
    between : ndarray of shape (divisions,)
        Over pairs of one from each.
    to_first, to_second : ndarray of shape (n + m,)
        For each row, over its pairs with either set as the sets are.
    n, m : int
        Rows of the first and of the second set.
    """

    first: Floats
    second: Floats
    between: Floats
    to_first: Floats
    to_second: Floats
    n: int
    m: int


def pair_sums(
    samples: Rows, X: Rows, kernel: Kernel, n_permutations: int, random_state: RandomState
) -> PairSums:
    """Return the sums for two sets as they are, then for random exchanges between them.

    Parameters
    ----------
    samples, X : ndarray of shape (n, d) and (m, d)
        The two sets.
    kernel : callable
        From squared distances to values of the kernel.
    n_permutations : int
        How many exchanges; each draws new sets of the same sizes from all rows.
    random_state : int, Generator, RandomState or None
        Decides which rows are exchanged.
    """
    labels = _divisions(len(samples), len(samples) + len(X), n_permutations, random_state)
    return sums_of_divisions(samples, X, kernel, labels)


def sums_of_divisions(
    samples: Rows,
    X: Rows,
    kernel: Kernel,
    divisions: NDArray[np.bool_],
    strips: Strips = distance_strips,
) -> PairSums:
    """Return the sums for chosen divisions of the rows of two sets.

    Parameters
    ----------
    samples, X : ndarray of shape (n, d) and (m, d)
        The two sets.
    kernel : callable
        From what `strips` yields to values of the kernel.
    divisions : ndarray of shape (n + m, divisions)
        Marks of the rows that count as the first set; of the first division, those of `samples`.
    strips : callable, default=distance_strips
        Yields squared distances, or `product_strips` inner products.
    """
    pooled = np.concatenate([samples, X])
    n, total = len(samples), len(pooled)
    labels = on_device(divisions)
    sums = np.zeros((3, divisions.shape[1]))
    rows = np.empty((2, total))
    for at, strip in strips(pooled, pooled):
        to_first, to_all = _row_sums(at, strip, labels, kernel)
        mine = labels[at].double()
        within = mine * to_first
        sums[0, :] += within.sum(dim=0).cpu().numpy()
        sums[1, :] += ((1 - mine) * (to_all[:, None] - to_first)).sum(dim=0).cpu().numpy()
        sums[2, :] += ((1 - mine) * to_first).sum(dim=0).cpu().numpy()
        rows[0, at] = to_first[:, 0].cpu().numpy()
        rows[1, at] = (to_all - to_first[:, 0]).cpu().numpy()
    return PairSums(sums[0], sums[1], sums[2], rows[0], rows[1], n, total - n)


def p_value(statistics: Floats, scale: float) -> float:
    r"""Return the permutation p-value of the first of several statistics.

    .. math:: p = \frac{1 + \#\{ T_b \geq T_0 \}}{1 + B}

    which is at most `alpha` with a probability of at most `alpha` under the null hypothesis,
    for any number `B` of exchanges [1]_.

    Parameters
    ----------
    statistics : ndarray of shape (1 + B,)
        As the sets are, then after each exchange.
    scale : float
        Size of the sums that they are made of: differences below its rounding are none.

    References
    ----------
    .. [1] B. Phipson and G. Smyth, "Permutation p-values should never be zero", Statistical
       Applications in Genetics and Molecular Biology 9, 2010.
    """
    as_large = statistics >= statistics[0] - ROUNDING * scale
    return float(as_large.mean())


def check_permutations(n_permutations: Any) -> int:
    """Return a number of exchanges, or raise unless it is a whole number of at least 0.

    Raises
    ------
    SettingError
        If it is not.
    """
    whole = isinstance(n_permutations, Integral) and not isinstance(n_permutations, bool)
    if not whole or n_permutations < 0:
        raise SettingError(
            f"n_permutations must be a whole number of at least 0, got {n_permutations!r}. "
            "500 give p-values down to 0.002; 0 leaves the p-value out."
        )
    return int(n_permutations)


def _divisions(
    n: int, total: int, n_permutations: int, random_state: RandomState
) -> NDArray[np.bool_]:
    """Return ``(n + m, 1 + permutations)`` marks of the rows that count as the first set."""
    labels = np.zeros((total, n_permutations + 1), dtype=np.bool_)
    labels[:n, 0] = True
    rng = as_generator(random_state)
    for b in range(1, n_permutations + 1):
        labels[rng.permutation(total)[:n], b] = True
    return labels


def _row_sums(at: slice, strip: Any, labels: Tensor, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """Return the sums of a block of rows over the first set of each division, and over all."""
    to_first = torch.zeros(at.stop - at.start, labels.shape[1], dtype=torch.float64)
    to_first = to_first.to(labels.device)
    to_all = torch.zeros_like(to_first[:, 0])
    for to, squared in strip:
        values = fill_own(kernel(squared), at, to, 0.0)
        to_first += values @ labels[to].double()
        to_all += values.sum(dim=1)
    return to_first, to_all
