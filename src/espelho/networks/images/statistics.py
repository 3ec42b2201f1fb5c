"""Statistics of images that are seen a part at a time, for instance normalisation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.networks.images.layers import InstanceNormalization

__all__ = ["SharedStatistics"]


class SharedStatistics:
    """Means and variances of one image, by which all its parts are normalised alike.

    Parameters
    ----------
    network
        What images go through.

    Examples
    --------
    >>> layer = InstanceNormalization(1)
    >>> statistics = SharedStatistics(layer)
    >>> with statistics.gathered():
    ...     _ = layer(torch.stack([torch.zeros(1, 2, 2), torch.full((1, 2, 2), 2.0)]))
    >>> with statistics.used():
    ...     round(float(layer(torch.full((1, 1, 2, 2), 2.0)).detach().mean()), 2)
    1.0
    """

    def __init__(self, network: nn.Module) -> None:
        layers = [m for m in network.modules() if isinstance(m, InstanceNormalization)]
        self._sums = {layer: _Sums() for layer in layers}

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Normalise a batch of parts of the image as if they were all of it, and remember how.

        Of each part the middle counts, a quarter of its sides away from its ends, where layers
        see beyond it.
        """
        hooks = [layer.register_forward_pre_hook(self._see) for layer in self._sums]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
            self._share({})

    def _see(self, layer: Any, given: tuple[Any, ...]) -> None:
        batch = _Sums()
        batch.add(_middle(given[0].detach()))
        layer.shared = batch.moments()
        self._sums[layer].merge(batch)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Normalise by the statistics that were gathered."""
        self._share({layer: sums.moments() for layer, sums in self._sums.items() if sums.count})
        try:
            yield
        finally:
            self._share({})

    def _share(self, moments: dict[InstanceNormalization, tuple[Tensor, Tensor]]) -> None:
        for layer in self._sums:
            layer.shared = moments.get(layer)


def _middle(x: Float[Tensor, "n channels h w"]) -> Float[Tensor, "n channels h2 w2"]:
    top, left = (size // 4 for size in x.shape[2:])
    return x[..., top : x.shape[2] - top, left : x.shape[3] - left]


class _Sums:
    """Sums of what comes to a layer, by channel."""

    def __init__(self) -> None:
        self.count = 0
        self._first: Tensor | float = 0.0
        self._second: Tensor | float = 0.0

    def add(self, x: Float[Tensor, "n channels h w"]) -> None:
        """Add what a layer is given."""
        x = x.double()
        self.count += x[:, 0].numel()
        self._first = self._first + x.sum((0, 2, 3))
        self._second = self._second + x.square().sum((0, 2, 3))

    def merge(self, other: "_Sums") -> None:
        """Add what another one has."""
        self.count += other.count
        self._first = self._first + other._first
        self._second = self._second + other._second

    def moments(self) -> tuple[Tensor, Tensor]:
        """Return mean and variance of each channel."""
        mean, square = (torch.as_tensor(s) / self.count for s in (self._first, self._second))
        return mean, (square - mean.square()).clamp(min=0)
