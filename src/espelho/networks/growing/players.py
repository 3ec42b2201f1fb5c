"""Growing networks: a generator and a discriminator whose images get larger in training."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.networks.activations import ACTIVATIONS
from espelho.networks.discriminator import MinibatchDeviation
from espelho.networks.growing.equalized import EqualizedConvolution, EqualizedLinear
from espelho.networks.growing.pixel_norm import PixelNorm
from espelho.networks.growing.resolutions import Size, enlarged_to, halved
from espelho.networks.images.channels_last import ChannelsLast, Grid, Pixels

__all__ = ["GrowingDiscriminator", "GrowingGenerator"]


class _Growing(nn.Module):
    """A network that has the layers of the resolutions it has grown to, and no others.

    Layers of larger ones wait outside: nobody owns, averages or saves them. Weights that are
    loaded say by their names how far their network had grown.

    Attributes
    ----------
    level
        Which resolution its images have, from 0.
    fading
        Whether the layers of that one fade in.
    fade
        How far they have, from 0 to 1.
    """

    fade: Tensor
    level: int
    fading: bool
    remembers = True  # where a fade stands is no statistic to be averaged

    def _plant(self, blocks: Iterable[nn.Module], images: Iterable[nn.Module]) -> None:
        """Take the layers between resolutions, and those of images at each; grown in full."""
        self._every_block, self._every_image = tuple(blocks), tuple(images)
        self.register_buffer("fade", torch.ones(()))
        self.stand_at(len(self._every_block), fading=False)

    def stand_at(self, level: int, *, fading: bool) -> None:
        """Have the layers of the resolutions up to one; those there already stay what they are.

        Parameters
        ----------
        level
            Which resolution, from 0.
        fading
            Whether it fades in, so that images of the one before are made or read too.
        """
        like = next(self.parameters())
        shown = range(level - fading, level + 1)
        self.blocks = nn.ModuleList(self._every_block[:level]).to(like)
        self.images = nn.ModuleDict({str(k): self._every_image[k] for k in shown}).to(like)
        self.level, self.fading = level, fading

    def _image(self, level: int) -> nn.Module:
        return self.images[str(level)]

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *more: Any) -> None:
        start = f"{prefix}images."
        names = (name.removeprefix(start) for name in state_dict if name.startswith(start))
        levels = {int(name.split(".")[0]) for name in names}
        if levels:
            self.stand_at(min(max(levels), len(self._every_block)), fading=len(levels) > 1)
        super()._load_from_state_dict(state_dict, prefix, *more)


class GrowingGenerator(_Growing):
    """From noise to images of the resolution that it has grown to (Karras et al. 2018).

    A dense layer makes the smallest image, and each resolution doubles it; every convolution is
    followed by an activation and pixel normalisation. Images are read off by a convolution of one
    pixel at each resolution. While layers fade in, an image is ``(1 - a) up(before) + a after``.

    Parameters
    ----------
    latent_dim
        Width of the noise.
    sizes
        The resolutions ``(height, width)``, the smallest first; one at which a side is odd
        leaves out the last row or column of the doubled image.
    channels
        Number of channels at each.
    colours
        Number of channels of an image.
    activation, output_activation
        Names of the activations after every convolution, and of images.
    normalization
        ``"pixel"`` or ``"none"``.

    Examples
    --------
    >>> g = GrowingGenerator(3, [(4, 4), (7, 8)], [6, 5], 1)
    >>> g(torch.randn(2, 3)).shape
    torch.Size([2, 1, 7, 8])
    >>> g.stand_at(0, fading=False)
    >>> g(torch.randn(2, 3)).shape
    torch.Size([2, 1, 4, 4])
    """

    def __init__(
        self,
        latent_dim: int,
        sizes: Sequence[Size],
        channels: Sequence[int],
        colours: int,
        *,
        activation: str = "leaky-relu",
        output_activation: str = "linear",
        normalization: Literal["pixel", "none"] = "pixel",
    ) -> None:
        super().__init__()
        normal = (PixelNorm,) if normalization == "pixel" else ()

        def after() -> list[nn.Module]:
            return [_activation(activation), *(make() for make in normal)]

        (height, width), first = sizes[0], channels[0]
        self._sizes = tuple(sizes)
        self.first = nn.Sequential(
            *(make() for make in normal),
            EqualizedLinear(latent_dim, first * height * width),
            Grid((first, height, width)),
            *after(),
            EqualizedConvolution(first, first),
            *after(),
        )
        self.output = _activation(output_activation)
        blocks = (
            nn.Sequential(
                EqualizedConvolution(below, above, resampling="double"),
                _Cropped(size),
                *after(),
                EqualizedConvolution(above, above),
                *after(),
            )
            for size, (below, above) in zip(sizes[1:], pairwise(channels), strict=True)
        )
        self._plant(blocks, [EqualizedConvolution(n, colours, 1, gain=1.0) for n in channels])

    def forward(self, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n colours height width"]:
        """Return an image for each row of noise, as large as the network has grown."""
        before = h = self.first(z)
        for block in self.blocks:
            before, h = h, block(h)
        x: Tensor = self.output(self._image(self.level)(h))
        if not self.fading:
            return x
        small = self.output(self._image(self.level - 1)(before))
        return enlarged_to(small, self._sizes[self.level : self.level + 1]).lerp(
            x, self.fade.to(x)
        )


class GrowingDiscriminator(_Growing):
    """Score images of the resolution that it has grown to (Karras et al. 2018).

    The mirror of `GrowingGenerator`: each resolution halves what it is given, and dense layers
    end in the score. While layers fade in, what they make of an image is mixed with what is read
    of the halved image, ``(1 - a) before + a after``.

    Parameters
    ----------
    sizes, channels, colours, activation
        As of `GrowingGenerator`.
    minibatch_deviation
        Whether the last layers also see how much the images of a batch differ.

    Examples
    --------
    >>> d = GrowingDiscriminator([(4, 4), (7, 8)], [6, 5], 1)
    >>> d(torch.rand(2, 1, 7, 8)).shape
    torch.Size([2])
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        channels: Sequence[int],
        colours: int,
        *,
        activation: str = "leaky-relu",
        minibatch_deviation: bool = True,
    ) -> None:
        super().__init__()
        (height, width), first = sizes[0], channels[0]
        seen = [MinibatchDeviation()] if minibatch_deviation else []
        self.last = nn.Sequential(
            *seen,
            EqualizedConvolution(first + len(seen), first),
            _activation(activation),
            Pixels(),
            EqualizedLinear(first * height * width, first),
            _activation(activation),
            EqualizedLinear(first, 1, gain=1.0),
        )
        blocks = (
            nn.Sequential(
                EqualizedConvolution(above, above),
                _activation(activation),
                EqualizedConvolution(above, below, resampling="halve"),
                _activation(activation),
            )
            for below, above in pairwise(channels)
        )
        readers = (
            nn.Sequential(
                ChannelsLast(), EqualizedConvolution(colours, n, 1), _activation(activation)
            )
            for n in channels
        )
        self._plant(blocks, readers)

    def forward(self, x: Float[Tensor, "n colours height width"]) -> Float[Tensor, "n"]:
        """Return the score of each image, a logit."""
        h = self._image(self.level)(x)
        for level in reversed(range(self.level)):
            h = self.blocks[level](h)
            if self.fading and level == self.level - 1:
                h = self._image(level)(halved(x)).lerp(h, self.fade.to(h))
        found: Tensor = self.last(h)
        return found.squeeze(1)


class _Cropped(nn.Module):
    """Leave out what is beyond a size."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self._height, self._width = size

    def forward(
        self, h: Float[Tensor, "n channels rows columns"]
    ) -> Float[Tensor, "n channels height width"]:
        return h[..., : self._height, : self._width]


def _activation(name: str) -> nn.Module:
    made = ACTIVATIONS[name].build()
    if hasattr(made, "inplace"):
        made.inplace = True  # type: ignore[assignment]  # torch annotates no such attribute
    return made
