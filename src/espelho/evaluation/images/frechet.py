"""The Frechet distance: between the Gaussians that have the moments of two sets of rows."""

import math
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy import stats
from torch import Tensor

from espelho.errors import SettingError
from espelho.evaluation.generation.distances import compared, on_device
from espelho.evaluation.generation.two_sample import check_confidence
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = ["FrechetDistance", "frechet_distance"]


class FrechetDistance(NamedTuple):
    """The Frechet distance of two sets of rows, and what chance makes of it.

    Attributes
    ----------
    distance : float
        Of the rows as they are.
    bias : float
        How much of it is owed to the number of rows: what a bootstrap adds to it. Not a number
        without a bootstrap, like what follows.
    standard_error : float
        By bootstrap.
    low, high : float
        Confidence interval of the distance that infinitely many rows would have: normal, about
        the distance less its bias.
    """

    distance: float
    bias: float
    standard_error: float
    low: float
    high: float


class _Moments(NamedTuple):
    """The mean of some rows, and a matrix `F` so that ``F^T F`` is their covariance."""

    mean: Tensor
    root: Tensor


def frechet_distance(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    n_bootstrap: int = 100,
    confidence: float = 0.95,
    random_state: RandomState = 0,
) -> FrechetDistance:
    r"""Return the Frechet distance of samples and data.

    The squared Wasserstein distance between the Gaussians that have their means and
    covariances [1]_ [2]_,

    .. math:: \lVert \mu_s - \mu_x \rVert^2
        + \mathrm{tr}( \Sigma_s + \Sigma_x - 2 (\Sigma_s \Sigma_x)^{1/2} )

    in float64. The trace of the last root is the sum of the singular values of
    :math:`\Sigma_s^{1/2} \Sigma_x^{1/2}`, whose factors come from symmetric
    eigendecompositions, or are the rows themselves where these are fewer than features: no root
    of a matrix that is not symmetric is taken, and singular covariances are as good as others.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Features of samples of a generator; at least two rows.
    X : array-like of shape (m, ...)
        Features of data; at least two rows.
    n_bootstrap : int, default=100
        How often rows of both sets are drawn anew, with replacement; at least 2, or 0 to leave
        out what comes from it.
    confidence : float, default=0.95
        Of the interval.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are drawn.

    Returns
    -------
    FrechetDistance
        `distance`, `bias`, `standard_error`, `low`, `high`.

    Raises
    ------
    SettingError
        If `n_bootstrap` or `confidence` is out of bounds.
    DataError
        If there are fewer than two rows in either, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Notes
    -----
    The distance is larger the fewer rows there are, about as one over their number, and by an
    amount that depends on the generator [3]_: compare it at equal numbers of rows, beside that
    of real data, and only on the same features. Sets of one kind have a distance of about the
    bias. The standard error is then too large rather than too small.

    References
    ----------
    .. [1] D. Dowson and B. Landau, "The Frechet distance between multivariate normal
       distributions", Journal of Multivariate Analysis 12, 1982.
    .. [2] M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler and S. Hochreiter, "GANs trained by
       a two time-scale update rule converge to a local Nash equilibrium", NeurIPS 2017.
    .. [3] M. Chong and D. Forsyth, "Effectively unbiased FID and inception score and where to
       find them", CVPR 2020.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(50, 2))
    >>> round(frechet_distance(rows + [3, 4], rows).distance, 6)
    25.0
    """
    first, second = (_as_tensor(rows) for rows in compared(samples, X, fewest=2))
    check_confidence(confidence)
    times = _check_times(n_bootstrap)
    value, rng = _distance(_moments(first), _moments(second)), as_generator(random_state)
    drawn = [_distance(_drawn_again(first, rng), _drawn_again(second, rng)) for _ in range(times)]
    if not drawn:
        return FrechetDistance(value, *[math.nan] * 4)
    bias, error = float(np.mean(drawn)) - value, float(np.std(drawn, ddof=1))
    half = float(stats.norm.ppf((1 + confidence) / 2)) * error
    low, high = (max(0.0, value - bias + side) for side in (-half, half))
    return FrechetDistance(value, bias, error, low, high)


def _check_times(n_bootstrap: Any) -> int:
    whole = isinstance(n_bootstrap, Integral) and not isinstance(n_bootstrap, bool)
    if not whole or n_bootstrap < 0 or n_bootstrap == 1:
        raise SettingError(
            f"n_bootstrap must be a whole number of at least 2, or 0, got {n_bootstrap!r}. 100 "
            "tell the standard error to a tenth; 0 leaves it out."
        )
    return int(n_bootstrap)


def _as_tensor(rows: Any) -> Tensor:
    return on_device(np.ascontiguousarray(rows, dtype=np.float64))


def _drawn_again(rows: Tensor, rng: np.random.Generator) -> _Moments:
    """Return the moments of as many rows, drawn with replacement."""
    n = len(rows)
    counts = rng.multinomial(n, np.full(n, 1 / n)).astype(np.float64)
    return _moments(rows, on_device(counts))


def _moments(rows: Tensor, counts: Tensor | None = None) -> _Moments:
    n, d = rows.shape
    counts = rows.new_ones(n) if counts is None else counts
    mean = counts @ rows / n
    centred = (rows - mean) * (counts / (n - 1)).sqrt()[:, None]
    return _Moments(mean, centred if n < d else _root(centred.T @ centred))


def _root(covariance: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(covariance)
    found: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return found


def _distance(first: _Moments, second: _Moments) -> float:
    means = (first.mean - second.mean).square().sum()
    spreads = first.root.square().sum() + second.root.square().sum()
    common = torch.linalg.svdvals(first.root @ second.root.T).sum()
    return max(0.0, float(means + spreads - 2 * common))
