"""Sheet: many images in the rows of one picture."""

from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.png import check_image
from espelho.errors import DataError

__all__ = ["check_sheet", "shades", "sheet"]

_SMALLEST = 56
"""Pixels of the longer side below which images are shown larger, each pixel as a square."""

_MOST_PIXELS = 1 << 27
_GAP = 1 / 14
_RARE = 0.005
"""Share of pixels at either end that do not say what is black and white."""

_WHITE = 255


def sheet(
    images: NDArray[np.generic],
    *,
    columns: int | None = None,
    limits: tuple[float, float] | None = None,
) -> NDArray[np.uint8]:
    """Return one picture of images, in as many rows as columns or one fewer.

    Parameters
    ----------
    images : ndarray of shape (n, height, width) or (n, channels, height, width)
        Unsigned integers of 8 and 16 bits are shown by the range of their type; other numbers
        from their least value (0, if none is negative) to their greatest, but for the half percent
        of pixels at either end. Images with a longer side below 56 pixels are enlarged by a whole
        number.
    columns : int, optional
        How many stand in a row instead.
    limits : tuple of float, optional
        What numbers of other types are shown black and white instead.

    Returns
    -------
    ndarray of shape (height, width) or (channels, height, width)
        The picture, with white between the images.

    Raises
    ------
    ShapeError
        If they are no images of one to four channels.
    DataError
        If the picture would be too large.

    Examples
    --------
    >>> import numpy as np
    >>> sheet(np.zeros((5, 8, 8), np.uint8)).shape
    (116, 176)
    """
    images = np.asarray(images)
    check_sheet(len(images), images.shape[1:])
    tiles = shades(images if images.ndim == 4 else images[:, np.newaxis], limits)
    scale = _scale(images.shape[-2:])
    tiles = tiles.repeat(scale, axis=2).repeat(scale, axis=3)
    n, channels, height, width = tiles.shape
    columns, gap = columns or _columns(n), _gap(height, width)
    rows = ceil(n / columns)
    size = (channels, rows * (height + gap) - gap, columns * (width + gap) - gap)
    whole = np.full(size, _WHITE, np.uint8)
    for index, tile in enumerate(tiles):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        whole[:, top : top + height, left : left + width] = tile
    return whole if images.ndim == 4 else whole[0]


def check_sheet(n: int, shape: tuple[int, ...]) -> None:
    """Refuse what cannot be one picture.

    Parameters
    ----------
    n
        How many images.
    shape
        Of each.

    Raises
    ------
    ShapeError
        If it is not that of an image with one to four channels.
    DataError
        If the picture would be too large, or there is nothing to show.
    """
    check_image(shape, np.dtype(np.uint8))
    side = [length * _scale(shape[-2:]) for length in shape[-2:]]
    if n < 1:
        raise DataError("There is no image to show.")
    pixels = _columns(n) ** 2 * (side[0] + _gap(*side)) * (side[1] + _gap(*side))
    if pixels > _MOST_PIXELS:
        raise DataError(
            f"A picture of {n} images of {shape[-2]} x {shape[-1]} would have {pixels:,} pixels, "
            f"more than {_MOST_PIXELS:,}. Write fewer, or write them to a .zip or .npy file."
        )


def shades(
    images: NDArray[np.generic], limits: tuple[float, float] | None = None
) -> NDArray[np.uint8]:
    """Return images in shades from 0 to 255, as they are shown; see `sheet`.

    Parameters
    ----------
    images : ndarray of shape (n, ...)
        The images.
    limits : tuple of float, optional
        What numbers that are no unsigned integers of 8 or 16 bits are shown black and white.
    """
    if images.dtype == np.uint8:
        return images.astype(np.uint8, copy=False)
    if images.dtype == np.uint16:
        return np.right_shift(images.astype(np.uint16), 8).astype(np.uint8)
    values = images.astype(np.float64)
    if not np.isfinite(values).all():
        raise DataError("Images to show must hold finite numbers only, got some that are not.")
    low, high = limits or _range(values)
    shades: NDArray[np.float64] = (values - low) * (_WHITE / ((high - low) or 1))
    found: NDArray[np.uint8] = np.rint(shades.clip(0, _WHITE)).astype(np.uint8)
    return found


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return what is black and what is white: a few pixels beyond that do not gray all others."""
    low, high = (float(end) for end in np.quantile(values, (_RARE, 1 - _RARE)))
    least, greatest = float(values.min()), float(values.max())
    low = min(0.0, low) if low < high else min(0.0, least)
    return low, high if high > low else greatest


def _columns(n: int) -> int:
    return isqrt(n - 1) + 1


def _scale(size: tuple[int, ...]) -> int:
    return max(1, _SMALLEST // max(size))


def _gap(height: int, width: int) -> int:
    return max(1, round(_GAP * max(height, width)))
