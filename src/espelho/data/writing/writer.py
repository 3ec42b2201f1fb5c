"""Numbers written to a file as they come, and the file whole or not at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from espelho.data.writing.atomic import atomic_file
from espelho.data.writing.encoders import ENCODERS, Encoder
from espelho.errors import DataError, FileError, ShapeError

__all__ = ["WRITABLE_SUFFIXES", "Writer", "write", "writer"]

WRITABLE_SUFFIXES: tuple[str, ...] = tuple(ENCODERS)

_NUMERIC_KINDS = "biuf"


class Writer:
    """A file that is being written; made by `writer`.

    Attributes
    ----------
    shape : tuple of int or None
        The shape of all the values, known from the first of them on.
    dtype : dtype or None
        Their type.
    """

    def __init__(
        self,
        file: BinaryIO,
        encoder: type[Encoder],
        n_rows: int,
        names: Sequence[str] | None,
        dtypes: Sequence[np.dtype[Any]] | None,
    ) -> None:
        self.shape: tuple[int, ...] | None = None
        self.dtype: np.dtype[Any] | None = None
        self._make = lambda shape, dtype: encoder(file, shape, dtype, names, dtypes)
        self._encoder: Encoder | None = None
        self._n_rows, self._n_written = n_rows, 0

    def append(self, values: np.ndarray) -> None:
        """Write rows behind those before.

        Parameters
        ----------
        values : ndarray of shape (m,) or (m, ...)
            The rows. Shape and type of a row must be those of the first.

        Raises
        ------
        DataError
            If they are not numbers, or of another type than the first, or a table cannot
            hold them.
        ShapeError
            If they have another shape than the first, or come in too large a number.
        """
        values = _numbers(values)
        if self._encoder is None:
            self.shape, self.dtype = (self._n_rows, *values.shape[1:]), values.dtype
            self._encoder = self._make(self.shape, self.dtype)
        if self.shape is None or values.shape[1:] != self.shape[1:]:
            raise ShapeError(
                f"Rows must be like the first, got shape {values.shape[1:]} after {self.shape}."
            )
        if values.dtype != self.dtype:
            raise DataError(f"Rows must be like the first, got {values.dtype} after {self.dtype}.")
        self._n_written += len(values)
        if self._n_written > self._n_rows:
            raise self._miscounted()
        self._encoder.append(values)

    def finish(self) -> None:
        """Write what stands behind the last row.

        Raises
        ------
        ShapeError
            If not as many rows came as were announced.
        """
        if self._encoder is None or self._n_written != self._n_rows:
            raise self._miscounted()
        self._encoder.finish()

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""
        if self._encoder is not None:
            self._encoder.abandon()

    def _miscounted(self) -> ShapeError:
        return ShapeError(f"{self._n_rows} rows were announced, but {self._n_written} came.")


@contextmanager
def writer(
    path: str | os.PathLike[str],
    *,
    n_rows: int,
    names: Sequence[str] | None = None,
    dtypes: Sequence[np.dtype[Any]] | None = None,
) -> Iterator[Writer]:
    r"""Open a file that numbers are written to as they come, whole or not at all.

    What is in the file does not depend on how the rows are cut into blocks. If the block
    is left by an exception, ``KeyboardInterrupt`` included, what was at ``path`` before is
    still there, and nothing else.

    Parameters
    ----------
    path, names, dtypes
        As in `write`.
    n_rows : int
        How many rows will come.

    Yields
    ------
    Writer
        What rows are appended to.

    Raises
    ------
    FileError
        If the suffix is unknown, the folder does not exist, or writing fails; nothing
        is left behind then.
    ShapeError
        If not as many rows came as were announced.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from espelho.data.writing import writer
    >>> with TemporaryDirectory() as folder:
    ...     with writer(Path(folder) / "codes.csv", n_rows=2) as file:
    ...         file.append(np.array([[0.5, 1.0]]))
    ...         file.append(np.array([[2.0, 3.0]]))
    ...     (Path(folder) / "codes.csv").read_text()
    'x0,x1\n0.5,1\n2,3\n'
    """
    path = Path(path)
    encoder = ENCODERS.get(path.suffix.lower())
    if encoder is None:
        raise FileError(
            f"{path} cannot be written: its suffix must be one of {', '.join(WRITABLE_SUFFIXES)}."
        )
    with atomic_file(path) as file:
        made = Writer(file, encoder, n_rows, names, dtypes)
        try:
            yield made
            made.finish()
        except BaseException:
            made.abandon()
            raise


def write(
    path: str | os.PathLike[str],
    values: np.ndarray,
    *,
    names: Sequence[str] | None = None,
    dtypes: Sequence[np.dtype[Any]] | None = None,
) -> Path:
    r"""Write numbers to a file, whole or not at all.

    The suffix decides the format: ``.npy`` keeps any shape and dtype and no names;
    ``.csv`` and ``.parquet`` hold a table, one row a sample, whose values are flattened;
    ``.zip`` holds images of 8 or 16 bits, ``(n, height, width)`` or
    ``(n, channels, height, width)``, as PNG files ``000001.png``, ``000002.png``, ...; ``.png``
    is one picture of all of them.

    Parameters
    ----------
    path : str or path-like
        The file to write. An existing one is replaced.
    values : ndarray of shape (n,) or (n, ...)
        The numbers.
    names : sequence of str, optional
        The names of the columns of a table, ``x0``, ``x1``, ... by default. In a CSV file a
        name that is itself a number gets an ``x`` in front, so that the header can be
        told from data.
    dtypes : sequence of dtype, optional
        The type of each column of a table: rounded and kept in range where it is of integers.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    FileError
        If the suffix is unknown, the folder does not exist, or writing fails; nothing
        is left behind then.
    DataError
        If the values are not numbers, or have no columns where a table needs them, or a
        name comes twice.
    ShapeError
        If there are not as many names as columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from espelho.data.writing import write
    >>> with TemporaryDirectory() as folder:
    ...     file = write(Path(folder) / "codes.csv", np.array([[0.5, 1.0]]), names=["u", "v"])
    ...     file.read_text()
    'u,v\n0.5,1\n'
    """
    values = np.asarray(values)
    with writer(
        path, n_rows=len(values) if values.ndim else 0, names=names, dtypes=dtypes
    ) as file:
        file.append(values)
    return Path(path)


def _numbers(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind not in _NUMERIC_KINDS:
        raise DataError(f"Only numbers can be written, got values of dtype {values.dtype}.")
    if values.ndim == 0:
        raise ShapeError("values must have shape (n, ...), got a single number.")
    return values.astype(values.dtype.newbyteorder("="), copy=False)
