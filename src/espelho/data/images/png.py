"""PNG: arrays as the bytes of a picture, 16-bit colour among them."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError, ShapeError

__all__ = ["encode_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""By the number of channels: grey, grey and opacity, colours, colours and opacity."""
_UP = 2
"""The filter that stores the difference from the row above."""


def encode_png(image: NDArray[np.uint8 | np.uint16]) -> bytes:
    """Encode an image as a PNG file, to the last bit.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (channels, height, width)
        One channel is grey, three are red, green and blue; one more, in the last place, is
        opacity. Of ``uint8`` or ``uint16``.

    Returns
    -------
    bytes
        The content of the file.

    Raises
    ------
    DataError
        If the array is of another type.
    ShapeError
        If it is of another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.data.images.png import encode_png
    >>> encode_png(np.zeros((2, 2), np.uint8))[1:4]
    b'PNG'
    """
    check_image(image.shape, image.dtype)
    channels = image if image.ndim == 3 else image[np.newaxis]
    pixels = np.moveaxis(channels, 0, -1).astype(image.dtype.newbyteorder(">"), order="C")
    height, width, n_channels = pixels.shape
    rows = pixels.reshape(height, -1).view(np.uint8)
    filtered = np.full((height, 1 + rows.shape[1]), _UP, np.uint8)
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    bits = 8 * image.dtype.itemsize
    header = struct.pack(">IIBBBBB", width, height, bits, _COLOUR_TYPES[n_channels], 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.data)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def check_image(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> None:
    """Refuse what cannot become a PNG file.

    Parameters
    ----------
    shape, dtype
        Of one image.

    Raises
    ------
    DataError
        If the type is not of unsigned integers of 8 or 16 bits.
    ShapeError
        If the shape is not that of an image with one to four channels.
    """
    if dtype.newbyteorder("=") not in (np.uint8, np.uint16):
        raise DataError(
            f"Images are written as uint8 or uint16, got {dtype}. Bring the values there first, "
            "or write them to an .npy file, which keeps any type."
        )
    if len(shape) not in (2, 3) or 0 in shape or (len(shape) == 3 and shape[0] > 4):
        raise ShapeError(
            "An image that is written must have shape (height, width) or (channels, height, "
            f"width) with one to four channels, got {shape}. An .npy file keeps any shape."
        )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
