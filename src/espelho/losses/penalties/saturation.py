"""Saturation: the share of units that have all but stopped to answer."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.errors import SettingError
from espelho.losses.penalties.dense_jacobian import dense_layers, obstacle, run_with_slopes

__all__ = ["code_slopes", "largest_slope", "saturation"]


def saturation(
    slopes: Float[Tensor, "n d"], largest: float, share: float = 0.05
) -> Float[Tensor, ""]:
    """Return the share of (sample, unit) pairs whose slope is below 5 % of the largest.

    A contractive encoder contracts by saturating its units (Rifai et al. 2011), which also
    is how it stops learning.

    Parameters
    ----------
    slopes
        Slope of the activation for each sample and unit; `code_slopes` gives those of codes.
    largest
        The largest slope that the activation has anywhere, as `largest_slope` returns it.
    share
        Which share of it counts as saturated.

    Examples
    --------
    >>> saturation(torch.tensor([[0.25, 0.2], [0.01, 0.0]]), 0.25)
    tensor(0.5000)
    """
    return (slopes.abs() < share * largest).to(slopes.dtype).mean()


def largest_slope(activation: nn.Module) -> float:
    """Return the largest slope of an elementwise activation, searched from -10 to 10.

    Parameters
    ----------
    activation
        The activation, in evaluation mode if it draws anything.

    Examples
    --------
    >>> largest_slope(nn.Sigmoid())
    0.25
    """
    with torch.enable_grad():
        a = torch.linspace(-10, 10, 20_001, dtype=torch.float64).requires_grad_()
        (slopes,) = torch.autograd.grad(activation(a * 1.0).sum(), a)
    return float(slopes.abs().max())


def code_slopes(encoder: nn.Module, x: Float[Tensor, "n *sample"]) -> Float[Tensor, "n d"]:
    """Return the slopes of a dense encoder's last activation; 1 where it has none.

    Parameters
    ----------
    encoder
        A stack of fully connected layers and elementwise activations.
    x
        Samples.

    Raises
    ------
    SettingError
        If the encoder is another.
    """
    reason = obstacle(encoder, x)
    if reason is not None:
        raise SettingError(
            f"The slopes of this encoder's codes are not known: {reason}. "
            "Give it a dense structure, or leave the share of saturated units out."
        )
    with torch.inference_mode(False), torch.enable_grad():
        z, _, slopes = run_with_slopes(dense_layers(encoder), x.clone())
    return torch.ones_like(z) if slopes[-1] is None else slopes[-1].detach()
