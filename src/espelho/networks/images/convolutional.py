"""Convolutional networks: from images or signals of any size to codes, and exactly back."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from torch import nn

from espelho.errors import SettingError, ShapeError
from espelho.networks.activations import ACTIVATIONS, initialise

__all__ = ["CONVOLUTIONAL_NORMALIZATIONS", "convolutional_decoder", "convolutional_encoder"]

_IMAGE = 3
"""Axes of a sample that names its channels."""

_CONVOLUTIONS: Mapping[int, type[nn.Conv1d | nn.Conv2d]] = {1: nn.Conv1d, 2: nn.Conv2d}
_TRANSPOSED: Mapping[int, type[nn.ConvTranspose1d | nn.ConvTranspose2d]] = {
    1: nn.ConvTranspose1d,
    2: nn.ConvTranspose2d,
}
_BATCH = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}

CONVOLUTIONAL_NORMALIZATIONS: Mapping[str, Callable[[int, int], nn.Module]] = {
    "batch": lambda channels, axes: _BATCH[axes](channels),
    "layer": lambda channels, _: nn.GroupNorm(1, channels),
}
"""Normalisations by name, made from the number of channels and of axes: each channel over the
batch and all places (Ioffe and Szegedy 2015); each sample over all channels and places, with a
gain and a bias per channel (Ba, Kiros, Hinton 2016; a group norm of one group)."""


class _Axis(NamedTuple):
    """What one convolution does along one axis, from ``size`` elements to ``out``."""

    size: int
    kernel: int
    stride: int
    padding: int

    @property
    def out(self) -> int:
        return (self.size + 2 * self.padding - self.kernel) // self.stride + 1

    @property
    def remainder(self) -> int:
        """Elements at the end that the transposed convolution must add to reach ``size``."""
        return self.size - ((self.out - 1) * self.stride - 2 * self.padding + self.kernel)


def _axis(size: int, kernel: int, stride: int) -> _Axis:
    """Choose the padding, the same at both ends, that leaves ``ceil(size / stride)``."""
    moved = (-(-size // stride) - 1) * stride
    kernel = min(kernel, moved + size)
    return _Axis(size, kernel, stride, padding=(max(moved + kernel - size, 0) + 1) // 2)


class _Layer(NamedTuple):
    """A convolution from ``below`` to ``above`` channels, and the way back."""

    below: int
    above: int
    axes: Sequence[_Axis]

    @property
    def grid(self) -> tuple[int, ...]:
        """Shape ``(channels, *places)`` of what comes out."""
        return (self.above, *(axis.out for axis in self.axes))

    def convolution(self, *, bias: bool) -> nn.Conv1d | nn.Conv2d:
        make = _CONVOLUTIONS[len(self.axes)]
        return make(self.below, self.above, *self._window(), bias=bias)

    def transposed(self, *, bias: bool) -> nn.ConvTranspose1d | nn.ConvTranspose2d:
        make = _TRANSPOSED[len(self.axes)]
        remainder: Any = tuple(axis.remainder for axis in self.axes)
        return make(self.above, self.below, *self._window(), remainder, bias=bias)

    def _window(self) -> tuple[Any, Any, Any]:
        _, kernel, stride, padding = zip(*self.axes, strict=True)
        return kernel, stride, padding


def convolutional_encoder(
    sample_shape: Sequence[int],
    channels: Sequence[int],
    latent_dim: int,
    activation: str,
    last_activation: str,
    *,
    normalization: str = "none",
    kernel: int = 4,
    stride: int = 2,
) -> nn.Sequential:
    """Build a stack of convolutions that ends in a fully connected layer.

    Each convolution turns ``size`` elements along an axis into ``ceil(size / stride)``, zeros
    being thought around the sample; one of stride 1 and even kernel adds one element. So any
    sample is large enough for any depth. Where a kernel is wider than what it could ever
    reach, it is cut to that: an axis of one element has kernels of one element.

    Parameters
    ----------
    sample_shape
        Shape of a sample: ``(length,)`` for a signal, ``(height, width)`` for an image of one
        channel, or ``(channels, height, width)``.
    channels
        Number of channels after each convolution.
    latent_dim
        Width of the code.
    activation, last_activation
        Names of the activations after every convolution, and after the code.
    normalization
        A name of `CONVOLUTIONAL_NORMALIZATIONS`, or ``"none"``: what stands between every
        convolution and its activation.
    kernel
        Elements of a kernel along each axis. One that the stride divides reaches all
        elements equally often, and so makes no chequered patterns in what the decoder
        gives back (Odena, Dumoulin, Olah 2016, https://doi.org/10.23915/distill.00003).
    stride
        How far a kernel moves along each axis.

    Returns
    -------
    nn.Sequential
        Network from ``(n, *sample_shape)`` to ``(n, latent_dim)``.

    Raises
    ------
    ShapeError
        If `sample_shape` is not of one of the three kinds.
    SettingError
        If a number is below 1, there is no convolution, or kernels leave elements out.

    Examples
    --------
    >>> convolutional_encoder((1, 7, 5), (8,), 3, "relu", "linear")
    Sequential(
      (0): Conv2d(1, 8, kernel_size=(4, 4), stride=(2, 2), padding=(2, 2))
      (1): ReLU()
      (2): Flatten(start_dim=1, end_dim=-1)
      (3): Linear(in_features=96, out_features=3, bias=True)
    )
    """
    layers = _layers(sample_shape, channels, latent_dim, kernel, stride)
    modules: list[nn.Module] = []
    if len(sample_shape) < _IMAGE:
        modules.append(nn.Unflatten(1, (1, sample_shape[0])))
    for layer in layers:
        convolution = layer.convolution(bias=normalization == "none")
        initialise(convolution, activation)
        modules += [convolution, *_after(layer.grid, activation, normalization)]
    code = nn.Linear(prod(layers[-1].grid), latent_dim)
    initialise(code, last_activation, last=True)
    return nn.Sequential(*modules, nn.Flatten(), code, *_activation(last_activation))


def convolutional_decoder(
    sample_shape: Sequence[int],
    channels: Sequence[int],
    latent_dim: int,
    activation: str,
    last_activation: str,
    *,
    normalization: str = "none",
    kernel: int = 4,
    stride: int = 2,
) -> nn.Sequential:
    """Build the way back from codes to samples: a fully connected layer, then convolutions.

    The convolutions are transposed (Zeiler et al. 2010): each multiplies by the transpose of
    the matrix that a convolution from its output to its input would multiply by. So each
    gives back exactly the size that the encoder's layer of the same place takes in.

    Parameters
    ----------
    sample_shape, channels, latent_dim, kernel, stride
        As in `convolutional_encoder`, and in its order: from samples to codes.
    activation, last_activation
        Names of the activations after every layer but the last, and after it.
    normalization
        A name of `CONVOLUTIONAL_NORMALIZATIONS`, or ``"none"``: what stands between every
        layer but the last and its activation.

    Returns
    -------
    nn.Sequential
        Network from ``(n, latent_dim)`` to ``(n, *sample_shape)``.

    Raises
    ------
    ShapeError
        If `sample_shape` is not of one of the three kinds.
    SettingError
        If a number is below 1, there is no convolution, or kernels leave elements out.

    Examples
    --------
    >>> convolutional_decoder((1, 7, 5), (8,), 3, "relu", "linear")
    Sequential(
      (0): Linear(in_features=3, out_features=96, bias=True)
      (1): Unflatten(dim=1, unflattened_size=(8, 4, 3))
      (2): ReLU()
      (3): ConvTranspose2d(8, 1, kernel_size=(4, 4), stride=(2, 2), padding=(2, 2), ...)
    )
    """
    layers = _layers(sample_shape, channels, latent_dim, kernel, stride)
    free = normalization == "none"
    grid = layers[-1].grid
    dense = nn.Linear(latent_dim, prod(grid), bias=free)
    initialise(dense, activation)
    modules: list[nn.Module] = [dense, nn.Unflatten(1, grid)]
    for layer in layers[::-1]:
        modules += _after(layer.grid, activation, normalization)
        last = layer is layers[0]
        transposed = layer.transposed(bias=free or last)
        initialise(transposed, last_activation if last else activation, last=last)
        modules.append(transposed)
    modules += _activation(last_activation)
    if len(sample_shape) < _IMAGE:
        modules.append(nn.Flatten(1, 2))
    return nn.Sequential(*modules)


def _layers(
    sample_shape: Sequence[int], channels: Sequence[int], latent_dim: int, kernel: int, stride: int
) -> list[_Layer]:
    _check(sample_shape, channels, latent_dim, kernel, stride)
    layers: list[_Layer] = []
    below, *sizes = sample_shape if len(sample_shape) == _IMAGE else (1, *sample_shape)
    for above in channels:
        layer = _Layer(below, above, [_axis(size, kernel, stride) for size in sizes])
        below, *sizes = layer.grid
        layers.append(layer)
    return layers


def _check(
    sample_shape: Sequence[int], channels: Sequence[int], latent_dim: int, kernel: int, stride: int
) -> None:
    if not 1 <= len(sample_shape) <= _IMAGE or min(sample_shape) < 1:
        raise ShapeError(
            "a convolutional network takes samples of shape (length,), (height, width) or "
            f"(channels, height, width), each at least 1; got {tuple(sample_shape)}."
        )
    if not channels:
        raise SettingError(
            "channels must name at least one convolution, such as (16, 32); got ()."
        )
    for name, least in (
        ("channels", min(channels)),
        ("latent_dim", latent_dim),
        ("kernel", kernel),
        ("stride", stride),
    ):
        if least < 1:
            raise SettingError(f"{name} must be at least 1, got {least}.")
    if kernel < stride:
        raise SettingError(
            f"kernel must be at least as wide as stride, got {kernel} and {stride}: elements "
            "between two kernels would be neither read nor given back."
        )


def _after(grid: Sequence[int], activation: str, normalization: str) -> list[nn.Module]:
    """Return what follows a hidden layer whose output has shape ``(n, *grid)``."""
    if normalization == "none":
        return _activation(activation)
    channels, axes = grid[0], len(grid) - 1
    normal = CONVOLUTIONAL_NORMALIZATIONS[normalization](channels, axes)
    return [normal, *_activation(activation)]


def _activation(name: str) -> list[nn.Module]:
    return [] if name == "linear" else [ACTIVATIONS[name].build()]
