"""Stored samples: what is common to all that stay on disk."""

from abc import ABC, abstractmethod
from math import prod
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from espelho.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espelho.data.stored.rows import StoredRows

__all__ = ["Stored"]

_SPAN_BYTES = 1 << 24
"""Read at once where rows are picked out of others, or all are read: 16 MiB."""


class Stored(ABC):
    """Samples that stay on disk: rows are read when they are asked for, and not kept.

    What is read in the order of the rows is read fastest. ``X[2:5]`` reads rows and
    ``X[rows]``, with growing row numbers or a mask, is a view of which nothing is read;
    ``numpy.asarray(X)`` reads everything. Several threads may read.

    Attributes
    ----------
    shape : tuple of int
        ``(n, *sample)``, as of an array.
    dtype : dtype
        The type of what is read, in the machine's byte order.
    names : tuple of str or None
        The names of the columns.
    starts : ndarray of int64
        The rows at which units begin, sorted, the first of them 0. A unit is what is read
        well in one go: a row group of a Parquet file, or about 4 MiB of an array.
    scattered : bool
        Whether rows that lie apart are read as fast as rows that follow each other.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    names: tuple[str, ...] | None
    starts: NDArray[np.int64]
    scattered: bool = False

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of values."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes that all the values would take in memory."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of shape {self.shape}, {self.dtype}>"

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Read rows that follow each other.

        Parameters
        ----------
        start, stop : int
            The first row, and the one after the last.

        Returns
        -------
        ndarray of shape (stop - start, *sample)
            A new array, in C order.

        Raises
        ------
        SettingError
            If there are no such rows.
        FileError
            If a file is damaged or has changed.
        DataError
            If a number is missing where there is no NaN for it.
        """
        if not 0 <= start <= stop <= len(self):
            raise SettingError(
                f"Rows {start} to {stop} were asked for, but there are {len(self)} rows."
            )
        return self._read(int(start), int(stop))

    def gather(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Read rows that need not follow each other.

        Parameters
        ----------
        rows : ndarray of int64
            Their numbers, growing.

        Returns
        -------
        ndarray of shape (len(rows), *sample)
            A new array, in C order.
        """
        found = np.empty((len(rows), *self.shape[1:]), self.dtype)
        span = self._rows_of(_SPAN_BYTES)
        at = 0
        while at < len(rows):
            first = int(rows[at])
            end = int(np.searchsorted(rows, first + span))
            block = self.read(first, int(rows[end - 1]) + 1)
            whole = len(block) == end - at
            found[at:end] = block if whole else block[rows[at:end] - first]
            at = end
        return found

    def flat(self) -> "Stored":
        """Return the same samples as rows ``(n, d)``."""
        return self

    def drawn(self, seed: int) -> "Stored":  # noqa: ARG002 -- for those that draw
        """Return the samples of one pass, where a part of each is drawn; see `StoredImages`."""
        return self

    def numbered(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which rows of the files some of the rows are, counted from 0."""
        return rows

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a hash of the samples, 64 hexadecimal digits, to recognise them later."""

    @abstractmethod
    def _read(self, start: int, stop: int) -> NDArray[Any]: ...

    def _rows_of(self, n_bytes: int) -> int:
        return max(1, n_bytes // (prod(self.shape[1:]) * self.dtype.itemsize))

    @overload
    def __getitem__(self, rows: slice) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, rows: "Sequence[int] | NDArray[Any]") -> "StoredRows": ...
    def __getitem__(
        self, rows: "slice | Sequence[int] | NDArray[Any]"
    ) -> "NDArray[Any] | StoredRows":
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step != 1:
                raise SettingError(
                    f"Stored samples are read row after row, not with steps of {step}. Choose "
                    "rows by their numbers, or read them first, as by numpy.asarray."
                )
            return self.read(start, max(start, stop))
        from espelho.data.stored.rows import StoredRows

        return StoredRows(self, self._growing(np.asarray(rows)))

    def _growing(self, rows: NDArray[Any]) -> NDArray[np.int64]:
        """Return row numbers or a mask as row numbers, if they are such."""
        n = len(self)
        if rows.dtype.kind == "b" and rows.shape == (n,):
            return np.flatnonzero(rows)
        fits = rows.ndim == 1 and (rows.dtype.kind in "iu" or rows.size == 0)
        if not (fits and (rows[1:] > rows[:-1]).all() and (rows[:1] >= 0).all()):
            raise SettingError(
                "Rows of stored samples are chosen by a slice, by row numbers that grow, or by a "
                f"mask of {n} booleans; got {rows.dtype} of shape {rows.shape}"
                + (" that does not grow." if fits else ".")
            )
        if len(rows) and rows[-1] >= n:
            raise SettingError(f"There is no row {rows[-1]}: there are {n} rows.")
        return rows.astype(np.int64)

    def __array__(
        self,
        dtype: DTypeLike | None = None,
        copy: bool | None = None,  # noqa: FBT001 -- as NumPy calls it
    ) -> NDArray[Any]:
        if copy is False:
            raise ValueError("Samples on disk cannot become an array without being copied.")
        found = np.empty(self.shape, self.dtype if dtype is None else dtype)
        span = self._rows_of(_SPAN_BYTES)
        for start in range(0, len(self), span):
            stop = min(start + span, len(self))
            found[start:stop] = self.read(start, stop)
        return found
