"""Penalties on what a network is, whatever it reconstructs."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["weight_decay", "weights"]


def weights(modules: Sequence[nn.Module]) -> list[nn.Parameter]:
    """Return the weights of some modules, shared ones once, and no biases.

    A parameter of one dimension, a bias or the gain of a normalisation, is no weight.

    Parameters
    ----------
    modules
        The modules, which may share parameters.
    """
    found = {id(p): p for m in modules for p in m.parameters() if p.ndim > 1}
    return list(found.values())


def weight_decay(parameters: Sequence[Tensor]) -> Float[Tensor, ""]:
    """Return the sum of the squares of all weights, ``sum w^2``.

    Parameters
    ----------
    parameters
        The weights, as `weights` returns them.

    Examples
    --------
    >>> weight_decay([torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]])])
    tensor(14.)
    """
    sums = [p.square().sum() for p in parameters]
    # Between two steps, torch's FSDP2 has a part of each weight in each process.
    whole = [s.full_tensor() if hasattr(s, "full_tensor") else s for s in sums]
    return torch.stack(whole).sum()
