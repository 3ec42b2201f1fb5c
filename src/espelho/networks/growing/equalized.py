"""Layers with equalised learning rates: weights of variance one, scaled where they are used."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["EqualizedConvolution", "EqualizedLinear", "Resampling", "boxed"]

Resampling = Literal["none", "double", "halve"]

_RECTIFIED = math.sqrt(2)
"""Gain before units of which half are silent (He et al. 2015)."""


class _Equalized(nn.Module):
    """Weights drawn with variance one, of which ``gain / sqrt(fan_in)`` times each is used.

    So the variance of what comes out is right at first (He et al. 2015), and an optimiser that
    divides by running gradients, as Adam does, moves the weights of every layer as fast in
    proportion to their size (Karras et al. 2018, https://arxiv.org/abs/1710.10196).

    Parameters
    ----------
    shape
        Of the weights; the first axis is that of outputs.
    gain
        What follows the layer: the square root of 2 before rectified units, 1 before none.
    """

    def __init__(self, shape: tuple[int, ...], gain: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(shape))
        self.bias = nn.Parameter(torch.zeros(shape[0]))
        self.scale = gain / math.sqrt(math.prod(shape[1:]))


class EqualizedLinear(_Equalized):
    """A dense layer, ``y = c W x + b`` with ``c = gain / sqrt(inputs)``.

    Parameters
    ----------
    inputs, outputs
        Widths.
    gain
        Of what follows the layer.

    Examples
    --------
    >>> EqualizedLinear(8, 2)(torch.ones(3, 8)).shape
    torch.Size([3, 2])
    """

    def __init__(self, inputs: int, outputs: int, *, gain: float = _RECTIFIED) -> None:
        super().__init__((outputs, inputs), gain)

    def forward(self, x: Float[Tensor, "n inputs"]) -> Float[Tensor, "n outputs"]:
        """Return the outputs."""
        return F.linear(x, self.weight * self.scale, self.bias)


class EqualizedConvolution(_Equalized):
    """A convolution of an image that keeps its size, doubles it before, or halves it after.

    Doubling repeats each pixel, halving is the mean of each square of four pixels. Neither is
    made of its own: a convolution and the step before or after it are one strided convolution,
    whose kernel is that of the first spread over a square, at less than half of the work. An
    image of odd size repeats its last row or column to be halved.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels.
    kernel
        Pixels along each side of the kernel: odd, and 3 where the size changes.
    gain
        Of what follows the layer.
    resampling
        ``"none"``, ``"double"`` or ``"halve"``.

    Examples
    --------
    >>> x = torch.rand(5, 2, 6, 4)
    >>> [EqualizedConvolution(2, 3, resampling=r)(x).shape[2:] for r in ("double", "halve")]
    [torch.Size([12, 8]), torch.Size([3, 2])]
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        *,
        gain: float = _RECTIFIED,
        resampling: Resampling = "none",
    ) -> None:
        super().__init__((outputs, inputs, kernel, kernel), gain)
        self._padding = kernel // 2
        self._resampling = resampling

    def forward(
        self, x: Float[Tensor, "n inputs height width"]
    ) -> Float[Tensor, "n outputs *places"]:
        """Return the image ``(n, outputs, ...)``."""
        if self._resampling == "double":
            kernel = boxed(self.weight.flip(2, 3), self.scale).transpose(0, 1)
            return F.conv_transpose2d(x, kernel, self.bias, stride=2, padding=1)
        if self._resampling == "halve":
            kernel = boxed(self.weight, self.scale / 4)
            return F.conv2d(_even(x), kernel, self.bias, stride=2, padding=1)
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self._padding)


def boxed(
    kernel: Float[Tensor, "outputs inputs k k"], scale: float
) -> Float[Tensor, "outputs inputs l l"]:
    """Return kernels spread over a square of four pixels, and scaled: one wider along each side.

    Parameters
    ----------
    kernel
        Kernels.
    scale
        What they are multiplied with.

    Examples
    --------
    >>> boxed(torch.ones(1, 1, 1, 1), 0.5).flatten()
    tensor([0.5000, 0.5000, 0.5000, 0.5000])
    """
    wide = F.pad(kernel * scale, (1, 1, 1, 1))
    rows = wide[..., 1:, :] + wide[..., :-1, :]
    return rows[..., 1:] + rows[..., :-1]


def _even(x: Tensor) -> Tensor:
    """Return images of even size, whose last row and column are repeated where it is odd."""
    for axis in (2, 3):
        if x.shape[axis] % 2:
            x = torch.cat([x, x.narrow(axis, -1, 1)], dim=axis)
    return x
