"""Resolutions: the sizes through which networks of images grow, and the ways between them."""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

__all__ = ["averaged_to", "enlarged_to", "halved", "resolutions"]

_FEWEST_PIXELS = 4
"""Height and width of the smallest images."""

Size = tuple[int, int]


def resolutions(height: int, width: int) -> tuple[Size, ...]:
    """Return the sizes of images from the smallest on, each half of the next, rounded up.

    The smallest is the last whose sides have 4 pixels or more.

    Parameters
    ----------
    height, width
        Size of an image, at least 4 each.

    Examples
    --------
    >>> resolutions(32, 32), resolutions(28, 28)
    (((4, 4), (8, 8), (16, 16), (32, 32)), ((4, 4), (7, 7), (14, 14), (28, 28)))
    >>> resolutions(20, 12), resolutions(48, 32)
    (((10, 6), (20, 12)), ((6, 4), (12, 8), (24, 16), (48, 32)))
    """
    found = [(height, width)]
    while min(smaller := (-(-found[0][0] // 2), -(-found[0][1] // 2))) >= _FEWEST_PIXELS:
        found.insert(0, smaller)
    return tuple(found)


def halved(
    x: Float[Tensor, "n channels height width"],
) -> Float[Tensor, "n channels rows columns"]:
    """Return images of half the size, rounded up: the mean of each square of four pixels.

    At the end of an odd side, the mean of those there are.
    """
    return F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)


def averaged_to(x: Tensor, size: Size) -> Tensor:
    """Return images ``(n, channels, height, width)`` halved until they have a size.

    Parameters
    ----------
    x
        Images.
    size
        One of the `resolutions` of theirs.
    """
    while x.shape[2:] != size:
        x = halved(x)
    return x


def enlarged_to(x: Tensor, sizes: Sequence[Size]) -> Tensor:
    """Return images ``(n, channels, height, width)`` doubled to one size after the other.

    Each pixel becomes four; what is beyond an odd size is left out. `averaged_to` undoes it.

    Parameters
    ----------
    x
        Images.
    sizes
        The `resolutions` that follow theirs.

    Examples
    --------
    >>> import torch
    >>> x = torch.rand(1, 1, 4, 4)
    >>> larger = enlarged_to(x, [(7, 8), (14, 15)])
    >>> larger.shape, torch.equal(averaged_to(larger, (4, 4)), x)
    (torch.Size([1, 1, 14, 15]), True)
    """
    for height, width in sizes:
        x = F.interpolate(x, scale_factor=2, mode="nearest")[..., :height, :width]
    return x
