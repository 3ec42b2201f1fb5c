"""Files: the images of a set, sorted by their paths, and their content."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import takewhile
from pathlib import Path, PurePath, PurePosixPath
from typing import IO

from espelho.data.images.decoding import DamagedImageError
from espelho.errors import FileError

__all__ = ["IMAGE_SUFFIXES", "ImageFiles", "has_suffix", "unread"]

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")

_FOREIGN_SUFFIXES = (".gif", ".webp", ".heic", ".avif", ".jp2", ".jxl", ".ppm", ".pgm", ".parquet")


class ImageFiles(ABC):
    """The files of a set of images, sorted by their paths.

    Parameters
    ----------
    path : Path
        The folder or file that they are in.
    names : sequence of PurePosixPath
        Their paths inside it; hidden files and those that are no images may be among them.

    Attributes
    ----------
    names : tuple of PurePosixPath
        Those of the images, sorted part by part, by the codes of their characters: ``10.png``
        comes before ``2.png``, and ``02.png`` before both.

    Raises
    ------
    FileError
        If images lie beside files that would be data as well.
    """

    def __init__(self, path: Path, names: Sequence[PurePosixPath]) -> None:
        self.path = path
        shown = [name for name in names if not _is_hidden(name)]
        self.names = tuple(sorted(name for name in shown if has_suffix(name, IMAGE_SUFFIXES)))
        foreign = [name for name in shown if has_suffix(name, _FOREIGN_SUFFIXES)]
        if foreign and self.names:
            raise FileError(
                f"{path} holds images, but also {len(foreign)} files of other formats, such as "
                f"{min(foreign)}. Images are {', '.join(IMAGE_SUFFIXES)}; take the others out, or "
                "save them as such."
            )

    @cached_property
    def labels(self) -> tuple[str, ...] | None:
        """The folder of each image, below the folder that holds all; nothing if all are in it.

        Raises
        ------
        FileError
            If images lie beside folders of images.
        """
        folders = [name.parent for name in self.names]
        if len(set(folders)) == 1:
            return None
        levels = zip(*(folder.parts for folder in folders), strict=False)
        common = sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, levels))
        labels = tuple("/".join(folder.parts[common:]) for folder in folders)
        if "" in labels:
            beside = next(name for name, label in zip(self.names, labels, strict=True) if label)
            raise FileError(
                f"{self.path} holds images both in a folder and in folders below it, such as "
                f"{self.names[labels.index('')]} and {beside}. Put all into one folder, or each "
                "into the folder of its class."
            )
        return labels

    @property
    def stem(self) -> str:
        """A short name for the set."""
        return self.path.resolve().stem

    def where(self, name: PurePosixPath) -> str:
        """Return what a file is called in messages."""
        return str(self.path / name)

    @abstractmethod
    def contents(self, names: Sequence[PurePosixPath]) -> "Iterator[bytes | DamagedImageError]":
        """Read files, one after the other; what cannot be read is handed on as its error."""

    @abstractmethod
    def content(self, name: PurePosixPath) -> "bytes | DamagedImageError":
        """Read one file, from any thread; what cannot be read is handed back as its error."""

    @abstractmethod
    def size(self, name: PurePosixPath) -> int:
        """Return how many bytes a file has, unpacked."""

    @abstractmethod
    def opened(self, name: PurePosixPath) -> "AbstractContextManager[IO[bytes]]":
        """Open one file, from any thread."""


def unread(path: Path, error: OSError) -> FileError:
    """Return the error about a file that cannot be read."""
    return FileError(f"{path} cannot be read: {error.strerror}.")


def has_suffix(name: PurePath, suffixes: tuple[str, ...]) -> bool:
    """Tell whether a name ends so, in letters of any size."""
    return name.suffix.lower() in suffixes


def _is_hidden(name: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
