"""The Laplacian pyramid: an image as the details that each resolution adds."""

from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

SMALL, LARGE = 8, 16
"""Least sides of the coarsest level, for images below twice the larger one, and for others."""


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Return the size of an image at each level, each half of the one before, rounded up.

    As far down as the shorter side keeps 16 pixels; 8 where it has fewer than 32.

    Parameters
    ----------
    height, width : int
        Size of an image.

    Examples
    --------
    >>> sizes(64, 100), sizes(28, 28), sizes(5, 9)
    ([(64, 100), (32, 50), (16, 25)], [(28, 28), (14, 14)], [(5, 9)])
    """
    least = LARGE if min(height, width) >= 2 * LARGE else SMALL
    found = [(height, width)]
    while min(halved := (-(-found[-1][0] // 2), -(-found[-1][1] // 2))) >= least:
        found.append(halved)
    return found


def laplacian_pyramid(images: Tensor) -> list[Tensor]:
    r"""Return the levels of images, the finest first (Burt and Adelson 1983).

    .. math:: L_i = G_i - \mathrm{up}(G_{i+1}), \qquad G_{i+1} = \mathrm{down}(G_i)

    where `down` blurs by the weights 1, 4, 6, 4, 1 over 16 along each axis and leaves out every
    second pixel, and `up` puts zeros between pixels and blurs by twice these weights; the last
    level is the smallest image itself. Beyond their edges images are mirrored.

    Parameters
    ----------
    images : Tensor of shape (n, channels, height, width)
        Images of at least 4 x 4 pixels.

    Returns
    -------
    list of Tensor
        Of the sizes of `sizes`.
    """
    coarser = [images]
    for _ in sizes(*images.shape[2:])[1:]:
        coarser.append(down(coarser[-1]))
    return [fine - up(coarse, fine.shape) for fine, coarse in pairwise(coarser)] + coarser[-1:]


def down(images: Tensor) -> Tensor:
    """Return images of half the size, rounded up."""
    return _blurred(images)[:, :, ::2, ::2]


def up(images: Tensor, shape: torch.Size) -> Tensor:
    """Return images of twice the size, or one pixel less, as `shape` has it."""
    spread = images.new_zeros(shape)
    spread[:, :, ::2, ::2] = images
    return 4 * _blurred(spread)


def _blurred(images: Tensor) -> Tensor:
    found = F.pad(images, (2, 2, 2, 2), mode="reflect")
    for axis in (2, 3):
        n = images.shape[axis]
        outer, inner, middle = (
            found.narrow(axis, i, n) + found.narrow(axis, 4 - i, n) for i in range(3)
        )
        found = outer / 16 + inner / 4 + middle * (3 / 16)
    return found
