"""Disk: images that are files of a folder, or one by itself."""

import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from espelho.data.images.decoding import DamagedImageError
from espelho.data.images.places.files import ImageFiles, unread

__all__ = ["FolderFiles", "SingleFile"]


class _OnDisk(ImageFiles):
    """Files that lie on the disk by themselves."""

    @abstractmethod
    def _place(self, name: PurePosixPath) -> Path: ...

    def contents(self, names: Sequence[PurePosixPath]) -> "Iterator[bytes | DamagedImageError]":
        """Read files, one after the other."""
        return map(self.content, names)

    def content(self, name: PurePosixPath) -> "bytes | DamagedImageError":
        """Read one file, from any thread."""
        try:
            return self._place(name).read_bytes()
        except OSError as error:
            raise unread(self._place(name), error) from error

    def size(self, name: PurePosixPath) -> int:
        """Return how many bytes a file has."""
        try:
            return self._place(name).stat().st_size
        except OSError as error:
            raise unread(self._place(name), error) from error

    @contextmanager
    def opened(self, name: PurePosixPath) -> Iterator[IO[bytes]]:
        """Open one file, from any thread."""
        try:
            file = self._place(name).open("rb")
        except OSError as error:
            raise unread(self._place(name), error) from error
        with file:
            yield file


class FolderFiles(_OnDisk):
    """Images in a folder and the folders in it."""

    def __init__(self, path: Path) -> None:
        found = [
            PurePosixPath(Path(folder, file).relative_to(path).as_posix())
            for folder, _, files in os.walk(path)
            for file in files
        ]
        super().__init__(path, found)

    @property
    def stem(self) -> str:
        """The name of the folder, dots and all."""
        return self.path.resolve().name

    def _place(self, name: PurePosixPath) -> Path:
        return self.path / name


class SingleFile(_OnDisk):
    """A single image."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, [PurePosixPath(path.name)])

    def where(self, name: PurePosixPath) -> str:
        """Return the path of the file."""
        return str(self.path.with_name(name.name))

    def _place(self, name: PurePosixPath) -> Path:  # noqa: ARG002 -- there is one
        return self.path
