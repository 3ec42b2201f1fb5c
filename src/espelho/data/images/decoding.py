"""Decoding: the bytes of an image file as an array, its bits kept."""

import io
import struct
import sys
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError, EspelhoError, FileError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FORMATS", "DamagedImageError", "decode", "resized", "size_of"]

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")

_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for files that are cut off or changed."""

_TYPES: dict[str, type[np.generic]] = dict.fromkeys(("1", "L", "LA", "RGB", "RGBA"), np.uint8)
_TYPES |= dict.fromkeys(("I;16", "I;16B", "I;16L", "I;16N"), np.uint16)
_TYPES |= {"I": np.int32, "F": np.float32}
_TO_COLOURS = {"P": "RGB", "PA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB", "RGBX": "RGB"}
_BITS_PER_SAMPLE = 258
_STRIP_PIXELS = 1 << 24
"""Pixels that are copied at once: Pillow needs as much memory again for each of them."""

_ORIENTATION, _ON_ITS_SIDE = 274, (5, 6, 7, 8)
_LOW_BYTES = {
    f"{colours};16{order}": f"{colours};16{other}"
    for colours in ("RGB", "RGBA", "RGBX")
    for order, other in (("B", "L"), ("L", "B"), ("N", "B" if sys.byteorder == "little" else "L"))
}
"""Pillow keeps the high byte of 16-bit colours; read in the other order, it keeps the low one."""


class DamagedImageError(FileError):
    """An image file that is cut off, changed, or no image at all."""


def decode(content: bytes, where: str) -> NDArray[Any]:
    """Decode an image as it is to be seen, turned by what its camera noted.

    Parameters
    ----------
    content : bytes
        The content of a PNG, JPEG, TIFF or BMP file.
    where : str
        The file, for messages.

    Returns
    -------
    ndarray of shape (height, width) or (channels, height, width)
        Grey, grey and opacity, red-green-blue, or that and opacity. Of ``uint8``, of two
        colours 0 and 1; ``uint16`` of 16 bits; ``int32`` of 32; ``float32`` of floats.
        Palettes, CMYK and YCbCr become colours.

    Raises
    ------
    DamagedImageError
        If the content is damaged or of no such format.
    DataError
        If it holds several images, more pixels than Pillow allows, or colours of a kind
        that cannot be kept.
    """
    if not content:
        raise DamagedImageError(f"{where} is damaged, or no image (it is empty).")
    with _errors_named(where):
        image = _opened(content, where)
        stored = _stored_as(image)
        if stored == "LA;16B":
            both = _pixels(_with_stored(image, "RGBA"))
            return _first(np.ascontiguousarray(both).view(">u2").astype(np.uint16))
        deep = _is_deep(image)
        pixels = _pixels(image)
        if pixels.dtype != np.uint8 or not deep:
            return _first(pixels)
        if stored not in _LOW_BYTES:
            raise DataError(
                f"{where} holds 16 bits a colour, stored in a way ({stored}) of which only 8 "
                "would be read. Save it as a PNG file, or all images together as an .npy file."
            )
        wide = pixels.astype(np.uint16)
        del pixels
        wide <<= 8
        wide |= _pixels(_with_stored(_opened(content, where), _LOW_BYTES[stored]))
    return _first(wide)


def size_of(file: IO[bytes], where: str) -> tuple[int, int]:
    """Return the height and width that an image has when it is decoded, from its header alone.

    Parameters
    ----------
    file : file object
        A PNG, JPEG, TIFF or BMP file, open for reading bytes.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of int
        Height and width, in pixels, upright.

    Raises
    ------
    DamagedImageError
        If the header is damaged, or of no such format.
    """
    from PIL import Image

    with _errors_named(where), Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        # Pillow turns the size of TIFF files by itself, and looks for the note of a PNG file
        # behind the pixels too, which it decodes then.
        noted = image.format == "JPEG" or (image.format == "PNG" and "exif" in image.info)
        turned = noted and image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
    return (width, height) if turned else (height, width)


def resized(image: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return an image of another size, by Lanczos's window, which averages when it shrinks.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (channels, height, width)
        The image.
    size : tuple of int
        The new height and width, in pixels. The proportions become theirs.

    Returns
    -------
    ndarray
        Of the same type, in the range of the image; integers are rounded.
    """
    from PIL import Image

    if image.shape[-2:] == size:
        return image
    channels = image.reshape(-1, *image.shape[-2:]).astype(np.float32)
    height, width = size
    scaled = np.stack(
        [
            np.asarray(Image.fromarray(c).resize((width, height), Image.Resampling.LANCZOS))
            for c in channels
        ]
    ).reshape(*image.shape[:-2], *size)
    scaled = np.clip(scaled, image.min(), image.max())
    whole = image.dtype.kind != "f"
    return np.asarray(np.rint(scaled) if whole else scaled, dtype=image.dtype)


@contextmanager
def _errors_named(where: str) -> Iterator[None]:
    """Turn what Pillow raises into errors of ours."""
    from PIL import Image, UnidentifiedImageError

    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with _warnings_of_bombs() if _is_main() else nullcontext():
            yield
    except EspelhoError:
        raise
    except bombs as error:
        raise DataError(
            f"{where} has more pixels than the {Image.MAX_IMAGE_PIXELS:,} that Pillow allows, as "
            "a file made to fill the memory would. If you trust it, raise "
            "PIL.Image.MAX_IMAGE_PIXELS (--max-pixels, of translate), or cut it into parts."
        ) from error
    except _DAMAGED as error:
        unknown = isinstance(error, UnidentifiedImageError)
        reason = f"it is none of {', '.join(FORMATS)}" if unknown else error
        raise DamagedImageError(f"{where} is damaged, or no image ({reason}).") from error


@contextmanager
def _warnings_of_bombs() -> Iterator[None]:
    """Let Pillow's warning of too many pixels be an error, and none be said."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _is_main() -> bool:
    """Tell whether this thread may change what becomes of warnings, which all threads share."""
    return threading.current_thread() is threading.main_thread()


def _refuse_bomb(image: "Image") -> None:
    """Raise where a thread that is not the main one would have been warned only."""
    from PIL import Image

    most, pixels = Image.MAX_IMAGE_PIXELS, image.width * image.height
    if most is not None and pixels > most:
        raise Image.DecompressionBombError(f"{pixels} pixels")


def _opened(content: bytes, where: str) -> "Image":
    from PIL import Image

    image = Image.open(io.BytesIO(content), formats=FORMATS)
    _refuse_bomb(image)
    if image.format == "PNG":
        image.verify()
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    if getattr(image, "n_frames", 1) > 1:
        raise DataError(
            f"{where} holds {image.n_frames} images. Save each of them in a file of its own."  # type: ignore[attr-defined]
        )
    return image


def _stored_as(image: "Image") -> str:
    """Return how the samples of an image lie in the file, in Pillow's words."""
    arguments = image.tile[0].args  # type: ignore[attr-defined]
    return str(arguments if isinstance(arguments, str) else arguments[0])


def _with_stored(image: "Image", stored: str) -> "Image":
    """Return an image, not decoded yet, whose samples are taken for others."""
    image.tile = [  # type: ignore[attr-defined]
        tile._replace(args=stored if isinstance(tile.args, str) else (stored, *tile.args[1:]))
        for tile in image.tile  # type: ignore[attr-defined]
    ]
    return image


def _is_deep(image: "Image") -> bool:
    """Tell whether more than 8 bits of a sample are in the file."""
    if image.format == "TIFF":
        bits: tuple[int, ...] = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))  # type: ignore[attr-defined]
        return max(bits) > 8
    return ";16" in _stored_as(image)


def _pixels(image: "Image") -> NDArray[Any]:
    """Return the pixels of an image, channels last, upright."""
    from PIL import ImageOps

    dtype = _TYPES.get(image.mode)
    if image.mode == "I" and image.format == "PNG":
        dtype = np.uint16
    colours = _TO_COLOURS.get(image.mode)
    if dtype is None and colours is None:
        raise DataError(f"Images of Pillow's mode {image.mode} cannot be read.")
    image.load()
    if colours is not None:
        image = image.convert("RGBA" if image.has_transparency_data else colours)
    ImageOps.exif_transpose(image, in_place=True)
    return _as_array(image).astype(dtype or np.uint8, copy=False)


def _as_array(image: "Image") -> NDArray[Any]:
    """Return the values of an image, copied a strip at a time where it is large."""
    rows = max(1, _STRIP_PIXELS // image.width)
    first = np.asarray(image.crop((0, 0, image.width, min(rows, image.height))))
    if rows >= image.height:
        return first
    found = np.empty((image.height, *first.shape[1:]), first.dtype)
    found[:rows] = first
    for top in range(rows, image.height, rows):
        stop = min(top + rows, image.height)
        found[top:stop] = np.asarray(image.crop((0, top, image.width, stop)))
    return found


def _first(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return pixels with the channels first."""
    return np.moveaxis(pixels, -1, 0) if pixels.ndim == 3 else pixels
