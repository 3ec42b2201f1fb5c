"""Reading: all the images of a set as one array."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.formats.content import Content
from espelho.data.images.decoding import DamagedImageError, decode, resized
from espelho.data.images.places import ImageFiles
from espelho.errors import DataError, EspelhoWarning, FileError, SettingError, ShapeError

__all__ = ["ImageChoice", "read_images"]

_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageChoice:
    """What is asked of images besides their pixels.

    Parameters
    ----------
    size : tuple of int or None
        The height and width to bring them to, in pixels.
    skip_damaged : bool
        Whether damaged files are left out, with a warning, instead of being errors.
    """

    size: tuple[int, int] | None = None
    skip_damaged: bool = False

    @classmethod
    def of(cls, resize: Sequence[int] | None, *, skip_damaged: bool) -> "ImageChoice":
        """Return a choice as `espelho.data.files.read` is given it.

        Raises
        ------
        SettingError
            If `resize` is not two positive whole numbers.
        """
        if resize is None:
            return cls(skip_damaged=skip_damaged)
        size = tuple(resize)
        if len(size) != 2 or not all(n >= 1 and n == int(n) for n in size):
            raise SettingError(
                f"resize must be a height and a width in pixels, as (64, 64), got {resize!r}."
            )
        return cls(size=(int(size[0]), int(size[1])), skip_damaged=skip_damaged)

    def refuse(self, where: str) -> None:
        """Refuse to be asked of what holds no images.

        Raises
        ------
        SettingError
            If anything is asked.
        """
        if self.size is not None or self.skip_damaged:
            asked = "resize=" if self.size is not None else "skip_damaged="
            raise SettingError(
                f"{asked} is about images in a folder or an archive, but {where} is none."
            )


def read_images(files: ImageFiles, choice: ImageChoice, limit: int) -> Content:
    """Read the images of a folder or an archive.

    Parameters
    ----------
    files : ImageFiles
        The files.
    choice : ImageChoice
        What is asked of them.
    limit : int
        The most bytes of samples to hold.

    Returns
    -------
    Content
        ``X`` of shape ``(n, height, width)`` or ``(n, channels, height, width)``, and the
        names of the images' folders as ``y``.

    Raises
    ------
    FileError
        If a file is damaged or cannot be read.
    ShapeError
        If images differ in their size, number of channels or type.
    DataError
        If all take more memory than the limit.
    """
    damaged: list[str] = []
    kept: list[int] = []
    X: NDArray[Any] | None = None
    for row, image in _decoded(files, choice):
        if isinstance(image, DamagedImageError):
            if not choice.skip_damaged:
                raise _with_advice(image)
            damaged.append(str(files.names[row]))
            continue
        if X is None:
            X = _room(files, image, limit)
        elif image.shape != X.shape[1:] or image.dtype != X.dtype:
            raise _unlike(files, row, image, kept[0], X)
        X[len(kept)] = image
        kept.append(row)
    if X is None:
        raise FileError(f"{files.path} has no image that is not damaged: {_listed(damaged)}.")
    if damaged:
        warnings.warn(_left_out(files, damaged), EspelhoWarning, stacklevel=5)
    labels = files.labels
    y = None if labels is None else np.array([labels[row] for row in kept])
    return Content(X[: len(kept)], y, target_name=None if y is None else "folder")


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


def _room(files: ImageFiles, first: NDArray[Any], limit: int) -> NDArray[Any]:
    shape = (len(files.names), *first.shape)
    needed = len(files.names) * first.nbytes
    if needed > limit:
        raise DataError(
            f"The {shape[0]} images of {files.path} take {needed:,} bytes as an array of shape "
            f"{shape}, {first.dtype}, more than memory_limit, which is {limit:,}. Raise it, ask "
            "for smaller images with resize=, or write them to an .npy file, of which larger "
            "ones are read a part at a time."
        )
    return np.empty(shape, first.dtype)


def _unlike(
    files: ImageFiles, row: int, image: NDArray[Any], first: int, X: NDArray[Any]
) -> ShapeError:
    same_kind = image.shape[:-2] == X.shape[1:-2] and image.dtype == X.dtype
    advice = (
        f"bring them to one size, as by resize=({X.shape[-2]}, {X.shape[-1]})."
        if same_kind
        else "save them all alike, for example all as red-green-blue of 8 bits."
    )
    return ShapeError(
        f"{files.where(files.names[row])} is {_told(image.shape, image.dtype)}, but "
        f"{_told(X.shape[1:], X.dtype)} was expected, as {files.names[first]} is. The images of "
        f"a set must have one size, number of channels and type: take it out, or {advice}"
    )


def _told(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"an image of shape {shape}, {dtype}"


def _with_advice(error: DamagedImageError) -> FileError:
    return FileError(
        f"{error} Replace the file, or leave such files out with skip_damaged=True "
        "(--skip-damaged)."
    )


def _left_out(files: ImageFiles, damaged: list[str]) -> str:
    return (
        f"{files.path}: {len(damaged)} of {len(files.names)} images left out, as damaged: "
        f"{_listed(damaged)}."
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" * (len(names) > _NAMED)
    return ", ".join(names[:_NAMED]) + more
