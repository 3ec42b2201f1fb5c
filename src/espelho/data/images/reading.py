"""Reading: all the images of a set as one array."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.formats.content import Content
from espelho.data.images.choice import ImageChoice
from espelho.data.images.decoding import DamagedImageError, decode, resized
from espelho.data.images.places import ImageFiles
from espelho.data.stored.images import StoredImages
from espelho.data.stored.unlike import damage, unlike
from espelho.errors import EspelhoWarning, FileError

__all__ = ["read_images"]

_NAMED = 5


def read_images(files: ImageFiles, choice: ImageChoice, limit: int) -> Content:
    """Read the images of a folder or an archive.

    Parameters
    ----------
    files : ImageFiles
        The files.
    choice : ImageChoice
        What is asked of them.
    limit : int
        The most bytes of samples to hold; more stay on disk.

    Returns
    -------
    Content
        ``X`` of shape ``(n, height, width)`` or ``(n, channels, height, width)``, an array, or
        `StoredImages` where all take more memory than the limit or parts of them are drawn; and
        the names of the images' folders as ``y``.

    Raises
    ------
    FileError
        If a file is damaged or cannot be read.
    ShapeError
        If images differ in their size, number of channels or type.
    """
    labels = files.labels
    first = _first_sound(files, choice)
    if choice.cut is not None or len(files.names) * first.nbytes > limit:
        stored, damaged = StoredImages.of(files, choice)
        X: Any = stored
        kept = stored.places
    else:
        X, kept, damaged = _read_all(files, choice, first)
    if damaged:
        warnings.warn(_left_out(files, damaged), EspelhoWarning, stacklevel=5)
    y = None if labels is None else np.array([labels[row] for row in kept])
    return Content(X, y, target_name=None if y is None else "folder")


def _first_sound(files: ImageFiles, choice: ImageChoice) -> NDArray[Any]:
    """Return the first image that is not damaged."""
    damaged: list[str] = []
    for row, image in _decoded(files, choice):
        if not isinstance(image, DamagedImageError):
            return image
        if not choice.skip_damaged:
            raise damage(image)
        damaged.append(str(files.names[row]))
    raise FileError(f"{files.path} has no image that is not damaged: {_listed(damaged)}.")


def _read_all(
    files: ImageFiles, choice: ImageChoice, first: NDArray[Any]
) -> tuple[NDArray[Any], list[int], list[str]]:
    """Return the images, the numbers of their files, and the names of damaged ones."""
    X = np.empty((len(files.names), *first.shape), first.dtype)
    damaged: list[str] = []
    kept: list[int] = []
    for row, image in _decoded(files, choice):
        if isinstance(image, DamagedImageError):
            if not choice.skip_damaged:
                raise damage(image)
            damaged.append(str(files.names[row]))
            continue
        if image.shape != first.shape or image.dtype != first.dtype:
            raise unlike(files, files.names[row], image, files.names[kept[0]], first)
        X[len(kept)] = image
        kept.append(row)
    return X[: len(kept)], kept, damaged


def _decoded(
    files: ImageFiles, choice: ImageChoice
) -> Iterator[tuple[int, "NDArray[Any] | DamagedImageError"]]:
    """Return each image with its number, or what is wrong with it."""
    for row, content in enumerate(files.contents(files.names)):
        if isinstance(content, DamagedImageError):
            yield row, content
            continue
        try:
            image = decode(content, files.where(files.names[row]))
        except DamagedImageError as error:
            yield row, error
            continue
        yield row, image if choice.size is None else resized(image, choice.size)


def _left_out(files: ImageFiles, damaged: list[str]) -> str:
    return (
        f"{files.path}: {len(damaged)} of {len(files.names)} images left out, as damaged: "
        f"{_listed(damaged)}."
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" * (len(names) > _NAMED)
    return ", ".join(names[:_NAMED]) + more
