"""Tiles: an image changed a part at a time, in memory that does not grow with its height."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.errors import SettingError

__all__ = ["Change", "Tiling", "strips", "tiled"]

Change = Callable[[NDArray[Any]], NDArray[Any]]
"""From a tile ``(..., h, w)`` to another of the same height and width."""


@dataclass(frozen=True, kw_only=True)
class Tiling:
    """How an image is cut into tiles.

    Parameters
    ----------
    side : int
        Height and width, in pixels, of the part of the image that each tile stands for.
    overlap : int
        Pixels around that part which are handed on with it. Where what is done looks no farther,
        the tiles make up exactly what the whole image would become.
    multiple : int
        What the sides and places of tiles are multiples of.

    Raises
    ------
    SettingError
        If there is no such tiling.
    """

    side: int = 512
    overlap: int = 0
    multiple: int = 1

    def __post_init__(self) -> None:
        if self.side < 1 or self.overlap < 0 or self.multiple < 1:
            raise SettingError(
                "Tiles need a side and a multiple of at least 1 and an overlap of at least 0, got "
                f"{self.side}, {self.multiple} and {self.overlap}."
            )

    def cut(self, length: int) -> "list[Span]":
        """Return the tiles along an axis of so many pixels."""
        side, overlap = (self._rounded(n) for n in (self.side, self.overlap))
        edges = [*range(0, length, side), length]
        if len(edges) > 2 and edges[-1] - edges[-2] < side // 2:
            del edges[-2]  # the last one is larger, rather than very small
        return [
            Span(max(0, start - overlap), start, stop, min(length, stop + overlap))
            for start, stop in pairwise(edges)
        ]

    def _rounded(self, n: int) -> int:
        return -(-n // self.multiple) * self.multiple


class Span(NamedTuple):
    """A tile along an axis: what it stands for, from start to stop, and what goes with it."""

    first: int
    start: int
    stop: int
    end: int


def tiled(image: NDArray[Any], change: Change, tiling: Tiling) -> NDArray[Any]:
    """Return an image changed tile by tile.

    Parameters
    ----------
    image : ndarray of shape (..., height, width)
        The image.
    change : callable
        From a tile ``(..., h, w)`` to another of the same height and width.
    tiling : Tiling
        How it is cut.

    Returns
    -------
    ndarray of shape (..., height, width)
        The image, of the type that the tiles have.

    Examples
    --------
    >>> image = np.arange(35.0).reshape(5, 7)
    >>> doubled = tiled(image, lambda tile: 2 * tile, Tiling(side=3, overlap=1))
    >>> np.array_equal(doubled, 2 * image)
    True
    """
    return np.concatenate(list(strips(image, change, tiling)), axis=-2)


def strips(image: NDArray[Any], change: Change, tiling: Tiling) -> Iterator[NDArray[Any]]:
    """Return an image changed tile by tile, in strips of its whole width from top to bottom.

    Parameters
    ----------
    image, change, tiling
        As in `tiled`.

    Yields
    ------
    ndarray of shape (..., rows, width)
        The next rows.
    """
    height, width = image.shape[-2:]
    if not height * width:
        raise SettingError("An image without pixels has no tiles.")
    columns = tiling.cut(width)
    for rows in tiling.cut(height):
        parts = []
        for across in columns:
            tile = _changed(image, change, rows, across)
            kept = slice(across.start - across.first, across.stop - across.first)
            parts.append(tile[..., rows.start - rows.first : rows.stop - rows.first, kept])
        yield np.concatenate(parts, axis=-1)


def _changed(image: NDArray[Any], change: Change, rows: Span, across: Span) -> NDArray[Any]:
    """Return what becomes of a tile, with its overlap."""
    tile = image[..., rows.first : rows.end, across.first : across.end]
    found = change(np.ascontiguousarray(tile))
    if found.shape[-2:] != tile.shape[-2:]:
        raise SettingError(
            f"A tile of {tile.shape[-2:]} pixels became one of {found.shape[-2:]}. Only what "
            "keeps height and width can be done tile by tile."
        )
    return found
