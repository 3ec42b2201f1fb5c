"""Samples in Parquet files, read row group after row group."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.formats.columns import numbers, numeric_dtype
from espelho.data.formats.content import Choice
from espelho.data.formats.footers import Footers, reading
from espelho.data.formats.parquet import read_target
from espelho.data.stored.base import Stored
from espelho.data.stored.cursor import Cursor
from espelho.errors import DataError

__all__ = ["StoredTable"]

_BATCH_BYTES = 1 << 22
_MOST_BATCH_ROWS = 1 << 16
_SAMPLES = 64
_SAMPLE_BYTES = 1 << 16
_FOOTER_TAIL = 8
"""The last bytes of a Parquet file: the length of its footer, and the format's mark."""


class StoredTable(Stored):
    """Samples in Parquet files that make one table.

    Of a row group a page of each column is held at a time, however large the group is.
    Booleans come as 0 and 1 of ``uint8``, missing floats as NaN.

    Parameters
    ----------
    files : sequence of Path
        The files, in the order of their rows.
    choice : Choice, optional
        Which columns become ``X`` and ``y``.

    Attributes
    ----------
    footers : Footers
        What the footers of the files say.

    Raises
    ------
    FileError
        If a file is damaged, or not of this format.
    DataError
        If the files differ in their columns, a column is unknown or not numeric, or there
        is no row.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from espelho.data.writing import write
    >>> with TemporaryDirectory() as folder:
    ...     path = write(Path(folder) / "X.parquet", np.arange(6).reshape(3, 2))
    ...     StoredTable([path])[1:]
    array([[2, 3],
           [4, 5]])
    """

    def __init__(self, files: Sequence[Path], choice: Choice | None = None) -> None:
        self.footers = Footers.of(files, Choice() if choice is None else choice)
        self.names = self.footers.features
        self.shape = (self.footers.n_rows, len(self.names))
        self.dtype = self.footers.dtype
        counts = [n for groups in self.footers.groups for n in groups if n]
        self.starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        self._cursor = Cursor(self.footers, min(_MOST_BATCH_ROWS, self._rows_of(_BATCH_BYTES)))
        self._lock = Lock()

    @cached_property
    def labels(self) -> NDArray[Any] | None:
        """The target column of all files, read into memory; None if there is no target."""
        return read_target(self.footers)

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        found = np.empty((stop - start, len(self.footers.features)), self.dtype)
        at = 0
        with self._lock:
            if len(found):
                self._cursor.seek(start)
            while at < len(found):
                batch = self._cursor.take(len(found) - at)
                _fill(found[at : at + batch.num_rows], batch, self._cursor.path)
                at += batch.num_rows
        return found

    def fingerprint(self) -> str:
        """Return a hash of what the footers say and of samples of the bytes.

        It covers shape, type, the columns that are taken, the size and footer of every
        file, and 64 blocks of 64 KiB, evenly spread over all files: a change between two
        blocks that leaves sizes and footers as they were goes unnoticed. The same numbers
        in files that were written otherwise have another fingerprint.

        Returns
        -------
        str
            The SHA-256 digest as 64 hexadecimal digits.
        """
        digest = hashlib.sha256(f"{self.shape} {self.dtype.str} {self.names}".encode())
        for part in _sampled(self.footers.files):
            digest.update(part)
        return digest.hexdigest()


def _fill(found: NDArray[Any], batch: Any, path: Path) -> None:
    for position, (name, column) in enumerate(zip(batch.schema.names, batch.columns, strict=True)):
        if column.null_count and _is_whole(column.type):
            raise DataError(
                f"{path}: column {name!r} holds whole numbers ({column.type}), and some "
                "are missing. Fill the gaps first, or write the column as floats."
            )
        found[:, position] = numbers(column)


def _is_whole(kind: Any) -> bool:
    dtype = numeric_dtype(kind)
    return dtype is not None and dtype.kind in "iu"


def _sampled(files: Sequence[Path]) -> Iterator[bytes]:
    """Return the sizes and footers of files, and bytes evenly spread over all of them."""
    ends = np.cumsum([_size(path) for path in files])
    most = max(0, int(ends[-1]) - _SAMPLE_BYTES)
    places = np.unique(np.linspace(0, most, _SAMPLES, dtype=np.int64))
    for number, path in enumerate(files):
        start = int(ends[number - 1]) if number else 0
        own = places[(places >= start) & (places < ends[number])] - start
        with reading(path), path.open("rb") as file:
            yield str(file.seek(0, os.SEEK_END)).encode()
            file.seek(-_FOOTER_TAIL, os.SEEK_END)
            length = int.from_bytes(file.read(4), "little")
            file.seek(-_FOOTER_TAIL - length, os.SEEK_END)
            yield file.read()
            for place in own:
                file.seek(int(place))
                yield file.read(_SAMPLE_BYTES)


def _size(path: Path) -> int:
    with reading(path):
        return path.stat().st_size
