"""Layers by which an encoder draws its codes: in training only, like dropout."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.errors import ShapeError

__all__ = ["AppendNoise", "GaussianDraw"]

_WIDEST = 8.0
"""Largest logarithm of a variance, and its smallest below zero."""


class GaussianDraw(nn.Module):
    """Draw from the Gaussian that the units before describe; in evaluation mode its mean.

    The first half of the units are means mu, the second half say the variances:
    ``z = mu + sigma * eps`` with ``eps`` of N(0, I) from torch's random state and
    ``log sigma^2 = 8 tanh(a / 8)``, so that no variance runs away. The slope goes through both
    (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114).

    Examples
    --------
    >>> GaussianDraw().eval()(torch.tensor([[1.0, 2.0, 0.0, 0.0]]))
    tensor([[1., 2.]])
    """

    def forward(self, units: Tensor) -> Float[Tensor, "n d"]:
        """Return a draw for each sample.

        Parameters
        ----------
        units
            Means and what says the variances ``(n, 2 d)``.

        Raises
        ------
        ShapeError
            If they have another shape.
        """
        if units.ndim != 2 or units.shape[1] % 2:
            raise ShapeError(
                "A Gaussian encoder's network must return (n, 2 * latent_dim): the means, then "
                f"what says the variances. It returned {tuple(units.shape)}."
            )
        mean, a = units.chunk(2, dim=1)
        if not self.training:
            return mean
        deviation = (_WIDEST * torch.tanh(a / _WIDEST) / 2).exp()
        return mean + deviation * torch.randn_like(mean)


class AppendNoise(nn.Module):
    """Append standard normal noise to each sample; in evaluation mode zeros, its mean.

    What an encoder makes of both can be any distribution (Makhzani et al. 2015, section 2.1,
    https://arxiv.org/abs/1511.05644).

    Parameters
    ----------
    dim
        Number of noisy features.

    Examples
    --------
    >>> AppendNoise(2).eval()(torch.ones(1, 3))
    tensor([[1., 1., 1., 0., 0.]])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n more"]:
        """Return samples with their noise behind them."""
        noise = x.new_zeros(x.shape[0], self.dim)
        return torch.cat([x, noise.normal_() if self.training else noise], dim=1)
