"""Places: where the files of a set of images are, a folder or a zip archive, and their content."""

import os
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from itertools import takewhile
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO

from espelho.data.images.decoding import DamagedImageError
from espelho.errors import EspelhoError, FileError

__all__ = ["ARCHIVE", "IMAGE_SUFFIXES", "ImageFiles", "find_images"]

ARCHIVE = ".zip"
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")

_FOREIGN_SUFFIXES = (".gif", ".webp", ".heic", ".avif", ".jp2", ".jxl", ".ppm", ".pgm", ".parquet")
_LARGEST = 1 << 31
"""Most bytes of a file in an archive: what claims more was made to fill the memory."""
_ENCRYPTED = 1
_DAMAGE = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, UnicodeDecodeError, OSError)
"""What zipfile raises for an entry of which something is not as it was."""


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
    labels : tuple of str or None
        The folder of each image, below the folder that holds all; nothing where the images lie
        in one folder.

    Raises
    ------
    FileError
        If images lie beside folders of images, or beside files that would be data as well.
    """

    def __init__(self, path: Path, names: Sequence[PurePosixPath]) -> None:
        self.path = path
        shown = [name for name in names if not _is_hidden(name)]
        self.names = tuple(sorted(name for name in shown if _has(name, IMAGE_SUFFIXES)))
        foreign = [name for name in shown if _has(name, _FOREIGN_SUFFIXES)]
        if foreign and self.names:
            raise FileError(
                f"{path} holds images, but also {len(foreign)} files of other formats, such as "
                f"{min(foreign)}. Images are {', '.join(IMAGE_SUFFIXES)}; take the others out, or "
                "save them as such."
            )
        self.labels = self._find_labels() if self.names else None

    def _find_labels(self) -> tuple[str, ...] | None:
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
            raise _unread(self._place(name), error) from error

    def size(self, name: PurePosixPath) -> int:
        """Return how many bytes a file has."""
        try:
            return self._place(name).stat().st_size
        except OSError as error:
            raise _unread(self._place(name), error) from error

    @contextmanager
    def opened(self, name: PurePosixPath) -> Iterator[IO[bytes]]:
        """Open one file, from any thread."""
        try:
            file = self._place(name).open("rb")
        except OSError as error:
            raise _unread(self._place(name), error) from error
        with file:
            yield file


class _Folder(_OnDisk):
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


class _File(_OnDisk):
    """A single image."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, [PurePosixPath(path.name)])

    def where(self, name: PurePosixPath) -> str:
        """Return the path of the file."""
        return str(self.path.with_name(name.name))

    def _place(self, name: PurePosixPath) -> Path:  # noqa: ARG002 -- there is one
        return self.path


class _Archive(ImageFiles):
    def __init__(self, path: Path) -> None:
        with _opened(path) as archive:
            named = [info for info in archive.infolist() if info.filename]
            files = [info for info in named if not info.is_dir()]
        super().__init__(path, [PurePosixPath(info.filename) for info in files])
        if not self.names:
            raise FileError(
                f"{path} holds no images; those are {', '.join(IMAGE_SUFFIXES)}. Unpack other "
                "files to read them."
            )
        chosen = {str(name) for name in self.names}
        locked = [info for info in files if info.flag_bits & _ENCRYPTED]
        if any(str(PurePosixPath(info.filename)) in chosen for info in locked):
            raise FileError(f"{path} is encrypted. Unpack it, and name the folder.")
        self._infos = {PurePosixPath(info.filename): info for info in files}

    @cached_property
    def _kept_open(self) -> zipfile.ZipFile:
        """The archive, for threads that read files of it one by one."""
        return _open_archive(self.path)

    def content(self, name: PurePosixPath) -> "bytes | DamagedImageError":
        """Read a file of the archive, which stays open from the first of them on."""
        return self._content(self._kept_open, name)

    def size(self, name: PurePosixPath) -> int:
        """Return how many bytes a file of the archive has, unpacked."""
        return self._infos[name].file_size

    @contextmanager
    def opened(self, name: PurePosixPath) -> Iterator[IO[bytes]]:
        """Open a file of the archive, which stays open from the first of them on."""
        try:
            with self._kept_open.open(self._infos[name]) as file:
                yield file
        except EspelhoError:
            raise
        except RuntimeError as error:
            raise _unreadable(self.path, error) from error
        except _DAMAGE as error:
            raise DamagedImageError(f"{self.where(name)} is damaged ({error}).") from error

    def contents(self, names: Sequence[PurePosixPath]) -> "Iterator[bytes | DamagedImageError]":
        """Read files of the archive, which is open for the time of it."""
        with _opened(self.path) as archive:
            for name in names:
                yield self._content(archive, name)

    def _content(
        self, archive: zipfile.ZipFile, name: PurePosixPath
    ) -> "bytes | DamagedImageError":
        info = self._infos[name]
        if info.file_size > _LARGEST:
            raise FileError(f"{self.where(name)} would take {info.file_size:,} bytes unpacked.")
        try:
            return archive.read(info)
        except RuntimeError as error:
            raise _unreadable(self.path, error) from error
        except _DAMAGE as error:
            return DamagedImageError(f"{self.where(name)} is damaged ({error}).")


def find_images(path: Path) -> ImageFiles | None:
    """Find the images that a path stands for.

    Parameters
    ----------
    path : Path
        A folder, a zip archive, or an image.

    Returns
    -------
    ImageFiles or None
        The files; none for folders without images, and for files of other formats.

    Raises
    ------
    FileError
        If an archive is damaged, encrypted or holds no images, or as `ImageFiles` says.
    """
    if path.is_dir():
        found = _Folder(path)
        return found if found.names else None
    if not path.is_file():
        return None
    if _has(PurePosixPath(path.name), (ARCHIVE,)):
        return _Archive(path)
    return _File(path) if _has(PurePosixPath(path.name), IMAGE_SUFFIXES) else None


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with _open_archive(path) as archive:
        yield archive


def _open_archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise FileError(
            f"{path} is a truncated or damaged zip archive ({error}). Copy or download it again."
        ) from error
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    except OSError as error:
        raise _unread(path, error) from error


def _unread(path: Path, error: OSError) -> FileError:
    return FileError(f"{path} cannot be read: {error.strerror}.")


def _unreadable(path: Path, reason: RuntimeError) -> FileError:
    """Name what zipfile does not know, or a module that Python lacks."""
    return FileError(
        f"{path} is packed in a way that Python cannot read ({reason}). Unpack it, and name the "
        "folder."
    )


def _has(name: PurePosixPath, suffixes: tuple[str, ...]) -> bool:
    return name.suffix.lower() in suffixes


def _is_hidden(name: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
