"""Unlike: what to say of an image that does not fit into its set."""

from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.decoding import DamagedImageError
from espelho.data.images.places import ImageFiles
from espelho.errors import FileError, ShapeError

__all__ = ["damage", "half", "unlike"]


def damage(error: DamagedImageError) -> FileError:
    """Return the error about a damaged image, with what can be done."""
    return FileError(
        f"{error} Replace the file, or leave such files out with skip_damaged=True "
        "(--skip-damaged)."
    )


def unlike(
    files: ImageFiles,
    name: PurePosixPath,
    image: NDArray[Any],
    first_name: PurePosixPath,
    first: NDArray[Any],
) -> ShapeError:
    """Return the error about an image that is not like the first of its set."""
    same_kind = image.shape[:-2] == first.shape[:-2] and image.dtype == first.dtype
    height, width = first.shape[-2:]
    advice = (
        f"bring them to one size, as by resize=({height}, {width}), or cut parts of one size "
        "from them by cut= (--cut)."
        if same_kind
        else "save them all alike, for example all as red-green-blue of 8 bits."
    )
    return ShapeError(
        f"{files.where(name)} is {_told(image.shape, image.dtype)}, but "
        f"{_told(first.shape, first.dtype)} was expected, as {first_name} is. The images of "
        f"a set must have one size, number of channels and type: take it out, or {advice}"
    )


def _told(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"an image of shape {shape}, {dtype}"


def half(width: int, where: str) -> int:
    """Return half of a width in pixels, or raise if it is odd."""
    if width % 2:
        raise ShapeError(
            f"{where} is {width} pixels wide, an odd number: it cannot be two images of one size, "
            "side by side. Cut it, or take it out."
        )
    return width // 2
