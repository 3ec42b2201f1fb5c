"""How real samples are and how much of the data they reach, by balls about the rows."""

import math
from collections.abc import Iterator
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike

from espelho.errors import DataError, SettingError
from espelho.evaluation.generation.distances import compared, distance_strips, on_device
from espelho.evaluation.generation.neighbours import neighbours
from espelho.evaluation.samples import Floats, Rows

__all__ = [
    "DensityCoverage",
    "PrecisionRecall",
    "density_coverage",
    "expected_coverage",
    "precision_recall",
]

ROUNDING = 1e-10
"""Share of the variance below which two squared distances are equal."""


class PrecisionRecall(NamedTuple):
    """Shares of samples among the data, and of the data among the samples.

    Attributes
    ----------
    precision : float
        Share of the samples that lie where data is.
    recall : float
        Share of the data that lies where samples are.
    """

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """How densely samples lie where data is, and how much of the data has a sample near.

    Attributes
    ----------
    density : float
        One in expectation where both are of one kind; above it where samples crowd.
    coverage : float
        Share of the data that has a sample nearby.
    """

    density: float
    coverage: float


def precision_recall(samples: ArrayLike, X: ArrayLike, *, n_neighbors: int = 3) -> PrecisionRecall:
    r"""Return the improved precision and recall of samples.

    A set reaches as far as the balls :math:`B(x_i)` about its rows whose radius is the
    distance from `x_i` to its `k`-th nearest other row. The precision is the share of samples
    in a ball of the data, the recall the share of the data in a ball of the samples [1]_.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Drawn from a generator; flattened; features at best, for images.
    X : array-like of shape (m, ...)
        Data. The figures depend on `n` and `m`: compare them at equal numbers only.
    n_neighbors : int, default=3
        Rows `k` that a ball reaches to.

    Returns
    -------
    PrecisionRecall
        `precision` and `recall`, from 0 to 1.

    Raises
    ------
    SettingError
        If `n_neighbors` is not a whole number of at least 1.
    DataError
        If either has no more rows than `n_neighbors`, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    References
    ----------
    .. [1] T. Kynkaanniemi, T. Karras, S. Laine, J. Lehtinen and T. Aila, "Improved precision
       and recall metric for assessing generative models", NeurIPS 2019.

    Examples
    --------
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> precision_recall([[0.1], [0.2]], X, n_neighbors=1)
    PrecisionRecall(precision=1.0, recall=0.25)
    """
    first, second = _sets(samples, X, n_neighbors)
    inside, _ = _inside(first, second, n_neighbors)
    reached, _ = _inside(second, first, n_neighbors)
    return PrecisionRecall(float((inside > 0).mean()), float((reached > 0).mean()))


def density_coverage(samples: ArrayLike, X: ArrayLike, *, n_neighbors: int = 5) -> DensityCoverage:
    r"""Return the density and coverage of samples.

    With the balls :math:`B(x_i)` of the data, as in :func:`precision_recall` [1]_,

    .. math::
        \text{density} = \frac{1}{k n} \sum_{j=1}^n \sum_{i=1}^m 1[s_j \in B(x_i)], \qquad
        \text{coverage} = \frac1m \sum_{i=1}^m 1[\exists j: s_j \in B(x_i)]

    No single outlier of the data, with its large ball, makes samples look real; and nothing is
    measured by balls of the samples, whose own outliers would cover the data.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Drawn from a generator; flattened; features at best, for images.
    X : array-like of shape (m, ...)
        Data.
    n_neighbors : int, default=5
        Rows `k` that a ball reaches to.

    Returns
    -------
    DensityCoverage
        ``density``, at least 0, and ``coverage``, from 0 to 1. Where both sets are of one kind,
        one in expectation, and :func:`expected_coverage`.

    Raises
    ------
    SettingError
        If `n_neighbors` is not a whole number of at least 1.
    DataError
        If either has no more rows than `n_neighbors`, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    References
    ----------
    .. [1] M. F. Naeem, S. J. Oh, Y. Uh, Y. Choi and J. Yoo, "Reliable fidelity and diversity
       metrics for generative models", ICML 2020.

    Examples
    --------
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> density_coverage([[0.1], [0.2]], X, n_neighbors=1)
    DensityCoverage(density=2.0, coverage=0.5)
    """
    found, _ = density_and_error(samples, X, n_neighbors)
    return found


def density_and_error(
    samples: ArrayLike, X: ArrayLike, n_neighbors: int = 5
) -> tuple[DensityCoverage, float]:
    """Return density and coverage, and the standard error of the density over samples."""
    first, second = _sets(samples, X, n_neighbors)
    balls, covered = _inside(first, second, n_neighbors)
    density = balls / n_neighbors
    error = float(density.std()) / math.sqrt(len(density))
    return DensityCoverage(float(density.mean()), float(covered.mean())), error


def expected_coverage(n_samples: int, n_data: int, n_neighbors: int = 5) -> float:
    r"""Return the coverage to expect where samples and data are of one kind.

    .. math::
        1 - \frac{(m - 1) \cdots (m - k)}{(n + m - 1) \cdots (n + m - k)}

    for `n` samples and `m` rows of data, whatever their distribution, if it is continuous
    (Naeem et al. 2020, lemma 2).

    Parameters
    ----------
    n_samples, n_data : int
        Numbers of rows.
    n_neighbors : int, default=5
        Rows `k` that a ball reaches to.

    Examples
    --------
    >>> round(expected_coverage(1000, 1000), 3)
    0.969
    """
    j = np.arange(1, n_neighbors + 1)
    return float(1 - np.prod((n_data - j) / (n_samples + n_data - j)))


def _sets(samples: ArrayLike, X: ArrayLike, n_neighbors: Any) -> tuple[Rows, Rows]:
    whole = isinstance(n_neighbors, Integral) and not isinstance(n_neighbors, bool)
    if not whole or n_neighbors < 1:
        raise SettingError(
            f"n_neighbors must be a whole number of at least 1, got {n_neighbors!r}."
        )
    first, second = compared(samples, X)
    for name, rows in (("samples", first), ("X", second)):
        if len(rows) <= n_neighbors:
            raise DataError(
                f"{name} must hold more rows than n_neighbors={n_neighbors}, got {len(rows)}. "
                "Draw or read more of them, or ask for fewer neighbours."
            )
    return first, second


def _inside(A: Rows, B: Rows, k: int) -> tuple[Floats, Floats]:
    """Return in how many balls of `B` each row of `A` is, and which balls of `B` hold one."""
    slack = ROUNDING * float(B.var(axis=0, dtype=np.float64).sum())
    radii = on_device(neighbours(B, B, k, own=True).squared[:, -1] + slack)
    counts, held = np.zeros(len(A)), np.zeros(len(B))
    for at, strip in distance_strips(A, B):
        for to, inside in _marks(strip, radii):
            counts[at] += inside.sum(dim=1).cpu().numpy()
            held[to] = np.maximum(held[to], inside.any(dim=0).cpu().numpy())
    return counts, held


def _marks(
    strip: Iterator[tuple[slice, torch.Tensor]], radii: torch.Tensor
) -> Iterator[tuple[slice, torch.Tensor]]:
    for to, squared in strip:
        yield to, squared <= radii[to]
