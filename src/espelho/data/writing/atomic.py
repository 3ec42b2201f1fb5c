"""A file that appears whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from espelho.errors import FileError

__all__ = ["atomic_file"]


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when it is complete.

    The bytes go to a temporary file in the same folder, which is flushed to the disk and
    then takes the place of ``path`` in one step. If the block is left by an exception,
    ``KeyboardInterrupt`` included, the temporary file is removed and whatever
    was at ``path`` before is still there.

    Parameters
    ----------
    path : str or path-like
        The file to write; its folder must exist.

    Yields
    ------
    BinaryIO
        The file, open for writing.

    Raises
    ------
    FileError
        If the folder does not exist, ``path`` is a folder, or the system refuses to write.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from espelho.data.writing import atomic_file
    >>> with TemporaryDirectory() as folder:
    ...     with atomic_file(Path(folder) / "note.txt") as file:
    ...         _ = file.write(b"done")
    ...     (Path(folder) / "note.txt").read_text()
    'done'
    """
    target = Path(path).resolve()
    if not target.parent.is_dir():
        raise FileError(f"{path} cannot be written: the folder {target.parent} does not exist.")
    if target.is_dir():
        raise FileError(f"{path} cannot be written: it is a folder; name a file in it.")
    aside = target.with_name(f".espelho-{secrets.token_hex(8)}.tmp")
    try:
        with aside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"{path} could not be written, nothing was changed: {error.strerror or error}."
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
