"""Dead units: those that say the same of every sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from espelho.networks.activations import ACTIVATIONS

__all__ = ["ConstantUnits", "dead_share"]

_STILL = 1e-3
"""Spread of a unit, beside that of the liveliest, below which it says nothing."""

_KINDS = tuple({type(activation.build()) for activation in ACTIVATIONS.values()} - {nn.Identity})


def dead_share(codes: Tensor) -> float:
    """Return the share of units ``(n, units)`` that hardly differ between samples."""
    spread = codes.std(0)
    return float((spread <= _STILL * spread.amax()).to(codes.dtype).mean())


class ConstantUnits:
    """Watches the activations of a model while samples go through it.

    Parameters
    ----------
    model
        The model.
    """

    def __init__(self, model: nn.Module) -> None:
        self._layers = [m for m in model.modules() if isinstance(m, _KINDS)]
        self._seen: dict[int, tuple[Tensor, Tensor]] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch what happens meanwhile."""
        hooks = [layer.register_forward_hook(self._see) for layer in self._layers]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _see(self, layer: nn.Module, given: Any, out: Tensor) -> None:
        low, high = out.amin(0).flatten(), out.amax(0).flatten()
        before = self._seen.get(id(layer))
        if before is not None and before[0].shape == low.shape:
            low, high = torch.minimum(low, before[0]), torch.maximum(high, before[1])
        self._seen[id(layer)] = low, high

    def share(self) -> float | None:
        """Return the share of units without any spread in the layer that has most of them."""
        shares = [(low == high).to(low.dtype).mean() for low, high in self._seen.values()]
        return float(torch.stack(shares).amax()) if shares else None
