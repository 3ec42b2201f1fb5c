"""Tests of whether two sets of rows come from one distribution: MMD and energy distance."""

import math
from numbers import Real
from typing import Any, NamedTuple

import torch
from numpy.typing import ArrayLike
from scipy import stats

from espelho.errors import SettingError
from espelho.evaluation.generation.bandwidth import check_bandwidth, median_bandwidth
from espelho.evaluation.generation.distances import compared
from espelho.evaluation.generation.pairs import (
    Kernel,
    PairSums,
    check_permutations,
    p_value,
    pair_sums,
)
from espelho.evaluation.samples import Rows
from espelho.random_variables.sampler import RandomState

__all__ = ["MMDTest", "TwoSampleTest", "energy_test", "mmd_test"]


class TwoSampleTest(NamedTuple):
    """A statistic of two samples, and how probable one as large is if they are of one kind.

    Attributes
    ----------
    statistic : float
        The distance between the two.
    p_value : float
        By permutation; not a number where none were asked for.
    """

    statistic: float
    p_value: float


class MMDTest(NamedTuple):
    """An estimate of the squared maximum mean discrepancy, and what chance makes of it.

    Attributes
    ----------
    statistic : float
        The unbiased estimate; around zero, and often below it, where the two are of one kind.
    p_value : float
        By permutation; not a number where none were asked for.
    low, high : float
        Confidence interval of the true value.
    bandwidth : float
        Width of the kernel.
    """

    statistic: float
    p_value: float
    low: float
    high: float
    bandwidth: float


def mmd_test(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    bandwidth: float | None = None,
    n_permutations: int = 500,
    confidence: float = 0.95,
    random_state: RandomState = 0,
) -> MMDTest:
    r"""Return the squared maximum mean discrepancy of samples and data, with a test.

    With the Gaussian kernel :math:`k(x, y) = e^{-\lVert x - y \rVert^2 / (2 h^2)}`, the
    unbiased estimate [1]_ of

    .. math::
        \mathrm{MMD}^2 = E\, k(s, s') + E\, k(x, x') - 2\, E\, k(s, x)

    which is zero if and only if both come from one distribution. The p-value is that of
    exchanging rows between the two sets at random.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Drawn from a generator; flattened; at least two.
    X : array-like of shape (m, ...)
        Data; at least two rows.
    bandwidth : float, optional
        Width `h` of the kernel; by default the median distance, :func:`median_bandwidth`.
    n_permutations : int, default=500
        Random exchanges; 0 leaves the p-value out.
    confidence : float, default=0.95
        Of the interval.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are exchanged.

    Returns
    -------
    MMDTest
        `statistic`, `p_value`, `low`, `high`, `bandwidth`.

    Raises
    ------
    SettingError
        If the bandwidth, the number of permutations or the confidence is out of bounds.
    DataError
        If there are fewer than two rows in either, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Notes
    -----
    The interval is the asymptotic one of a two-sample U-statistic: normal, with the variance
    of each row's own contribution (the first-order term). It is meant for distributions that
    differ: where they do not, that term vanishes, so whether they differ is for the p-value to
    say. For small differences between few rows it is a little narrow (intervals of 90 % held
    the true value 87 to 89 times in 100). The bandwidth is taken as given.

    References
    ----------
    .. [1] A. Gretton, K. Borgwardt, M. Rasch, B. Schoelkopf and A. Smola, "A kernel
       two-sample test", Journal of Machine Learning Research 13, 2012.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = mmd_test(rng.normal(size=(100, 2)), rng.normal(1.0, size=(100, 2)))
    >>> found.p_value < 0.01 and found.low > 0
    True
    """
    first, second = compared(samples, X, fewest=2)
    permutations = check_permutations(n_permutations)
    width = median_bandwidth(first, second) if bandwidth is None else check_bandwidth(bandwidth)
    check_confidence(confidence)
    sums = pair_sums(first, second, _gaussian(width), permutations, random_state)
    statistics = (
        sums.first / (sums.n * (sums.n - 1))
        + sums.second / (sums.m * (sums.m - 1))
        - 2 * sums.between / (sums.n * sums.m)
    )
    value, half = float(statistics[0]), _half_width(sums, confidence)
    chance = p_value(statistics, 1.0) if permutations else math.nan
    return MMDTest(value, chance, value - half, value + half, width)


def energy_test(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    n_permutations: int = 500,
    random_state: RandomState = 0,
) -> TwoSampleTest:
    r"""Return the energy distance of samples and data, with a test.

    .. math::
        2\, E \lVert s - x \rVert - E \lVert s - s' \rVert
        - E \lVert x - x' \rVert

    as means over all pairs, a row with itself among them: at least zero, and in the limit
    zero if and only if both come from one distribution [1]_. It has no bandwidth to choose. In
    one dimension it is the square of ``scipy.stats.energy_distance``.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Drawn from a generator; flattened.
    X : array-like of shape (m, ...)
        Data.
    n_permutations : int, default=500
        Random exchanges; 0 leaves the p-value out.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are exchanged.

    Returns
    -------
    TwoSampleTest
        `statistic`, in units of the data, and `p_value`.

    Raises
    ------
    SettingError
        If the number of permutations is out of bounds.
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    References
    ----------
    .. [1] G. Szekely and M. Rizzo, "Energy statistics: a class of statistics based on
       distances", Journal of Statistical Planning and Inference 143, 2013.

    Examples
    --------
    >>> energy_test([[0.0]], [[3.0]], n_permutations=0).statistic
    6.0
    """
    first, second = compared(samples, X)
    permutations = check_permutations(n_permutations)
    sums = pair_sums(first, second, torch.sqrt, permutations, random_state)
    between = 2 * sums.between / (sums.n * sums.m)
    statistics = between - sums.first / sums.n**2 - sums.second / sums.m**2
    chance = p_value(statistics, float(between.max())) if permutations else math.nan
    return TwoSampleTest(float(statistics[0]), chance)


def energy_coefficient(first: Rows, second: Rows) -> float:
    r"""Return the energy coefficient of two sets of points, estimated without bias.

    .. math:: \frac{2 E \lVert a - b \rVert - E \lVert a - a' \rVert - E \lVert b - b' \rVert}
        {2 E \lVert a - b \rVert}

    is 0 where both come from one distribution and at most 1 (Szekely and Rizzo 2013); the
    estimate may be a little below.

    Parameters
    ----------
    first, second : ndarray of shape (n, d) and (m, d)
        At least two points each.
    """
    sums = pair_sums(first, second, torch.sqrt, 0, None)
    n, m = sums.n, sums.m
    across = 2 * float(sums.between[0]) / (n * m)
    within = float(sums.first[0]) / (n * (n - 1)) + float(sums.second[0]) / (m * (m - 1))
    return (across - within) / across if across else 0.0


def _gaussian(width: float) -> Kernel:
    return lambda squared: torch.exp(squared / (-2 * width * width))


def _half_width(sums: PairSums, confidence: float) -> float:
    """Return half the width of the confidence interval of MMD squared."""
    n, m = sums.n, sums.m
    own = sums.to_first[:n] / (n - 1) - sums.to_second[:n] / m
    other = sums.to_second[n:] / (m - 1) - sums.to_first[n:] / n
    variance = 4 * (own.var(ddof=1) / n + other.var(ddof=1) / m)
    return float(stats.norm.ppf((1 + confidence) / 2) * math.sqrt(variance))


def check_confidence(confidence: Any) -> None:
    """Raise unless a confidence is a number between 0 and 1.

    Raises
    ------
    SettingError
        If it is not.
    """
    value = float(confidence) if isinstance(confidence, Real) else math.nan
    if not 0 < value < 1:
        raise SettingError(f"confidence must be a number between 0 and 1, got {confidence!r}.")
