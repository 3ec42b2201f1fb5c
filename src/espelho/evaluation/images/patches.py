"""Patches of images at each level of their pyramid, seen along random directions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from espelho.evaluation.generation.distances import on_device
from espelho.evaluation.images.layout import Shape
from espelho.evaluation.images.pyramid import laplacian_pyramid, sizes
from espelho.evaluation.samples import Rows, blocks

SIDE = 7
"""Of a patch; shorter where an image is."""

ROUNDING = 1e-12
"""Share of a mean below which a deviation is what rounding leaves."""


@dataclass(frozen=True)
class Patches:
    """How images are cut into patches, and what these are seen as.

    Attributes
    ----------
    inside : tuple of int
        ``(channels, height, width)`` of an image.
    scales : list of (Tensor, Tensor)
        Of each level, mean and deviation ``(channels, 1, 1)`` of the pixels of the data.
    per_image : int
        Patches of an image at each level; all there are, where these are fewer.
    directions : int
        How many directions.
    """

    inside: Shape
    scales: list[tuple[Tensor, Tensor]]
    per_image: int
    directions: int

    @classmethod
    def like(cls, X: Rows, inside: Shape, per_image: int, directions: int) -> "Patches":
        """Return the patches whose scale is that of data."""
        blocks = [[_moments(level) for level in levels] for levels in _pyramids(X, inside)]
        scales = [_together(level) for level in zip(*blocks, strict=True)]
        return cls(inside, scales, per_image, directions)

    def projected(self, rows: Rows, seed: int) -> list[Tensor]:
        """Return what is seen of images: of each level ``(directions, patches)``.

        Parameters
        ----------
        rows : ndarray of shape (n, channels * height * width)
            Images, flat.
        seed : int
            Decides directions and places: the same for every set of as many images.
        """
        rng = np.random.default_rng(seed)
        sides = [(min(SIDE, h), min(SIDE, w)) for h, w in sizes(*self.inside[1:])]
        along = [unit_rows(self.directions, self.inside[0] * prod(side), rng) for side in sides]
        found: list[list[Tensor]] = [[] for _ in sides]
        for levels in _pyramids(rows, self.inside):
            for i, level in enumerate(levels):
                mean, deviation = self.scales[i]
                cut = _cut((level - mean) / deviation, sides[i], self.per_image, rng)
                found[i].append(along[i] @ cut.T)
        return [torch.cat(parts, dim=1) for parts in found]


def unit_rows(n: int, d: int, rng: np.random.Generator) -> Tensor:
    """Return random directions ``(n, d)`` of length 1, on the device."""
    drawn = rng.normal(size=(n, d))
    return on_device(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


class _Moments(NamedTuple):
    """Number of images, and of their pixels the mean and variance of each channel."""

    n: int
    mean: Tensor
    variance: Tensor


def _moments(level: Tensor) -> _Moments:
    axes = (0, 2, 3)
    return _Moments(len(level), level.mean(axes), level.var(axes, correction=0))


def _together(parts: Sequence[_Moments]) -> tuple[Tensor, Tensor]:
    """Return mean and deviation over blocks of images; 1 where nothing differs."""
    means = torch.stack([part.mean for part in parts])
    variances = torch.stack([part.variance for part in parts])
    share = means.new_tensor([part.n for part in parts])[:, None] / sum(p.n for p in parts)
    mean = (share * means).sum(dim=0)
    deviation = (share * (variances + (means - mean).square())).sum(dim=0).sqrt()
    constant = deviation <= ROUNDING * mean.abs()
    deviation = torch.where(constant, torch.ones_like(deviation), deviation)
    return mean[:, None, None], deviation[:, None, None]


def _pyramids(rows: Rows, inside: Shape) -> Iterator[list[Tensor]]:
    for at in blocks(*rows.shape):
        images = np.ascontiguousarray(rows[at], dtype=np.float64).reshape(-1, *inside)
        yield laplacian_pyramid(on_device(images))


def _cut(level: Tensor, side: tuple[int, int], most: int, rng: np.random.Generator) -> Tensor:
    """Return patches ``(n * patches, channels * side)``, at random places or at all there are."""
    n, _, height, width = level.shape
    rows, columns = height - side[0] + 1, width - side[1] + 1
    places = np.broadcast_to(np.arange(rows * columns), (n, rows * columns))
    if rows * columns > most:
        places = rng.integers(rows * columns, size=(n, most))
    windows = level.unfold(2, side[0], 1).unfold(3, side[1], 1)
    top, left = (on_device(np.ascontiguousarray(at)) for at in np.divmod(places, columns))
    image = torch.arange(n, device=level.device)[:, None]
    return windows[image, :, top, left].flatten(0, 1).flatten(1)
