"""Parzen windows: the likelihood of data under a blurred set of samples."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike

from espelho.errors import SettingError
from espelho.evaluation.generation.bandwidth import check_bandwidth
from espelho.evaluation.generation.distances import compared, distance_strips
from espelho.evaluation.samples import Floats, Rows

__all__ = ["Parzen", "parzen_bandwidth", "parzen_log_densities", "parzen_log_likelihood"]


class Parzen(NamedTuple):
    """A Parzen-window estimate of a log-likelihood, in nats.

    Attributes
    ----------
    mean : float
        Mean of the log-density over the rows measured.
    standard_error : float
        Its standard error, as far as it comes from those rows: the samples are taken as given.
        Not a number where there is one row.
    bandwidth : float
        Width of the windows, in units of the data.
    """

    mean: float
    standard_error: float
    bandwidth: float


def parzen_log_likelihood(samples: ArrayLike, X: ArrayLike, bandwidth: float) -> Parzen:
    """Return the mean log-density of data under a window on each sample.

    The mean of :func:`parzen_log_densities` over the rows of `X`, with its standard error.
    To compare generators, use as many samples for each, and take the bandwidth from
    validation data with :func:`parzen_bandwidth`.

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; flattened.
    X : array-like of shape (n, ...)
        Data that neither the generator nor the bandwidth was fitted on.
    bandwidth : float
        Standard deviation of the windows, in units of the data.

    Returns
    -------
    Parzen
        `mean`, `standard_error`, `bandwidth`.

    Raises
    ------
    SettingError
        If the bandwidth is not a finite number above zero.
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Warnings
    --------
    In many dimensions the figure says little of what samples look like: centroids of
    k-means beat the true distribution, because they are blurred [1]_. Read it beside the
    figure of training data in the samples' place.

    References
    ----------
    .. [1] L. Theis, A. van den Oord and M. Bethge, "A note on the evaluation of generative
       models", ICLR 2016.

    Examples
    --------
    >>> found = parzen_log_likelihood([[0.0]], [[1.0], [-1.0]], bandwidth=1.0)
    >>> round(found.mean, 4)  # log of the standard normal density at 1
    -1.4189
    """
    values = parzen_log_densities(samples, X, bandwidth)
    return Parzen(float(values.mean()), _standard_error(values), float(bandwidth))


def parzen_log_densities(samples: ArrayLike, X: ArrayLike, bandwidth: float) -> Floats:
    r"""Return the log-density of each row under a window on each sample.

    .. math::
        \log \frac1m \sum_{j=1}^m \mathcal N(x; s_j, h^2 I)
        = \log \sum_j e^{-\lVert x - s_j \rVert^2 / (2 h^2)}
        - \log m - \frac{d}{2} \log(2 \pi h^2)

    a mixture of `m` Gaussians of standard deviation `h` about the samples [1]_, summed
    without underflow and in blocks.

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; flattened.
    X : array-like of shape (n, ...)
        Where the density is wanted.
    bandwidth : float
        Standard deviation `h` of the windows, in units of the data.

    Returns
    -------
    ndarray of shape (n,)
        In nats.

    Raises
    ------
    SettingError
        If the bandwidth is not a finite number above zero.
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    References
    ----------
    .. [1] E. Parzen, "On estimation of a probability density function and mode", Annals of
       Mathematical Statistics 33, 1962.

    Examples
    --------
    >>> parzen_log_densities([[0.0]], [[0.0], [1.0]], bandwidth=1.0).round(4)
    array([-0.9189, -1.4189])
    """
    return _log_densities(*compared(samples, X), [check_bandwidth(bandwidth)]).ravel()


def parzen_bandwidth(
    samples: ArrayLike, X: ArrayLike, bandwidths: Iterable[float] | None = None
) -> float:
    """Return the bandwidth of a grid under which validation data is most likely.

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; flattened.
    X : array-like of shape (n, ...)
        Validation data: neither training nor test rows.
    bandwidths : iterable of float, optional
        What to choose from; by default ``logspace(-1, 0, 10)``, which is meant for data from
        0 to 1 [1]_.

    Returns
    -------
    float
        One of `bandwidths`. At an end of the grid, the best may lie outside.

    Raises
    ------
    SettingError
        If a bandwidth is not a finite number above zero, or there is none.
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    References
    ----------
    .. [1] I. Goodfellow et al., "Generative adversarial nets", NeurIPS 2014: the grid of the
       code published with it.

    Examples
    --------
    >>> parzen_bandwidth([[0.0]], [[2.0], [-2.0]], bandwidths=[1.0, 2.0, 4.0])
    2.0
    """
    widths = np.logspace(-1, 0, 10).tolist() if bandwidths is None else list(bandwidths)
    if not widths:
        raise SettingError("bandwidths must hold at least one bandwidth to choose, got none.")
    means = _log_densities(*compared(samples, X), [check_bandwidth(h) for h in widths]).mean(
        axis=1
    )
    return float(widths[int(means.argmax())])


def _log_densities(samples: Rows, X: Rows, widths: Sequence[float]) -> Floats:
    """Return the log-densities ``(bandwidths, n)`` of rows under each of several bandwidths."""
    found = np.empty((len(widths), len(X)))
    for at, strip in distance_strips(X, samples):
        parts = [[_log_sum(squared, h) for h in widths] for _, squared in strip]
        sums = torch.stack([torch.stack(part) for part in parts])  # (blocks, bandwidths, rows)
        found[:, at] = sums.logsumexp(dim=0).cpu().numpy()
    norms = [X.shape[1] / 2 * math.log(2 * math.pi * h * h) for h in widths]
    return np.asarray(found - np.array(norms)[:, None] - math.log(len(samples)))


def _log_sum(squared: torch.Tensor, width: float) -> torch.Tensor:
    return (squared / (-2 * width * width)).logsumexp(dim=1)


def _standard_error(values: Floats) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan
