"""Networks through which samples go a few at a time, where no gradients are asked for."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["in_blocks", "scores_of"]

_ELEMENTS = 1 << 18
"""Values of samples that go through a network at once: eight images of 32,768 pixels."""


def in_blocks(network: Callable[..., Tensor], *samples: Tensor) -> Tensor:
    """Return what a network makes of samples, so that huge ones need little memory.

    Parameters
    ----------
    network
        A function of samples that takes each by itself.
    *samples
        What it takes, as many of each.
    """
    n = max(1, _ELEMENTS // max(x[0].numel() for x in samples))
    parts = zip(*(x.split(n) for x in samples), strict=True)
    return torch.cat([network(*part) for part in parts])


def scores_of(judge: Callable[..., Tensor], *samples: Tensor) -> Tensor:
    """Return a score for each sample ``(n,)``, the mean over its patches.

    Parameters
    ----------
    judge, *samples
        As of `in_blocks`.
    """

    def mean(*part: Tensor) -> Tensor:
        return judge(*part).reshape(len(part[0]), -1).mean(1)

    return in_blocks(mean, *samples)
