"""PNG: arrays as the bytes of a picture, 16-bit colour among them."""

import io
import struct
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError, ShapeError

__all__ = ["PngFile", "check_image", "encode_png"]

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
    content = io.BytesIO()
    file = PngFile(content, image.shape, image.dtype)
    file.append(image)
    file.finish()
    return content.getvalue()


class PngFile:
    """A PNG file of an image that comes in strips, from top to bottom.

    Parameters
    ----------
    file : BinaryIO
        The file, open for writing.
    shape : tuple of int
        That of the whole image, as in `encode_png`.
    dtype : dtype
        Its type, ``uint8`` or ``uint16``.

    Raises
    ------
    DataError, ShapeError
        As `encode_png` says.
    """

    def __init__(self, file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        check_image(shape, dtype)
        self._file, self._type = file, dtype.newbyteorder(">")
        self._packer = zlib.compressobj()
        self._above: NDArray[np.uint8] | None = None
        height, width = shape[-2:]
        n_channels = shape[0] if len(shape) == 3 else 1
        bits = 8 * dtype.itemsize
        header = struct.pack(">IIBBBBB", width, height, bits, _COLOUR_TYPES[n_channels], 0, 0, 0)
        file.write(_SIGNATURE + _chunk(b"IHDR", header))

    def append(self, strip: NDArray[Any]) -> None:
        """Write the next rows.

        Parameters
        ----------
        strip : ndarray of shape (rows, width) or (channels, rows, width)
            The rows.
        """
        channels = strip if strip.ndim == 3 else strip[np.newaxis]
        pixels = np.moveaxis(channels, 0, -1).astype(self._type, order="C")
        rows = pixels.reshape(len(pixels), -1).view(np.uint8)
        above = np.zeros_like(rows[0]) if self._above is None else self._above
        filtered = np.full((len(rows), 1 + rows.shape[1]), _UP, np.uint8)
        np.subtract(rows[0], above, out=filtered[0, 1:])
        np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
        self._above = rows[-1].copy()
        self._write(self._packer.compress(filtered.data))

    def finish(self) -> None:
        """Write what stands behind the last row."""
        self._write(self._packer.flush())
        self._file.write(_chunk(b"IEND", b""))

    def _write(self, packed: bytes) -> None:
        if packed:
            self._file.write(_chunk(b"IDAT", packed))


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
