"""Spectral normalisation: layers that make no difference larger."""

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

__all__ = ["SpectralNorm", "normalise_spectrum"]

_FIRST = 15
"""Power iterations that the largest singular value of the first weights takes."""


class SpectralNorm(nn.Module):
    """Run a layer with its weights divided by their largest singular value.

    So it changes no difference by more than itself (Miyato et al. 2018). The singular value is
    followed by one power iteration at each run in training. Unlike torch's parametrisation of
    a layer, this one can be pickled.

    Parameters
    ----------
    layer
        A dense or convolutional layer, whose kernels are the rows of a matrix.
    """

    direction: Tensor

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        rows = self._rows()
        direction = F.normalize(torch.randn(len(rows), dtype=rows.dtype), dim=0)
        with torch.no_grad():
            for _ in range(_FIRST):
                direction = F.normalize(rows @ (rows.T @ direction), dim=0)
        self.register_buffer("direction", direction)

    def forward(self, x: Tensor) -> Tensor:
        """Return what the layer makes of x with the divided weights."""
        rows = self._rows()
        with torch.no_grad():
            inputs = F.normalize(rows.T @ self.direction, dim=0)
            outputs = F.normalize(rows @ inputs, dim=0)
            if self.training:
                self.direction.copy_(outputs)
        largest = outputs @ (rows @ inputs)
        found: Tensor = functional_call(self.layer, {"weight": self._weight / largest}, (x,))
        return found

    @property
    def _weight(self) -> Tensor:
        weight: Tensor = self.layer.weight  # type: ignore[assignment]
        return weight

    def _rows(self) -> Tensor:
        return self._weight.flatten(1)


def normalise_spectrum(network: nn.Module) -> None:
    """Put a `SpectralNorm` around every dense and convolutional layer of a network, in place."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear | nn.Conv1d | nn.Conv2d):
                setattr(module, name, SpectralNorm(child))
