"""Discriminators of parts of images: a score for every patch of a size."""

from collections.abc import Mapping, Sequence
from math import ceil, log2

from jaxtyping import Float
from torch import Tensor, nn

from espelho.errors import ShapeError
from espelho.networks.activations import initialise
from espelho.networks.images.layers import convolution, laid_out, slope
from espelho.networks.images.windows import Window, receptive_field

__all__ = ["PATCHES", "PatchDiscriminator", "fitting_patch", "windows_of"]

_HALVING, _SLIDING, _PIXEL = Window(4, 2, 1), Window(4, 1, 1), Window(1)

PATCHES: Mapping[str, Sequence[Window]] = {
    "pixel": (_PIXEL, _PIXEL, _PIXEL),
    "16x16": (_HALVING, _SLIDING, _SLIDING),
    "34x34": (_HALVING, _HALVING, _SLIDING, _SLIDING),
    "70x70": (_HALVING, _HALVING, _HALVING, _SLIDING, _SLIDING),
}
"""Convolutions by the size of the patch that each score is of (Isola et al. 2017, appendix)."""

_SHARE = 0.6
"""Share of an image that a patch is at most, where it is chosen for it."""

_WIDEST = 8
"""Times the first number of channels that a later one is at most."""

_LEFT = 4
"""Side of an image from which on it is judged at once."""


def windows_of(patch: str, places: tuple[int, int]) -> Sequence[Window]:
    """Return the convolutions of a discriminator, the last of which gives scores.

    Parameters
    ----------
    patch
        A name of `PATCHES`; or image: as many that halve as the image can be halved, then one
        score of all.
    places
        Height and width of the images.

    Raises
    ------
    ShapeError
        If a patch is larger than the images.
    """
    if patch == "image":
        return [_HALVING] * max(1, ceil(log2(max(1.0, min(places) / _LEFT))))
    field = receptive_field(PATCHES[patch])
    if field > min(places):
        raise ShapeError(
            f"patch={patch!r} judges patches of {field} x {field} pixels, and the images have "
            f"{places[0]} x {places[1]}. Use a smaller patch, patch='auto', or larger images."
        )
    return PATCHES[patch]


def fitting_patch(places: tuple[int, int]) -> str:
    """Return the largest patch that is at most 0.6 of an image; image where none is.

    Examples
    --------
    >>> [fitting_patch((side, side)) for side in (8, 28, 64, 256)]
    ['image', '16x16', '34x34', '70x70']
    """
    fields = {receptive_field(windows): name for name, windows in PATCHES.items()}
    fits = [field for field in fields if 1 < field <= _SHARE * min(places)]
    return fields[max(fits)] if fits else "image"


class PatchDiscriminator(nn.Module):
    """Score every patch of images (Isola et al. 2017, https://arxiv.org/abs/1611.07004).

    Parameters
    ----------
    inputs
        Number of channels of the images.
    places
        Height and width of the images to learn from.
    patch
        pixel, 16x16, 34x34, 70x70: the size of what a score depends on. image: one score of all.
    channels
        Number of channels after the first convolution; each one doubles it, up to eight times.
    normalization
        none, instance or batch; the first and the last convolution have none.

    Attributes
    ----------
    receptive_field
        Side of what a score depends on; ``None`` where that is the whole image.

    Examples
    --------
    >>> import torch
    >>> network = PatchDiscriminator(3, (32, 32), patch="16x16", channels=4)
    >>> network.receptive_field, network(torch.zeros(2, 3, 32, 32)).shape
    (16, torch.Size([2, 14, 14]))
    """

    def __init__(
        self,
        inputs: int,
        places: tuple[int, int],
        *,
        patch: str = "70x70",
        channels: int = 64,
        normalization: str = "instance",
    ) -> None:
        super().__init__()
        windows = windows_of(patch, places)
        whole = patch == "image"
        self.receptive_field = None if whole else receptive_field(windows)
        widths = [channels * min(2**step, _WIDEST) for step in range(len(windows))]
        before = windows if whole else windows[:-1]
        layers: list[nn.Module] = []
        for step, window in enumerate(before):
            kind = normalization if step else "none"
            below = widths[step - 1] if step else inputs
            layers += [*convolution(below, widths[step], window, normalization=kind), slope()]
        width = widths[len(before) - 1]
        if whole:
            score = nn.Conv2d(width, 1, (places[0] >> len(windows), places[1] >> len(windows)))
        else:
            score = nn.Conv2d(width, 1, *windows[-1][:3])
        initialise(score, "linear", last=True)
        self.layers = nn.Sequential(*layers, score)

    def forward(self, x: Float[Tensor, "n inputs h w"]) -> Float[Tensor, "n rows columns"]:
        """Return the score of each patch, a logit."""
        y: Tensor = self.layers(laid_out(x))
        return y.squeeze(1)
