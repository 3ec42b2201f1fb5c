"""Augmentation: random changes of images that gradients flow through."""

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["AUGMENTATIONS", "brightness", "contrast", "cutout", "saturation", "translation"]

Change = Callable[[Tensor, float], Tensor]

_COLOURS = 3
"""Channels of an image in colour."""

_FARTHEST = 1 / 8
"""Largest translation along an axis, as a share of its size."""

_CUT = 1 / 2
"""Size of what is cut out, as a share of the image's along each axis."""


def brightness(
    x: Float[Tensor, "n channels height width"], spread: float
) -> Float[Tensor, "n channels height width"]:
    """Add to each image a number from minus to plus the spread of the data."""
    return x + spread * (2 * _uniform(x) - 1)


def saturation(
    x: Float[Tensor, "n channels height width"], _spread: float
) -> Float[Tensor, "n channels height width"]:
    """Multiply how far colours are off grey by a factor from 0 to 2, in images of 3 channels."""
    if x.shape[1] != _COLOURS:
        return x
    grey = x.mean(1, keepdim=True)
    return grey + 2 * _uniform(x) * (x - grey)


def contrast(
    x: Float[Tensor, "n channels height width"], _spread: float
) -> Float[Tensor, "n channels height width"]:
    """Multiply how far each image is off its mean by a factor from 1/2 to 3/2."""
    mean = x.mean((1, 2, 3), keepdim=True)
    return mean + (0.5 + _uniform(x)) * (x - mean)


def translation(
    x: Float[Tensor, "n channels height width"], _spread: float
) -> Float[Tensor, "n channels height width"]:
    """Move each image by up to an eighth of its size along each axis; zeros move in."""
    (rows, in_rows), (columns, in_columns) = (_moved(x, size) for size in x.shape[2:])
    which = torch.arange(len(x), device=x.device).view(-1, 1, 1, 1)
    channels = torch.arange(x.shape[1], device=x.device).view(1, -1, 1, 1)
    moved = x[which, channels, rows[:, None, :, None], columns[:, None, None, :]]
    return moved * (in_rows[:, None, :, None] & in_columns[:, None, None, :])


def cutout(
    x: Float[Tensor, "n channels height width"], _spread: float
) -> Float[Tensor, "n channels height width"]:
    """Put zeros in a rectangle half as wide and high as each image, which may stick out of it."""
    rows, columns = (_covered(x, size) for size in x.shape[2:])
    return x * ~(rows[:, None, :, None] & columns[:, None, None, :])


AUGMENTATIONS: Mapping[str, tuple[Change, ...]] = {
    "color": (brightness, saturation, contrast),
    "translation": (translation,),
    "cutout": (cutout,),
}
"""Changes of images ``(n, channels, height, width)`` by name, of each image by itself, with the
amounts of Zhao et al. (2020), https://arxiv.org/abs/2006.10738. Their brightness changes by up to
one half, in images between -1 and 1: about the standard deviation of pixels."""


def _uniform(x: Tensor) -> Tensor:
    """Return a number from 0 to 1 for each image."""
    return torch.rand(len(x), 1, 1, 1, dtype=x.dtype, device=x.device)


def _moved(x: Tensor, size: int) -> tuple[Int[Tensor, "n size"], Bool[Tensor, "n size"]]:
    """Return which element of an axis comes to each place, and whether there is one."""
    farthest = int(size * _FARTHEST + 0.5)
    by = torch.randint(-farthest, farthest + 1, (len(x), 1), device=x.device)
    place = torch.arange(size, device=x.device) + by
    return place.clamp(0, size - 1), (place >= 0) & (place < size)


def _covered(x: Tensor, size: int) -> Bool[Tensor, "n size"]:
    """Return which places of an axis are cut out of each image."""
    cut = int(size * _CUT + 0.5)
    first = torch.randint(0, size + 1 - cut % 2, (len(x), 1), device=x.device) - cut // 2
    place = torch.arange(size, device=x.device)
    return (place >= first) & (place < first + cut)
