"""Some rows of stored samples."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.stored.base import Stored

__all__ = ["StoredRows"]


class StoredRows(Stored):
    """A view of some rows of samples on disk.

    Parameters
    ----------
    base : Stored
        The samples; a view of a view becomes a view of what is on disk.
    rows : ndarray of int64
        The numbers of the rows, growing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from espelho.data.stored.array import StoredArray
    >>> with TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "X.npy", np.arange(6.0))
    ...     even = StoredArray(Path(folder) / "X.npy")[[0, 2, 4]]
    ...     even[1:].tolist()
    [[2.0], [4.0]]
    """

    def __init__(self, base: Stored, rows: NDArray[np.int64]) -> None:
        self.base: Stored = base.base if isinstance(base, StoredRows) else base
        self.rows: NDArray[np.int64] = base.rows[rows] if isinstance(base, StoredRows) else rows
        self.shape = (len(self.rows), *base.shape[1:])
        self.dtype = base.dtype
        self.names = base.names
        self.scattered = base.scattered
        places = np.unique(np.searchsorted(self.rows, self.base.starts))
        self.starts = places[places < len(self)].astype(np.int64)

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        return self.base.gather(self.rows[start:stop])

    def gather(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Read rows that need not follow each other; see `Stored.gather`."""
        return self.base.gather(self.rows[rows])

    def flat(self) -> "StoredRows":
        """Return the same samples as rows ``(n, d)``."""
        return StoredRows(self.base.flat(), self.rows)

    def drawn(self, seed: int) -> "StoredRows":
        """Return the samples of one pass; see `Stored.drawn`."""
        return StoredRows(self.base.drawn(seed), self.rows)

    def numbered(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which rows of the files some of the rows are, counted from 0."""
        return self.base.numbered(self.rows[rows])

    def fingerprint(self) -> str:
        """Return a hash of the samples that it is a view of, and of the row numbers.

        Returns
        -------
        str
            The SHA-256 digest as 64 hexadecimal digits.
        """
        digest = hashlib.sha256(self.base.fingerprint().encode())
        digest.update(self.rows.astype("<i8").data)
        return digest.hexdigest()
