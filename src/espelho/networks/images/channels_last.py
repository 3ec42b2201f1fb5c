"""Channels last: images laid out in memory pixel by pixel, which convolutions are faster with."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["ChannelsLast", "Grid", "Pixels", "channels_last"]

_IMAGE = 3
"""Axes of an image that names its channels."""


def channels_last(network: nn.Sequential) -> nn.Sequential:
    """Return the layers of a convolutional network, run on images whose channels come last.

    Tensors keep their shapes; only the order of their elements in memory changes, so that
    libraries of convolutions need not change it, and vectors are read off and put there without
    being copied. Activations overwrite what they are given. What is of signals stays as it is.

    Parameters
    ----------
    network
        As `convolutional_encoder` or `convolutional_decoder` builds it; its layers are used.

    Examples
    --------
    >>> from espelho.networks.images.convolutional import convolutional_encoder
    >>> channels_last(convolutional_encoder((1, 8, 8), (4,), 2, "relu", "linear"))
    Sequential(
      (0): ChannelsLast()
      (1): Conv2d(1, 4, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
      (2): ReLU(inplace=True)
      (3): Pixels()
      (4): Linear(in_features=64, out_features=2, bias=True)
    )
    """
    if not any(isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) for layer in network):
        return network
    layers = [_laid_out(layer) for layer in network]
    first: list[nn.Module] = [ChannelsLast()] if isinstance(layers[0], nn.Conv2d) else []
    return nn.Sequential(*first, *layers)


def _laid_out(layer: nn.Module) -> nn.Module:
    if isinstance(layer, nn.Flatten) and layer.end_dim == -1:
        return Pixels()
    if isinstance(layer, nn.Unflatten) and len(layer.unflattened_size) == _IMAGE:
        return Grid(layer.unflattened_size)
    if hasattr(layer, "inplace"):
        layer.inplace = True  # type: ignore[assignment]  # torch annotates no such attribute
    return layer


class ChannelsLast(nn.Module):
    """Give images that memory layout.

    An image of one channel has it whatever its strides are, and libraries look at strides: hence
    no ``contiguous(memory_format=...)``, which would leave them.
    """

    def forward(
        self, x: Float[Tensor, "n channels height width"]
    ) -> Float[Tensor, "n channels height width"]:
        """Return the images, laid out so; a graph that is traced has no layout in memory."""
        if torch.compiler.is_compiling():
            return x
        n, channels, height, width = x.shape
        pixels = x.permute(0, 2, 3, 1).flatten(1)
        return pixels.view(n, height, width, channels).permute(0, 3, 1, 2)


class Pixels(nn.Module):
    """Read images off as vectors, pixel by pixel."""

    def forward(self, x: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n d"]:
        """Return the vectors."""
        return x.permute(0, 2, 3, 1).flatten(1)


class Grid(nn.Module):
    """Put vectors ``(n, d)`` on a grid, pixel by pixel."""

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self._channels, self._height, self._width = shape

    def forward(self, h: Float[Tensor, "n d"]) -> Float[Tensor, "n channels height width"]:
        """Return the images."""
        pixels = h.view(-1, self._height, self._width, self._channels)
        return pixels.permute(0, 3, 1, 2)
