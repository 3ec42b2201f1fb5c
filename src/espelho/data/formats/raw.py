"""The bytes of a file, decompressed."""

import gzip
import zlib
from pathlib import Path

from espelho.errors import FileError

__all__ = ["read_bytes", "read_start"]

_GZIP = b"\x1f\x8b"
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def read_bytes(path: Path) -> bytes:
    """Read a whole file, through gzip if it is compressed.

    Parameters
    ----------
    path : Path
        The file; its content, not its name, says whether it is compressed.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    FileError
        If it cannot be read, or is damaged gzip, or is called ``.gz`` and is not.
    """
    try:
        with path.open("rb") as file:
            content = file.read()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    if content.startswith(_GZIP):
        return _decompressed(content, path)
    if path.suffix.lower() == ".gz" and content:
        raise FileError(f"{path} is called .gz but does not hold gzip data; is it damaged?")
    return content


def read_start(path: Path, size: int) -> bytes:
    """Read the first bytes of a file, through gzip if it is compressed.

    Parameters
    ----------
    path : Path
        The file.
    size : int
        How many bytes.

    Returns
    -------
    bytes
        At most so many; none if the compressed data is damaged.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(max(size, len(_GZIP)))
            if not start.startswith(_GZIP):
                return start[:size]
            file.seek(0)
            with gzip.open(file) as inner:
                return inner.read(size)
    except _DAMAGED:
        return b""
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error


def _decompressed(content: bytes, path: Path) -> bytes:
    try:
        return gzip.decompress(content)
    except _DAMAGED as error:
        raise FileError(
            f"{path} is a truncated or damaged gzip file ({error}). Copy or download it again."
        ) from error
