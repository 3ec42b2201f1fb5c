"""Gradient penalties: how steep a critic may be, and where.

A critic gives every sample a score. The gradient of a sample's score by the sample itself is the
critic's slope there; it is taken of each sample by itself, over all of its elements together.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["GRADIENT_PENALTIES", "GradientPenalty", "gradient_penalty", "slopes"]

Critic = Callable[[Tensor], Tensor]

_REACH = 0.5
"""How far from the data DRAGAN looks, in standard deviations of the data."""


class GradientPenalty(NamedTuple):
    """Where slopes are taken, and what each costs.

    Attributes
    ----------
    points
        From real and made samples ``(n, *sample)`` to the points ``(n, *sample)``.
    cost
        From slopes ``(n, d)`` to what each sample costs ``(n,)``.
    """

    points: Callable[[Tensor, Tensor], Tensor]
    cost: Callable[[Tensor], Tensor]


def slopes(critic: Critic, x: Float[Tensor, "n *sample"]) -> Float[Tensor, "n d"]:
    """Return the gradient of each sample's score by the sample.

    It can be differentiated again, and is computed where gradients are switched off too.

    Parameters
    ----------
    critic
        From samples to scores ``(n,)``.
    x
        Where the slopes are taken.
    """
    with torch.enable_grad():
        points = x.detach().requires_grad_()
        found: Any = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    slope: Tensor = found[0].flatten(1)
    return slope


def _at_real(real: Tensor, _fake: Tensor) -> Tensor:
    return real


def _at_fake(_real: Tensor, fake: Tensor) -> Tensor:
    return fake


def _between(real: Tensor, fake: Tensor) -> Tensor:
    """Return a point on the line between each real sample and a made one."""
    return torch.lerp(fake, real, _shares(real))


def _around(real: Tensor, _fake: Tensor) -> Tensor:
    """Return a point near each real sample."""
    reach = _REACH * real.detach().std(correction=0)
    return real + _shares(real) * reach * torch.rand_like(real)


def _shares(x: Tensor) -> Tensor:
    """Return a uniform number for each sample, not for each element."""
    return torch.rand(len(x), *[1] * (x.ndim - 1), dtype=x.dtype, device=x.device)


def _square(slope: Float[Tensor, "n d"]) -> Float[Tensor, "n"]:
    """Return ``|s|^2``."""
    return slope.square().sum(1)


def _off_one(slope: Float[Tensor, "n d"]) -> Float[Tensor, "n"]:
    """Return ``(|s| - 1)^2``."""
    norm: Tensor = torch.linalg.vector_norm(slope, dim=1)
    return (norm - 1).square()


GRADIENT_PENALTIES: Mapping[str, GradientPenalty] = {
    "r1": GradientPenalty(_at_real, _square),
    "r2": GradientPenalty(_at_fake, _square),
    "wasserstein": GradientPenalty(_between, _off_one),
    "dragan": GradientPenalty(_around, _off_one),
}
"""Penalties by name: at real and at made samples (Mescheder et al. 2018), between them (Gulrajani
et al. 2017), and around real ones (Kodali et al. 2017)."""


def gradient_penalty(
    penalty: GradientPenalty,
    critic: Critic,
    real: Float[Tensor, "n *sample"],
    fake: Float[Tensor, "n *sample"],
    weight: Float[Tensor, "n"] | None = None,
) -> Float[Tensor, ""]:
    """Return ``mean_i w_i cost(s(x_i))`` for the slopes s of a critic at the penalty's points.

    Parameters
    ----------
    penalty
        Where slopes are taken and what they cost.
    critic
        From samples to scores ``(n,)``.
    real, fake
        Samples of the data, and as many made ones.
    weight
        Weights ``(n,)`` whose mean over the whole data set is 1.

    Examples
    --------
    >>> def critic(x):
    ...     return x @ torch.tensor([3.0, 4.0])
    >>> x = torch.zeros(5, 2)
    >>> gradient_penalty(GRADIENT_PENALTIES["wasserstein"], critic, x, x).item()
    16.0
    """
    costs = penalty.cost(slopes(critic, penalty.points(real, fake)))
    return costs.mean() if weight is None else weight.dot(costs.to(weight)) / len(costs)
