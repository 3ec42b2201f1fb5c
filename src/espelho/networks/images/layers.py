"""Layers of networks from images to images: convolutions, the way back up, and padding."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from espelho.networks.activations import initialise
from espelho.networks.images.windows import Window

__all__ = [
    "IMAGE_NORMALIZATIONS",
    "UPSAMPLINGS",
    "Doubled",
    "InstanceNormalization",
    "ResizeConvolution",
    "convolution",
    "laid_out",
    "padded",
    "slope",
]


class InstanceNormalization(nn.GroupNorm):
    """Bring each channel of each image to mean 0 and variance 1 over its places, then scale it.

    A group norm of one channel a group, on images laid out channel by channel: laid out pixel by
    pixel, as convolutions like them, it takes longer than a convolution.

    Parameters
    ----------
    channels
        Number of channels.
    """

    shared: tuple[Tensor, Tensor] | None = None
    """Mean and variance of each channel of an image that is seen a part at a time."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels)

    def forward(
        self,
        input: Float[Tensor, "n channels h w"],  # noqa: A002 as torch calls it
    ) -> Float[Tensor, "n channels h w"]:
        """Return images normalised."""
        if self.shared is None:
            return super().forward(input.contiguous())
        mean, variance = (moment.to(input) for moment in self.shared)
        return F.batch_norm(input, mean, variance, self.weight, self.bias, eps=self.eps)


IMAGE_NORMALIZATIONS: Mapping[str, Callable[[int], nn.Module]] = {
    "instance": InstanceNormalization,
    "batch": nn.BatchNorm2d,
}
"""Normalisations by name: each channel of each image over its places (Ulyanov, Vedaldi and
Lempitsky 2016), and each channel over the batch too (Ioffe and Szegedy 2015)."""

Mode = Literal["zeros", "reflect", "replicate"]
"""What is thought around an image."""

_SLOPE = 0.2
"""Slope of the leaky rectifiers below 0, as published for both translators."""


def slope() -> nn.Module:
    """Return a leaky rectifier of slope 0.2."""
    return nn.LeakyReLU(_SLOPE, inplace=True)


def convolution(
    inputs: int,
    outputs: int,
    window: Window,
    *,
    normalization: str = "none",
    mode: Mode = "zeros",
    last: bool = False,
) -> list[nn.Module]:
    """Return a convolution and what normalises it.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels.
    window
        Its kernel, stride and padding.
    normalization
        none, or a name of `IMAGE_NORMALIZATIONS`.
    mode
        What is thought around an image: zeros, reflect, replicate.
    last
        Whether it ends the network.
    """
    free = normalization == "none"
    layer = nn.Conv2d(inputs, outputs, *window[:3], bias=free, padding_mode=mode)
    return _normalised(layer, outputs, normalization, last=last)


def _normalised(layer: Any, outputs: int, normalization: str, *, last: bool) -> list[nn.Module]:
    initialise(layer, "linear" if last else "relu")
    if normalization == "none":
        return [layer]
    return [layer, IMAGE_NORMALIZATIONS[normalization](outputs)]


class ResizeConvolution(nn.Conv2d):
    """Repeat each pixel twice along each axis, then convolve, kernels of 3 x 3.

    Every output is a sum over as many weights, so no checkerboard is built in (Odena, Dumoulin
    and Olah 2016, https://distill.pub/2016/deconv-checkerboard). Computed as the transposed
    convolution, kernels of 4 x 4, that it equals: less than half the products.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels.
    bias
        Whether there is a bias.
    """

    windows = (Window(2, 2, transposed=True), Window(3, 1, 1))

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(inputs, outputs, 3, padding=1, bias=bias)

    def forward(
        self,
        input: Float[Tensor, "n inputs h w"],  # noqa: A002 as torch calls it
    ) -> Float[Tensor, "n outputs 2*h 2*w"]:
        """Return images twice as high and wide."""
        w = F.pad(self.weight, (1, 1, 1, 1)).flip(2, 3)
        spread = w[..., 1:, 1:] + w[..., 1:, :-1] + w[..., :-1, 1:] + w[..., :-1, :-1]
        return F.conv_transpose2d(input, spread.transpose(0, 1), self.bias, stride=2, padding=1)


class Doubled(nn.ConvTranspose2d):
    """A transposed convolution that doubles height and width, kernels of 4 x 4.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels.
    bias
        Whether there is a bias.
    """

    windows = (Window(4, 2, 1, transposed=True),)

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(inputs, outputs, 4, 2, 1, bias=bias)


UPSAMPLINGS: Mapping[str, type[ResizeConvolution | Doubled]] = {
    "resize": ResizeConvolution,
    "transposed": Doubled,
}
"""What doubles height and width, by name."""


def doubling(
    inputs: int, outputs: int, kind: str, *, normalization: str = "none", last: bool = False
) -> list[nn.Module]:
    """Return what doubles height and width, and what normalises it.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels.
    kind
        A name of `UPSAMPLINGS`.
    normalization, last
        As of `convolution`.
    """
    layer = UPSAMPLINGS[kind](inputs, outputs, bias=normalization == "none")
    return _normalised(layer, outputs, normalization, last=last)


def laid_out(x: Float[Tensor, "n channels h w"]) -> Float[Tensor, "n channels h w"]:
    """Return images whose channels come last in memory, which convolutions are faster with.

    An image of one channel has that layout whatever its strides are, and libraries look at
    strides: hence no ``contiguous(memory_format=...)``, which would leave them.
    """
    n, channels, height, width = x.shape
    pixels = x.permute(0, 2, 3, 1).flatten(1)
    return pixels.view(n, height, width, channels).permute(0, 3, 1, 2)


def padded(x: Float[Tensor, "n channels h w"], multiple: int) -> Float[Tensor, "n channels H W"]:
    """Return images mirrored at their ends until their sides are multiples of a number.

    Parameters
    ----------
    x
        Images, which stay where they are.
    multiple
        The number.

    Examples
    --------
    >>> padded(torch.arange(3.0).view(1, 1, 1, 3), 4).view(4, 4)[0]
    tensor([0., 1., 2., 1.])
    """
    for axis in (2, 3):
        size = x.shape[axis]
        if size % multiple:
            x = x.index_select(axis, _mirrored(size, -(-size // multiple) * multiple, x.device))
    return x


def _mirrored(size: int, longer: int, device: torch.device) -> Tensor:
    period = max(1, 2 * (size - 1))
    there = torch.arange(longer, device=device) % period
    return torch.minimum(there, period - there) if size > 1 else there
