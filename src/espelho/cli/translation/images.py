"""Images translated one by one: from a folder, archive or file into a folder or file."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.cli.translation.tiles import Tiles
from espelho.data.images.decoding import DamagedImageError, decode, size_of
from espelho.data.images.large.writing import write_image
from espelho.data.images.places import ImageFiles
from espelho.data.stored.unlike import damage
from espelho.errors import EspelhoWarning

__all__ = ["translate_images"]

_AT_ONCE = 1 << 20
"""Pixels of images that are translated together, and decoded ahead."""


def translate_images(
    files: ImageFiles, tiles: Tiles, outputs: Mapping[PurePosixPath, Path], *, skip_damaged: bool
) -> Iterator[PurePosixPath]:
    """Translate images one after the other into files of their own, each whole or not at all.

    Parameters
    ----------
    files
        Where the images are.
    tiles
        What they are translated by.
    outputs
        The file for each image.
    skip_damaged
        Whether damaged images are left out, with a warning, instead of being an error.

    Yields
    ------
    PurePosixPath
        The name of each image that is done.

    Raises
    ------
    DataError
        If an image is none that the translator takes: it is named.
    """
    groups = list(_grouped(files, list(outputs), skip_damaged=skip_damaged))
    with ThreadPoolExecutor(1, thread_name_prefix="espelho-ahead") as reader:
        ahead: Future[list[Any]] | None = None
        for number, group in enumerate(groups):
            images = ahead.result() if ahead else _decoded(files, group.names)
            following = groups[number + 1] if number + 1 < len(groups) else None
            ahead = None
            if following is not None and group.small and following.small:
                ahead = reader.submit(_decoded, files, following.names)
            sound = _sound(group.names, images, skip_damaged=skip_damaged)
            del images
            yield from _written(files, sound, tiles, outputs)


class _Group(NamedTuple):
    """Images of one size that follow each other, and whether another group can wait beside."""

    names: list[PurePosixPath]
    small: bool


def _grouped(
    files: ImageFiles, names: Sequence[PurePosixPath], *, skip_damaged: bool
) -> Iterator[_Group]:
    group: list[PurePosixPath] = []
    last = (0, 0)
    for name in names:
        size = _size(files, name, skip_damaged=skip_damaged)
        if size is None:
            continue
        if group and (size != last or (len(group) + 1) * size[0] * size[1] > _AT_ONCE):
            yield _Group(group, last[0] * last[1] <= _AT_ONCE)
            group = []
        group.append(name)
        last = size
    if group:
        yield _Group(group, last[0] * last[1] <= _AT_ONCE)


def _size(files: ImageFiles, name: PurePosixPath, *, skip_damaged: bool) -> tuple[int, int] | None:
    try:
        with files.opened(name) as file:
            return size_of(file, files.where(name))
    except DamagedImageError as error:
        _left_out(error, skip_damaged=skip_damaged)
        return None


def _decoded(
    files: ImageFiles, names: Sequence[PurePosixPath]
) -> list["NDArray[Any] | DamagedImageError"]:
    return [_decode(files, name) for name in names]


def _decode(files: ImageFiles, name: PurePosixPath) -> "NDArray[Any] | DamagedImageError":
    content = files.content(name)
    if isinstance(content, DamagedImageError):
        return content
    try:
        return decode(content, files.where(name))
    except DamagedImageError as error:
        return error


_Named = tuple[PurePosixPath, NDArray[Any]]


def _sound(
    names: Sequence[PurePosixPath],
    images: "list[NDArray[Any] | DamagedImageError]",
    *,
    skip_damaged: bool,
) -> list[_Named]:
    found = []
    for name, image in zip(names, images, strict=True):
        if isinstance(image, DamagedImageError):
            _left_out(image, skip_damaged=skip_damaged)
        else:
            found.append((name, image))
    return found


def _left_out(error: DamagedImageError, *, skip_damaged: bool) -> None:
    if not skip_damaged:
        raise damage(error) from error
    warnings.warn(f"Left out: {error}", EspelhoWarning, stacklevel=2)


def _written(
    files: ImageFiles,
    images: list[_Named],
    tiles: Tiles,
    outputs: Mapping[PurePosixPath, Path],
) -> Iterator[PurePosixPath]:
    for name, image in images:
        tiles.check(image, files.where(name))
    together = len({image.shape for _, image in images}) == 1 < len(images)
    made = tiles.together(np.stack([image for _, image in images])) if together else None
    for number, (name, image) in enumerate(images):
        strips = tiles.strips(image) if made is None else iter([made[number]])
        first = next(strips)
        shape = (*first.shape[:-2], *image.shape[-2:])
        outputs[name].parent.mkdir(parents=True, exist_ok=True)
        write_image(outputs[name], chain([first], strips), shape, first.dtype)
        yield name
