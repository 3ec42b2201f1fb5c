"""Likelihoods: minus the log of how probable data is, given what a decoder says of it.

All are in nats for each element, constants included, and of data in the units that the
network sees. All know the spread of the data around the decoder's output by one number, the
logarithm of its variance; a Bernoulli variable's follows from its mean.
"""

import math
from collections.abc import Callable, Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

__all__ = ["DRAWS", "LIKELIHOODS", "discretized_logistic", "gaussian", "laplace"]

LEVELS = 256
"""Values that a pixel of 8 bits may have."""


def gaussian(
    x: Float[Tensor, "n *sample"], mean: Float[Tensor, "n *sample"], log_variance: Tensor
) -> Float[Tensor, "n *sample"]:
    """Return ``(x - mean)^2 / (2 c) + log(2 pi c) / 2`` for each element, with variance c.

    So the squared error weighs 1 / (2 c) (Kingma and Welling 2014).

    Parameters
    ----------
    x, mean
        Data, and the decoder's output.
    log_variance
        ``log c``, one for all or one for each element of a sample.

    Examples
    --------
    >>> x = torch.zeros(1, 1)
    >>> gaussian(x, x, torch.tensor(0.0))
    tensor([[0.9189]])
    """
    squares = F.mse_loss(mean, x, reduction="none")
    found: Tensor = 0.5 * (squares * (-log_variance).exp() + log_variance + math.log(2 * math.pi))
    return found


def laplace(
    x: Float[Tensor, "n *sample"], median: Float[Tensor, "n *sample"], log_variance: Tensor
) -> Float[Tensor, "n *sample"]:
    """Return ``|x - median| / b + log(2 b)`` for each element, with variance ``2 b^2``.

    Parameters
    ----------
    x, median
        Data, and the decoder's output.
    log_variance
        ``log(2 b^2)``, one for all or one for each element of a sample.

    Examples
    --------
    >>> x = torch.zeros(1, 1)
    >>> laplace(x, x, torch.tensor(2.0).log())
    tensor([[0.6931]])
    """
    log_b = 0.5 * (log_variance - math.log(2))
    distances = F.l1_loss(median, x, reduction="none")
    found: Tensor = distances * (-log_b).exp() + log_b + math.log(2)
    return found


def discretized_logistic(
    x: Float[Tensor, "n *sample"], mean: Float[Tensor, "n *sample"], log_variance: Tensor
) -> Float[Tensor, "n *sample"]:
    """Return ``-log P(x)`` for each element, a pixel of 8 bits divided by 255.

    A logistic variable falls into the pixel's bin: ``P(x) = s((x + h - mean) / r) -
    s((x - h - mean) / r)`` with ``s(a) = 1 / (1 + e^-a)``, half a bin ``h = 1 / 510``, and
    the scale r whose variance is ``r^2 pi^2 / 3``; the bins of 0 and 255 reach to infinity,
    so that the 256 probabilities sum to 1 (Kingma et al. 2016,
    https://arxiv.org/abs/1606.04934; Salimans et al. 2017, https://arxiv.org/abs/1701.05517).

    No difference of rounded numbers is taken: ``s(b) - s(a) = s(b) s(-a) (1 - e^(a - b))``.

    Parameters
    ----------
    x
        Pixels, whole multiples of 1 / 255 from 0 to 1.
    mean
        The decoder's output.
    log_variance
        The logarithm of the variance, one for all or one for each element of a sample.

    Examples
    --------
    >>> values = (torch.arange(256.0) / 255)[None]
    >>> mean = torch.full((1, 256), 0.3)
    >>> discretized_logistic(values, mean, torch.tensor(-4.0)).neg().exp().sum()
    tensor(1.0000)
    """
    half = 0.5 / (LEVELS - 1)
    per_scale = math.pi / math.sqrt(3) * (-0.5 * log_variance).exp()
    above, below = (x + half - mean) * per_scale, (x - half - mean) * per_scale
    not_above, not_below = -F.logsigmoid(above), -F.logsigmoid(-below)
    inside = not_above + not_below - torch.log(-torch.expm1(-2 * half * per_scale))
    lowest = torch.where(x < half, not_above, inside)
    return torch.where(x > 1 - half, not_below, lowest)


LIKELIHOODS: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "squared_error": gaussian,
    "absolute_error": laplace,
    "discretized_logistic": discretized_logistic,
}
"""Likelihoods with a variance, by the name of the loss; the Bernoulli loss is one without."""


def _draw_gaussian(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.empty_like(mean).normal_(generator=generator)
    return mean + (0.5 * log_variance).exp() * noise


def _draw_laplace(median: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Add the difference of two exponential variables, times the scale."""
    one, other = (torch.empty_like(median).exponential_(generator=generator) for _ in range(2))
    return median + (0.5 * (log_variance - math.log(2))).exp() * (one - other)


def _draw_pixel(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Add the log-ratio of two exponential variables, times the scale, and take its bin."""
    one, other = (torch.empty_like(mean).exponential_(generator=generator) for _ in range(2))
    scale = math.sqrt(3) / math.pi * (0.5 * log_variance).exp()
    pixels = (mean + scale * (one / other).log()) * (LEVELS - 1)
    return pixels.round().clamp(0, LEVELS - 1) / (LEVELS - 1)


def _draw_bernoulli(mean: Tensor, _: Tensor, generator: torch.Generator) -> Tensor:
    return torch.bernoulli(mean, generator=generator)


DRAWS: Mapping[str, Callable[[Tensor, Tensor, torch.Generator], Tensor]] = {
    "squared_error": _draw_gaussian,
    "absolute_error": _draw_laplace,
    "discretized_logistic": _draw_pixel,
    "bernoulli": _draw_bernoulli,
}
"""Draws from what a loss is the likelihood of, around the mean that a decoder says."""
