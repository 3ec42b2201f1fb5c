"""Encoders: blocks of rows as the bytes of a file, format by format."""

import csv
import io
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from espelho.data.containers import cast
from espelho.data.formats.text import is_number
from espelho.data.images.archive import ImageArchive
from espelho.data.images.png import check_image, encode_png
from espelho.data.images.sheet import check_sheet, sheet
from espelho.errors import DataError, ShapeError

__all__ = ["ENCODERS", "Encoder"]

_GROUP_ROWS = 1 << 17
_GROUP_BYTES = 1 << 26
"""Most rows and bytes of a row group: 64 MiB."""


class Encoder(ABC):
    """What makes blocks of rows the bytes of a file.

    Parameters
    ----------
    file : BinaryIO
        The file, open for writing.
    shape : tuple of int
        The shape of all the values, ``(n, ...)``.
    dtype : dtype
        Their type.
    names : sequence of str or None
        The names of the columns of a table, ``x0``, ``x1``, ... by default.
    dtypes : sequence of dtype or None
        The type of each column of a table, by default that of the values.
    """

    def __init__(
        self,
        file: BinaryIO,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        names: Sequence[str] | None,
        dtypes: Sequence[np.dtype[Any]] | None,
    ) -> None:
        self._file, self._shape, self._dtype = file, shape, dtype
        self._names, self._dtypes = names, dtypes
        self._begin()

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def append(self, values: np.ndarray) -> None:
        """Write rows ``(m, ...)`` behind those before."""

    def finish(self) -> None:  # noqa: B027 -- nothing, in most formats
        """Write what stands behind the last row."""

    def abandon(self) -> None:  # noqa: B027
        """Let go of a file that will not be finished."""


class _Npy(Encoder):
    def _begin(self) -> None:
        described = np.lib.format.dtype_to_descr(self._dtype)
        header = {"descr": described, "fortran_order": False, "shape": self._shape}
        np.lib.format.write_array_header_1_0(self._file, header)

    def append(self, values: np.ndarray) -> None:
        self._file.write(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


class _Table(Encoder):
    """A table: a column for each of the values of a row."""

    def _begin(self) -> None:
        n_columns = int(np.prod(self._shape[1:], dtype=np.intp))
        if n_columns == 0:
            raise DataError(
                f"A table needs at least one column, got values of shape {self._shape}."
            )
        names = self._names
        if names is None:
            names = [f"x{column}" for column in range(n_columns)]
        self._columns = [self._column_name(name) for name in names]
        if len(names) != n_columns:
            raise ShapeError(f"There must be one name a column, got {len(names)} for {n_columns}.")
        twice = [name for name, count in Counter(self._columns).items() if count > 1]
        if twice:
            raise DataError(f"The names of the columns must differ, but {twice[0]!r} comes twice.")

    def _column_name(self, name: str) -> str:
        return name

    def _table(self, values: np.ndarray) -> Any:
        import pyarrow as pa

        columns = list(values.reshape(len(values), len(self._columns)).T)
        if self._dtypes is not None:
            pairs = zip(columns, self._dtypes, strict=True)
            columns = [cast(column.astype(np.float64), dtype) for column, dtype in pairs]
        return pa.table([pa.array(column) for column in columns], names=self._columns)


class _Csv(_Table):
    def _begin(self) -> None:
        super()._begin()
        header = io.StringIO()
        csv.writer(header, lineterminator="\n").writerow(self._columns)
        self._file.write(header.getvalue().encode())

    def _column_name(self, name: str) -> str:
        """Return a name that can be told from data."""
        return f"x{name}" if is_number(name) else name

    def append(self, values: np.ndarray) -> None:
        from pyarrow import csv as arrow_csv

        values = values.astype(np.float32) if values.dtype == np.float16 else values
        options = arrow_csv.WriteOptions(include_header=False)
        arrow_csv.write_csv(self._table(values), self._file, options)


class _Parquet(_Table):
    """A table in row groups of one size, however the rows come."""

    def _begin(self) -> None:
        from pyarrow import parquet

        super()._begin()
        row_bytes = len(self._columns) * self._dtype.itemsize
        self._group_rows = max(1, min(_GROUP_ROWS, _GROUP_BYTES // row_bytes))
        self._waiting: list[Any] = []
        schema = self._table(np.empty((0, *self._shape[1:]), self._dtype)).schema
        self._writer = parquet.ParquetWriter(self._file, schema, write_page_checksum=True)

    def append(self, values: np.ndarray) -> None:
        while len(values):
            room = self._group_rows - sum(table.num_rows for table in self._waiting)
            self._waiting.append(self._table(values[:room]))
            if len(values) >= room:
                self._write_group()
            values = values[room:]

    def finish(self) -> None:
        """Write the last row group and the footer."""
        if self._waiting:
            self._write_group()
        self._writer.close()

    def abandon(self) -> None:
        """Close the writer while there is a file: it would close itself later."""
        with suppress(Exception):
            self._writer.close()

    def _write_group(self) -> None:
        import pyarrow as pa

        group = pa.concat_tables(self._waiting)
        self._waiting = []
        self._writer.write_table(group, row_group_size=group.num_rows)


class _Images(Encoder):
    """An archive of images, one PNG file a row."""

    def _begin(self) -> None:
        check_image(self._shape[1:], self._dtype)
        self._archive = ImageArchive(self._file, self._shape[0])

    def append(self, values: np.ndarray) -> None:
        self._archive.append(values)

    def finish(self) -> None:
        self._archive.finish()

    def abandon(self) -> None:
        self._archive.abandon()


class _Sheet(Encoder):
    """One picture with every row as an image in it."""

    def _begin(self) -> None:
        check_sheet(self._shape[0], self._shape[1:])
        self._images: list[np.ndarray] = []

    def append(self, values: np.ndarray) -> None:
        self._images.append(values)

    def finish(self) -> None:
        """Write the picture, now that all images are there."""
        self._file.write(encode_png(sheet(np.concatenate(self._images))))


ENCODERS: Mapping[str, type[Encoder]] = {
    ".npy": _Npy,
    ".csv": _Csv,
    ".parquet": _Parquet,
    ".zip": _Images,
    ".png": _Sheet,
}
