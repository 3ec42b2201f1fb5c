"""Divergences between distributions, in nats."""

from jaxtyping import Float
from torch import Tensor

__all__ = ["LARGEST_LOG_VARIANCE", "clamp_log_variance", "gaussian_kl"]

LARGEST_LOG_VARIANCE = 10.0
"""Bound of log-variances on both sides: standard deviations from 0.0067 to 148."""


def gaussian_kl(
    mean: Float[Tensor, "n units"], log_variance: Float[Tensor, "n units"]
) -> Float[Tensor, "n units"]:
    """Return the divergence of each unit's normal distribution from the standard normal one.

    ``KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - log s^2 - 1) / 2``, in nats (Kingma and Welling
    2014, appendix B, https://arxiv.org/abs/1312.6114). That of a diagonal Gaussian is the sum
    over its units.

    Parameters
    ----------
    mean
        ``m``.
    log_variance
        ``log s^2``.

    Examples
    --------
    >>> import torch
    >>> gaussian_kl(torch.tensor([[0.0, 2.0]]), torch.zeros(1, 2))
    tensor([[0., 2.]])
    """
    kl: Tensor = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1)
    return kl


def clamp_log_variance(a: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Return ``10 tanh(a / 10)``: a log-variance between -10 and 10 from any number.

    It hardly changes small numbers (its slope is 1 at 0 and 0.79 at 5), its exponential can
    neither overflow nor become 0, and it has a slope everywhere, so that a unit can come back
    from the bounds.

    Parameters
    ----------
    a
        What a network says.

    Examples
    --------
    >>> import torch
    >>> clamp_log_variance(torch.tensor([-1e6, 0.1, 1e6]))
    tensor([-10.0000,   0.1000,  10.0000])
    """
    clamped: Tensor = (a / LARGEST_LOG_VARIANCE).tanh() * LARGEST_LOG_VARIANCE
    return clamped
