"""Archives: images in a zip file, or in a folder of one."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO

from espelho.data.images.decoding import DamagedImageError
from espelho.data.images.places.files import IMAGE_SUFFIXES, ImageFiles, has_suffix, unread
from espelho.errors import EspelhoError, FileError

__all__ = ["ARCHIVE", "ArchiveFiles"]

ARCHIVE = ".zip"
_LARGEST = 1 << 31
"""Most bytes of a file in an archive: what claims more was made to fill the memory."""
_ENCRYPTED = 1
_TOP = PurePosixPath()
_NAMED = 10
_DAMAGE = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, UnicodeDecodeError, OSError)
"""What zipfile raises for an entry of which something is not as it was."""


class ArchiveFiles(ImageFiles):
    """Images in an archive, or in a folder of it."""

    def __init__(self, archive: Path, inside: PurePosixPath = _TOP) -> None:
        self._archive = archive
        with _opened(archive) as opened:
            named = [info for info in opened.infolist() if info.filename]
        found = {PurePosixPath(info.filename): info for info in named if not info.is_dir()}
        self._infos = {
            PurePosixPath(name.name) if name == inside else name.relative_to(inside): info
            for name, info in found.items()
            if name.is_relative_to(inside)
        }
        super().__init__(archive / inside, list(self._infos))
        if not self.names:
            raise _without_images(archive, inside, list(found))
        if any(self._infos[name].flag_bits & _ENCRYPTED for name in self.names):
            raise FileError(f"{archive} is encrypted. Unpack it, and name the folder.")

    @cached_property
    def _kept_open(self) -> zipfile.ZipFile:
        """The archive, for threads that read files of it one by one."""
        return _open_archive(self._archive)

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
            raise _unreadable(self._archive, error) from error
        except _DAMAGE as error:
            raise DamagedImageError(f"{self.where(name)} is damaged ({error}).") from error

    def contents(self, names: Sequence[PurePosixPath]) -> "Iterator[bytes | DamagedImageError]":
        """Read files of the archive, which is open for the time of it."""
        with _opened(self._archive) as archive:
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
            raise _unreadable(self._archive, error) from error
        except _DAMAGE as error:
            return DamagedImageError(f"{self.where(name)} is damaged ({error}).")


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
        raise unread(path, error) from error


def _unreadable(path: Path, reason: RuntimeError) -> FileError:
    """Name what zipfile does not know, or a module that Python lacks."""
    return FileError(
        f"{path} is packed in a way that Python cannot read ({reason}). Unpack it, and name the "
        "folder."
    )


def _without_images(archive: Path, inside: PurePosixPath, names: list[PurePosixPath]) -> FileError:
    if inside == _TOP:
        return FileError(
            f"{archive} holds no images; those are {', '.join(IMAGE_SUFFIXES)}. Unpack other "
            "files to read them."
        )
    folders = sorted({str(name.parent) for name in names if has_suffix(name, IMAGE_SUFFIXES)})
    return FileError(
        f"{archive} holds no images in {inside}. Its folders of images are "
        f"{', '.join(folders[:_NAMED])}{' and others' * (len(folders) > _NAMED)}."
    )
