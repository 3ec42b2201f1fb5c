"""Correntropy: a reconstruction loss that an outlier cannot pull far.

Correntropy is the mean of a Gaussian kernel of the errors. It sees small errors as the
squared error does and large ones hardly at all (Liu, Pokharel, Principe 2007, IEEE
Transactions on Signal Processing 55; as the loss of an autoencoder Qi et al. 2014, ICASSP).
"""

import math
from collections.abc import Callable, Mapping
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from espelho.errors import SettingError
from espelho.losses.reconstruction import Reconstruction

__all__ = ["KERNEL_RECONSTRUCTIONS", "correntropy", "correntropy_loss", "median_bandwidth"]

_CONSISTENT = 1.4826
"""What the median absolute deviation of a normal variable is multiplied with to give its
standard deviation: 1 over the normal distribution's third quartile."""

_ROWS = 10_000
"""Rows that a bandwidth is estimated from at most; its error is below 1 % from there on."""


def correntropy_loss(
    x: Float[Tensor, "n *sample"], x_hat: Float[Tensor, "n *sample"], sigma: float
) -> Float[Tensor, "n *sample"]:
    """Return ``-K(x - x_hat)`` for each element, minus a Gaussian kernel of its error.

    ``K(a) = exp(-a^2 / (2 sigma^2)) / (sqrt(2 pi) sigma)``. The slope by the error,
    ``a K(a) / sigma^2``, is largest at ``a = sigma`` and goes to 0 for large errors.

    Parameters
    ----------
    x, x_hat
        Data and its reconstruction.
    sigma
        The kernel's width, in the units of ``x``.
    """
    kernel: Tensor = ((x - x_hat) / (math.sqrt(2) * sigma)).square().neg().exp()
    return kernel * (-1 / (math.sqrt(2 * math.pi) * sigma))


def correntropy(sigma: float) -> Reconstruction:
    """Return the reconstruction loss of a kernel's width.

    Its mean is ``mean_i w_i sum_k -K_sigma(x_ik - x_hat_ik)``; the least, reached where
    all d elements are met, is ``-d / (sqrt(2 pi) sigma)``.

    Parameters
    ----------
    sigma
        The width, in the units that the network sees; `median_bandwidth` estimates one.

    Raises
    ------
    SettingError
        If the width is not a positive number.

    Examples
    --------
    >>> loss = correntropy(1.0)
    >>> loss.mean(torch.zeros(2, 3), torch.zeros(2, 3))
    tensor(-1.1968)
    """
    if not 0 < sigma < math.inf:
        raise SettingError(
            f"The width of a correntropy kernel must be a positive number, got {sigma}. "
            "median_bandwidth() estimates one from data."
        )
    # Not closures: estimators that hold them are pickled.
    return Reconstruction(partial(correntropy_loss, sigma=sigma), partial(_total, sigma), _same)


def _total(sigma: float, x: Tensor, x_hat: Tensor) -> Tensor:
    return torch.sum(correntropy_loss(x, x_hat, sigma))


def _same(output: Tensor) -> Tensor:
    return output


KERNEL_RECONSTRUCTIONS: Mapping[str, Callable[[float], Reconstruction]] = {
    "correntropy": correntropy,
}
"""Reconstruction losses that a kernel's width makes, by name; with `RECONSTRUCTIONS`, all."""


def median_bandwidth(
    x: Float[Tensor, "n *sample"], weight: Float[Tensor, " n"] | None = None
) -> float:
    """Estimate a kernel's width from data: the median deviation from the columns' medians.

    ``1.4826 median_ik |x_ik - median_i x_ik|``, the median absolute deviation scaled to be
    the standard deviation of normal data (Hampel 1974). It is the size of the errors that
    a network makes before it has learned anything, so that most elements are within the
    kernel's reach from the first step, and outliers move it little as long as they are
    fewer than half (Rousseeuw and Croux 1993). Deviations of 0, of columns that mostly
    stay the same, are left out; data that never changes gets 1.

    The same data gives the same width: nothing is drawn. More than 10 000 rows are thinned
    evenly.

    Parameters
    ----------
    x
        Samples, in the units that the network sees; NaN, what is missing, counts for nothing.
    weight
        Weights of the samples: 2 counts like the sample given twice.

    Examples
    --------
    >>> median_bandwidth(torch.tensor([[-1.0], [0.0], [1.0], [1000.0], [-1.0]]))
    1.4826
    """
    step = math.ceil(len(x) / _ROWS)
    rows = x.detach()[::step].flatten(1)
    each = torch.ones(len(rows)) if weight is None else weight[::step]
    counts = each.to(rows)[:, None].expand_as(rows).masked_fill(rows.isnan(), 0.0)
    deviations = (rows - _medians(rows, counts)).abs()
    kept = deviations > 0
    if not kept.any():
        return 1.0
    return _CONSISTENT * float(_medians(deviations[kept][:, None], counts[kept][:, None]))


def _medians(values: Tensor, counts: Tensor) -> Tensor:
    """Return the median of each column, the lower of two, elements counting so often."""
    ordered = values.sort(dim=0)  # what is no number comes last
    reached = counts.gather(0, ordered.indices).cumsum(0)
    place = torch.searchsorted(reached.T.contiguous(), reached[-1:].T.contiguous() / 2)
    return ordered.values.gather(0, place.T)
