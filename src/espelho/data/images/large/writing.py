"""Writing: an image into a file of its own, a strip at a time, whole or not at all."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.large.tiff import TiffFile
from espelho.data.images.png import PngFile
from espelho.data.writing import atomic_file
from espelho.errors import DataError

__all__ = ["suffix_for", "write_image"]

_QUALITY = 95
"""Of JPEG files, of 100: what is above grows fast and changes little."""


class _ImageFile(Protocol):
    def append(self, strip: NDArray[Any]) -> None: ...
    def finish(self) -> None: ...


class _PillowFile:
    """A file that Pillow writes when the last strip is there."""

    def __init__(
        self, file: BinaryIO, shape: tuple[int, ...], kind: str, options: Mapping[str, Any]
    ) -> None:
        self._file, self._kind, self._options = file, kind, options
        channels = (shape[0],) if len(shape) == 3 and shape[0] > 1 else ()
        self._pixels = np.empty((*shape[-2:], *channels), np.uint8)
        self._done = 0

    def append(self, strip: NDArray[Any]) -> None:
        pixels = np.moveaxis(strip, 0, -1) if strip.ndim == 3 else strip
        stop = self._done + len(pixels)
        self._pixels[self._done : stop] = pixels.reshape(len(pixels), *self._pixels.shape[1:])
        self._done = stop

    def finish(self) -> None:
        from PIL import Image

        image = Image.fromarray(self._pixels)
        del self._pixels
        image.save(self._file, self._kind, **self._options)


def _jpeg(file: BinaryIO, shape: tuple[int, ...], _: np.dtype[Any]) -> _ImageFile:
    return _PillowFile(file, shape, "JPEG", {"quality": _QUALITY, "subsampling": 0})


def _bmp(file: BinaryIO, shape: tuple[int, ...], _: np.dtype[Any]) -> _ImageFile:
    return _PillowFile(file, shape, "BMP", {})


_Opener = Callable[[BinaryIO, tuple[int, ...], np.dtype[Any]], _ImageFile]
_FILES: Mapping[str, _Opener] = {
    ".png": PngFile, ".tif": TiffFile, ".tiff": TiffFile,
    ".jpg": _jpeg, ".jpeg": _jpeg, ".bmp": _bmp,
}  # fmt: skip


def suffix_for(suffix: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """Return the suffix of a file that can hold an image: the given one if it can.

    Parameters
    ----------
    suffix : str
        What is wished for.
    shape : tuple of int
        ``(height, width)`` or ``(channels, height, width)``.
    dtype : dtype
        Its type.

    Returns
    -------
    str
        That, or else ``.png``, or where that cannot hold it either ``.npy``.

    Examples
    --------
    >>> suffix_for(".jpg", (3, 8, 8), np.dtype("uint8"))
    '.jpg'
    >>> suffix_for(".jpg", (8, 8), np.dtype("uint16"))
    '.png'
    >>> suffix_for(".png", (8, 8), np.dtype("float32"))
    '.npy'
    """
    channels = shape[0] if len(shape) == 3 else 1
    kind, name = dtype.newbyteorder("="), suffix.lower()
    integers = kind in (np.uint8, np.uint16) and 1 <= channels <= 4
    # Pillow, and so this library, reads no TIFF file of grey and opacity in 16 bits.
    plain_tiff = integers and not (channels == 2 and kind == np.uint16)
    tiff = name in (".tif", ".tiff") and (plain_tiff or (kind == np.float32 and channels == 1))
    plain = name in (".jpg", ".jpeg", ".bmp") and kind == np.uint8 and channels in (1, 3)
    if tiff or plain or (name == ".png" and integers):
        return suffix
    return ".png" if integers else ".npy"


def write_image(
    path: Path, strips: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: np.dtype[Any]
) -> None:
    """Write an image, whole or not at all.

    PNG and TIFF files hold the values that they are given; JPEG files nearly.

    Parameters
    ----------
    path : Path
        The file, whose suffix is as `suffix_for` returns it.
    strips : iterable of ndarray of shape (..., rows, width)
        The image, from top to bottom.
    shape, dtype
        Of the whole image.

    Raises
    ------
    DataError
        If there are more or fewer rows than told.
    FileError
        If it cannot be written; nothing is left behind then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from espelho.data.files import read
    >>> image = np.arange(12, dtype=np.uint16).reshape(4, 3)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x.tif"
    ...     write_image(path, [image[:3], image[3:]], image.shape, image.dtype)
    ...     np.array_equal(read(path).X[0], image)
    True
    """
    with atomic_file(path) as file:
        if path.suffix.lower() == ".npy":
            np.lib.format.write_array(file, np.concatenate(list(strips), axis=-2))
            return
        made = _FILES[path.suffix.lower()](file, shape, dtype)
        rows = 0
        for strip in strips:
            rows += strip.shape[-2]
            if rows <= shape[-2]:
                made.append(strip)
        if rows != shape[-2]:
            raise DataError(f"{path} was to have {shape[-2]} rows, and {rows} came.")
        made.finish()
