"""Sparsity: penalties on codes whose units are active too often or too much.

What counts as active depends on the activation that made the code: a tanh unit at rest
is at -1, a rectified one at 0. `ACTIVITIES` knows, by the activation's name.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = [
    "ACTIVITIES", "Activity", "Mean", "batch_mean", "dead_units", "kl_sparsity",
    "l1_sparsity", "target_kl", "unit_activity",
]  # fmt: skip

Mean = Callable[[Tensor, Tensor | None], Tensor]
"""``(values (n, d), weights (n,) or none) -> mean over samples (d,)``."""

_EDGE = 1e-3
"""Share of the way from 0 or 1 to the target below which the divergence goes on straight."""


def batch_mean(values: Float[Tensor, "n d"], weight: Tensor | None = None) -> Tensor:
    """Return the (weighted) mean of each column, ``sum_i w_i v_i / sum_i w_i``.

    Parameters
    ----------
    values
        One row per sample.
    weight
        Weights of the samples; none for the same for all.
    """
    if weight is None:
        return torch.mean(values, 0)
    total: Tensor = weight @ values
    return total / weight.sum().clamp_min(torch.finfo(values.dtype).tiny)


class Activity(NamedTuple):
    """How active a unit is, from 0 at rest to 1, by the value it has in the code.

    ``u / span`` with ``u = z - rest`` for activations between two bounds, and ``u / (1 + u)``
    for those without an upper one (``span`` is infinite): smooth, rising, of slope 1 at rest.

    Attributes
    ----------
    rest
        The value of a unit that is not active.
    span
        From rest to the most active value.
    two_sided
        Whether values go below rest, and are as active there: ``u = |z - rest|``.
    """

    rest: float
    span: float = math.inf
    two_sided: bool = False

    def __call__(self, z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return the activities, in [0, 1], of values of units."""
        distance = self.distance(z)
        if math.isfinite(self.span):
            return distance / self.span
        # Not u / (1 + u), which is no number where u overflows.
        return 1 - (1 + distance).reciprocal()

    def distance(self, z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return how far values of units are from rest."""
        # One-sided ones without the absolute value, which has no slope exactly at rest.
        away = z - self.rest if self.rest else z
        return away.abs() if self.two_sided else away


ACTIVITIES: Mapping[str, Activity] = {
    "linear": Activity(0.0, two_sided=True),
    "binary": Activity(0.0, 1.0),
    "relu": Activity(0.0),
    "logistic": Activity(0.0, 1.0),
    "tanh": Activity(-1.0, 2.0),
    # -lambda alpha (Klambauer et al. 2017).
    "selu": Activity(-1.7580993408473766),
    "elu": Activity(-1.0),
    "leaky-relu": Activity(0.0, two_sided=True),
    "gelu": Activity(0.0, two_sided=True),
    "silu": Activity(0.0, two_sided=True),
    "mish": Activity(0.0, two_sided=True),
    "softplus": Activity(0.0),
}
"""What rest is for each activation, by its name.

Rest is the activation's low value. GELU, SiLU and mish dip below the 0 that they go to for
very negative sums; linear and leaky units have no low value at all: rest is 0 for these,
and a negative value is as active as a positive one.
"""


def target_kl(mean: Tensor, target: float) -> Tensor:
    """Return ``KL(target || mean)`` of Bernoulli variables, finite for any mean, in nats.

    ``r log(r / q) + (1 - r) log((1 - r) / (1 - q))`` with the target r and the mean q
    from ``r / 1000`` to ``1 - (1 - r) / 1000``. Beyond, it goes on along its tangent: convex,
    with a slope of about 1000 that still moves a unit that never fires, or always does.

    Parameters
    ----------
    mean
        Mean activity of each unit.
    target
        What it should be, between 0 and 1.
    """
    low, high = _EDGE * target, 1 - _EDGE * (1 - target)
    inside = mean.clamp(low, high)
    # The clamp hides the slope beyond the edges; there the last term has it.
    slope = (1 - target) / (1 - inside) - target / inside
    entropy = target * math.log(target) + (1 - target) * math.log1p(-target)
    cross = target * inside.log() + (1 - target) * (-inside).log1p()
    return entropy - cross + slope * (mean - inside)


def kl_sparsity(
    z: Float[Tensor, "n d"],
    target: float,
    activity: Activity,
    *,
    weight: Tensor | None = None,
    mean: Mean = batch_mean,
) -> Float[Tensor, ""]:
    """Return ``sum_j KL(target || mean activity of unit j)``, of Bernoulli variables.

    Lee, Ekanadham, Ng 2007 (NIPS 20) asked for a small mean activity; Ng 2011 (CS294A, Sparse
    autoencoder) by this divergence. It is no mean over samples: the mean activity is over
    the batch, or what ``mean`` makes of it.

    Parameters
    ----------
    z
        Codes.
    target
        The mean activity that every unit should have, between 0 and 1.
    activity
        How active a unit is by its value, an entry of `ACTIVITIES`.
    weight
        Weights of the samples in the mean activity.
    mean
        From activities and weights to the mean of each unit: over the batch, over several
        processes, or over the batches before (`RunningMean`).

    Examples
    --------
    >>> codes = torch.tensor([[0.0, 0.1], [0.1, 0.9]])
    >>> kl_sparsity(codes, 0.05, ACTIVITIES["logistic"])
    tensor(0.4946)
    """
    return target_kl(mean(activity(_precise(z)), weight), target).sum()


def _precise(z: Tensor) -> Tensor:
    """Return codes in float32 at least: in 16 bits a mean activity near 1 is 1."""
    return z.float() if z.dtype in (torch.bfloat16, torch.float16) else z


def l1_sparsity(
    z: Float[Tensor, "n d"],
    activity: Activity,
    *,
    weight: Tensor | None = None,
) -> Float[Tensor, ""]:
    """Return ``mean_i w_i sum_j |z_ij - rest|``, the distance of codes from rest.

    Parameters
    ----------
    z
        Codes.
    activity
        What rest is, an entry of `ACTIVITIES`.
    weight
        Weights of the samples, whose mean over the whole data set is 1.
    """
    distance = activity.distance(_precise(z))
    if weight is None:
        return distance.sum() / len(z)
    return torch.dot(weight, distance.sum(1)) / len(z)


def unit_activity(z: Float[Tensor, "n d"], activity: Activity) -> Tensor:
    """Return the mean activity of each unit over samples, from 0 to 1.

    Parameters
    ----------
    z
        Codes.
    activity
        How active a unit is by its value, an entry of `ACTIVITIES`.
    """
    return torch.mean(activity(z), 0)


def dead_units(z: Float[Tensor, "n d"], activity: Activity, tolerance: float = 1e-3) -> Tensor:
    """Return for each unit whether it is at rest for every sample.

    Parameters
    ----------
    z
        Codes.
    activity
        How active a unit is by its value, an entry of `ACTIVITIES`.
    tolerance
        The largest activity that still counts as rest; some activations only approach it.
    """
    resting: Tensor = activity(z) <= tolerance
    return resting.all(0)
