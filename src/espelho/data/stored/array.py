"""Samples in an .npy file, read through a memory map."""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.fingerprint import content_fingerprint
from espelho.data.formats.arrays import npy_layout
from espelho.data.formats.content import Choice, check_samples
from espelho.data.stored.base import Stored
from espelho.errors import FileError

__all__ = ["StoredArray"]

_UNIT_BYTES = 1 << 22


class StoredArray(Stored):
    """Samples in an ``.npy`` file.

    They come as `espelho.data.files.read` gives them from small files: a vector as one
    column, booleans as 0 and 1 of ``uint8``, in the machine's byte order. Files in
    Fortran's order are read as well.

    Parameters
    ----------
    path : Path
        The file.
    choice : Choice, optional
        Columns, by their index, if it holds a table.

    Attributes
    ----------
    labels : ndarray of shape (n,) or None
        The column that is the target.

    Raises
    ------
    FileError
        If it is truncated or damaged, not of this format, or holds pickled objects.
    DataError
        If it holds no numbers, or a column is unknown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "X.npy", np.arange(6).reshape(3, 2))
    ...     StoredArray(Path(folder) / "X.npy")[1:]
    array([[2, 3],
           [4, 5]])
    """

    def __init__(self, path: Path, choice: Choice | None = None) -> None:
        choice = Choice() if choice is None else choice
        self._map = _mapped(path)
        self._columns: NDArray[np.intp] | None = None
        self.labels: NDArray[Any] | None = None
        self.names = None
        row = self._map.shape[1:] or (1,)
        if choice.names_columns:
            self.names = tuple(choice.features_of_array(self._map.shape, str(path)))
            self._columns = np.array(self.names, dtype=np.intp)
            row = (len(self._columns),)
        if choice.target is not None:
            self.labels = np.array(self._map[:, int(choice.target)]).astype(_native(self._map))
        self.shape = (len(self._map), *row)
        boolean = self._map.dtype.kind == "b"
        self.dtype = np.dtype(np.uint8) if boolean else _native(self._map)
        self.starts = np.arange(0, len(self), self._rows_of(_UNIT_BYTES), dtype=np.int64)

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        return self._plain(self._map[start:stop])

    def gather(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Read rows that need not follow each other; see `Stored.gather`."""
        return self._plain(self._map[rows])

    def flat(self) -> "StoredArray":
        """Return the same samples as rows ``(n, d)``."""
        flat = object.__new__(StoredArray)
        flat.__dict__.update(self.__dict__)
        flat.shape = (len(self), prod(self.shape[1:]))
        return flat

    def fingerprint(self) -> str:
        """Return a hash that equals that of the same samples in memory.

        Returns
        -------
        str
            The SHA-256 digest as 64 hexadecimal digits, see `espelho.data.fingerprint`.
        """
        return content_fingerprint(self)

    def _plain(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return rows of the map as a new array of the shape and type that is promised."""
        chosen = rows if self._columns is None else rows[:, self._columns]
        copied = np.array(chosen, dtype=self.dtype, order="C")
        return copied.reshape(len(rows), *self.shape[1:])


def _native(array: NDArray[Any]) -> np.dtype[Any]:
    return array.dtype.newbyteorder("=")


def _mapped(path: Path) -> NDArray[Any]:
    layout = npy_layout(path)
    check_samples(layout.shape, layout.dtype, str(path))
    try:
        return np.memmap(
            path,
            mode="r",
            dtype=layout.dtype,
            shape=layout.shape,
            offset=layout.offset,
            order="F" if layout.fortran_order else "C",
        )
    except (ValueError, OSError) as error:
        raise FileError(f"{path} is a truncated or damaged NumPy array ({error}).") from error
