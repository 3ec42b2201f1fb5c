"""TIFF: an image in strips, of integers of 8 or 16 bits or of floats, not packed."""

import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.png import check_image
from espelho.errors import DataError

__all__ = ["TiffFile"]

_LARGEST = (1 << 32) - 1024
"""Bytes of a file: places in it are numbers of 32 bits."""

_SHORT, _LONG = 3, 4
_UNSIGNED, _FLOAT = 1, 3
_GREY, _COLOURS = 1, 2
_OPACITY = 2


class TiffFile:
    """A TIFF file (revision 6.0) of an image that comes in strips, from top to bottom.

    Parameters
    ----------
    file : BinaryIO
        The file, open for writing, in which places can be sought.
    shape : tuple of int
        That of the whole image, ``(height, width)`` or ``(channels, height, width)``.
    dtype : dtype
        Its type: ``uint8``, ``uint16`` or, of one channel, ``float32``.

    Raises
    ------
    DataError
        If the file cannot hold such values, or so many.
    ShapeError
        If the shape is not that of an image with one to four channels.
    """

    def __init__(self, file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._float = dtype == np.float32 and (len(shape) == 2 or shape[0] == 1)
        check_image(shape, np.dtype(np.uint8) if self._float else dtype)
        self._channels = shape[0] if len(shape) == 3 else 1
        self._size = shape[-2:]
        self._file, self._type = file, dtype.newbyteorder("<")
        self._bytes = self._channels * self._size[0] * self._size[1] * dtype.itemsize
        if self._bytes > _LARGEST:
            raise DataError(
                f"A TIFF file cannot hold {self._bytes:,} bytes. Write a .png file, or smaller "
                "parts."
            )
        file.write(struct.pack("<2sHI", b"II", 42, 8 + self._bytes + self._bytes % 2))

    def append(self, strip: NDArray[Any]) -> None:
        """Write the next rows.

        Parameters
        ----------
        strip : ndarray of shape (rows, width) or (channels, rows, width)
            The rows.
        """
        channels = strip if strip.ndim == 3 else strip[np.newaxis]
        self._file.write(np.moveaxis(channels, 0, -1).astype(self._type, order="C").data)

    def finish(self) -> None:
        """Write what the values mean, behind them."""
        self._file.write(b"\0" * (self._bytes % 2))
        start = 8 + self._bytes + self._bytes % 2
        n, (height, width) = self._channels, self._size
        entries: list[tuple[int, int, tuple[int, ...]]] = [
            (256, _LONG, (width,)),
            (257, _LONG, (height,)),
            (258, _SHORT, (8 * self._type.itemsize,) * n),
            (259, _SHORT, (1,)),
            (262, _SHORT, (_GREY if n < 3 else _COLOURS,)),
            (273, _LONG, (8,)),
            (277, _SHORT, (n,)),
            (278, _LONG, (height,)),
            (279, _LONG, (self._bytes,)),
            (284, _SHORT, (1,)),
        ]
        entries += [(338, _SHORT, (_OPACITY,))] * (n in (2, 4))
        entries += [(339, _SHORT, (_FLOAT if self._float else _UNSIGNED,) * n)]
        self._file.write(_directory(entries, start))


def _directory(entries: list[tuple[int, int, tuple[int, ...]]], start: int) -> bytes:
    """Return the list of entries, and behind it the values for which it has no room."""
    head, tail = struct.pack("<H", len(entries)), b""
    behind = start + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        packed = struct.pack(f"<{len(values)}{'H' if kind == _SHORT else 'I'}", *values)
        if len(packed) > 4:
            place = struct.pack("<I", behind + len(tail))
            tail, packed = tail + packed, place
        head += struct.pack("<HHI4s", tag, kind, len(values), packed)
    return head + struct.pack("<I", 0) + tail
