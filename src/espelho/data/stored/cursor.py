"""A place in Parquet files from which rows are read on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.formats.footers import Footers, open_parquet, reading
from espelho.errors import FileError

__all__ = ["Cursor"]


class Cursor:
    """A place in the files of one table.

    It holds one file open, a page of each column, and at most a batch of rows. Rows that
    follow those read last are read on; so are rows further on in the same row group, or
    less than a batch away, those between being decoded and dropped. For other rows their row
    group is begun anew.

    Parameters
    ----------
    footers : Footers
        The files and the columns.
    batch_rows : int
        How many rows are decoded at once.
    """

    def __init__(self, footers: Footers, batch_rows: int) -> None:
        self._footers = footers
        self._batch_rows = batch_rows
        counts = np.array([n for groups in footers.groups for n in groups], dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self._places = [
            (file, group)
            for file, groups in enumerate(footers.groups)
            for group in range(len(groups))
        ]
        self._file: Any = None
        self._batches: Iterator[Any] = iter(())
        self._left: Any = None
        self._at = self._row = -1

    @property
    def path(self) -> Path:
        """The file that the cursor is in."""
        return self._footers.files[self._at]

    def seek(self, row: int) -> None:
        """Go to a row.

        Parameters
        ----------
        row : int
            Its number.

        Raises
        ------
        FileError
            If a file is damaged, or has changed since its footer was read.
        """
        group = self._group_of(row)
        file, number = self._places[group]
        close = row - self._row <= self._batch_rows or self._group_of(self._row) == group
        if not (file == self._at and self._row <= row and close):
            self._begin(file, number, int(self._starts[group]))
        while self._row < row:
            self.take(row - self._row)

    def take(self, most: int) -> Any:
        """Return the rows that come next, as many as are decoded but no more than wanted.

        Parameters
        ----------
        most : int
            How many rows are wanted.

        Returns
        -------
        pyarrow.RecordBatch
            Rows of the file ``path``, with the columns in their order.

        Raises
        ------
        FileError
            If a file is damaged, or has changed since its footer was read.
        """
        while not (self._left and self._left.num_rows):
            self._left = self._next()
        taken = self._left.slice(0, most)
        self._left = self._left.slice(taken.num_rows)
        self._row += taken.num_rows
        return taken

    def _group_of(self, row: int) -> int:
        return int(np.searchsorted(self._starts, row, side="right")) - 1

    def _begin(self, file: int, group: int, row: int) -> None:
        """Begin a row group; those after it in the same file follow by themselves."""
        if file != self._at:
            self._close()
        path = self._footers.files[file]
        with self._reading(path):
            if self._file is None:
                self._file = open_parquet(path)
            self._batches = self._file.iter_batches(
                self._batch_rows,
                row_groups=list(range(group, len(self._footers.groups[file]))),
                columns=list(self._footers.features),
                use_threads=False,
            )
        self._left, self._at, self._row = None, file, row

    def _next(self) -> Any:
        """Return the batch that comes next, or nothing where the next file begins."""
        with self._reading(self.path):
            batch = next(self._batches, None)
            if batch is not None:
                # That batches keep the order asked for is promised nowhere.
                return batch.select(list(self._footers.features))
            if self._row != sum(map(sum, self._footers.groups[: self._at + 1])):
                raise FileError(f"{self.path} has changed since it was opened.")
        self._begin(self._at + 1, 0, self._row)
        return None

    @contextmanager
    def _reading(self, path: Path) -> Iterator[None]:
        """Leave the file for good where reading it fails."""
        try:
            with reading(path):
                yield
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._batches, self._left = None, iter(()), None
        self._at = self._row = -1
