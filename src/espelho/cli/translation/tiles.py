"""Tiles: how a translator takes images of any size."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.large.tiles import Change, Tiling, strips
from espelho.errors import DataError, SettingError, ShapeError

__all__ = ["Tiles"]

_SIDE = 512
"""Side of a tile, without its overlap."""

_WHOLE = 1 << 20
"""Pixels up to which an image is translated whole."""

_PART = 128
"""Side of the parts that statistics of an image are taken of."""


@dataclass(frozen=True)
class Tiles:
    """A translator, and how large images are cut for it.

    Attributes
    ----------
    translator
        A fitted translator.
    to
        The set that is translated to.
    side
        Side of the tiles; ``None`` for 512 where the image has more than a million pixels.
    """

    translator: Any
    to: str = "B"
    side: int | None = None

    def strips(self, image: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Return what an image is translated to, in strips from top to bottom."""
        tiling = self._tiling(image.shape[-2:])
        if tiling is None:
            return iter([self.one(image)])
        local = self.translator.reach_.local
        return strips(image, self.one if local else self._alike(image, tiling), tiling)

    def _alike(self, image: NDArray[Any], tiling: Tiling) -> Change:
        """Return what translates tiles of an image by the same statistics: those of its parts."""
        from espelho.networks.images.statistics import SharedStatistics

        statistics = SharedStatistics(self.translator.model_)
        with statistics.gathered():
            self.together(_parts(image, max(_PART, tiling.multiple)))

        def one(tile: NDArray[Any]) -> NDArray[Any]:
            with statistics.used():
                return self.one(tile)

        return one

    def one(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return what one image is translated to, whole."""
        found: NDArray[Any] = self.together(image[np.newaxis])[0]
        return found

    def together(self, images: NDArray[Any]) -> NDArray[Any]:
        """Return what images of one size are translated to, grey ones without channels."""
        source, target = self.domains
        made = np.asarray(self.translator.translate(_as_rows(images, source), to=self.to))
        if len(target.row_shape_) == 1:
            made = made.reshape(len(made), *target.sample_shape_)
        elif target.channels_last_:
            made = np.moveaxis(made, -1, 1)
        return made[:, 0] if made.ndim == 4 and made.shape[1] == 1 else made

    def rows(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return what rows of an array are translated to, images as they come."""
        places = X.shape[1:3] if self.domains[0].channels_last_ else X.shape[-2:]
        if X.ndim < 3 or self._tiling(places) is None:
            return np.asarray(self.translator.translate(X, to=self.to))
        raise SettingError(
            f"Images of {places[0]} x {places[1]} pixels in an array are not cut into tiles. Save "
            "each as a file, or translate them in Python, by espelho.load(RUN).translate(X)."
        )

    @cached_property
    def domains(self) -> tuple[Any, Any]:
        """The sets that are translated from and to."""
        a, b = self.translator.domain_A_, self.translator.domain_B_
        return (a, b) if self.to == "B" else (b, a)

    def check(self, image: NDArray[Any], where: str) -> None:
        """Raise unless an image is of the kind that the translator learned from.

        Parameters
        ----------
        image
            The image, its channels first, if it names any.
        where
            Its file, for the message.

        Raises
        ------
        DataError
            If it has another type, or number of channels, or is of another size where the
            networks take one.
        """
        source, _ = self.domains
        channels = image.shape[0] if image.ndim == 3 else 1
        if (channels, image.dtype) != (source.channels, source.dtype_):
            raise DataError(
                f"{where} is an image of {channels} channels, {image.dtype}, and the translator "
                f"learned from {source.channels} channels, {source.dtype_}. Save it as such."
            )
        if self.translator.reach_ is None and image.shape[-2:] != tuple(source.places):
            raise ShapeError(
                f"{where} has {image.shape[-2]} x {image.shape[-1]} pixels, and the translator, "
                "which is not convolutional, takes images of "
                f"{' x '.join(map(str, source.places))}. Resize it."
            )

    def _tiling(self, size: Sequence[int]) -> Tiling | None:
        reach = self.translator.reach_
        large = size[0] * size[1] > _WHOLE if self.side is None else max(size) > self.side
        if reach is None or not large:
            return None
        return Tiling(side=self.side or _SIDE, overlap=reach.overlap, multiple=reach.multiple)


def _parts(image: NDArray[Any], side: int) -> NDArray[Any]:
    """Return parts of an image ``(n, ..., side, side)``, spread over it."""
    height, width = image.shape[-2:]
    most = max(1, _WHOLE // side**2)
    down = min(most, max(1, round(math.sqrt(most * height / width))))
    rows, columns = _starts(height, down, side), _starts(width, most // down, side)
    return np.stack([image[..., r : r + side, c : c + side] for r in rows for c in columns])


def _starts(length: int, number: int, side: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, max(0, length - side), number).astype(np.int64))


def _as_rows(images: NDArray[Any], source: Any) -> NDArray[Any]:
    """Return images, channels first or none, in the layout of a domain's rows."""
    if len(source.row_shape_) == 1:
        return images.reshape(len(images), -1)
    if len(source.row_shape_) == 3 and images.ndim == 3:
        images = images[:, np.newaxis]
    return np.moveaxis(images, 1, -1) if source.channels_last_ else images
