"""Files that are written whole or not at all."""

import csv
import io
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from espelho.data.containers import cast
from espelho.data.formats.text import is_number
from espelho.data.images.archive import ImageArchive
from espelho.data.images.png import check_image
from espelho.errors import DataError, FileError, ShapeError

__all__ = ["WRITABLE_SUFFIXES", "atomic_file", "write"]

_NUMERIC_KINDS = "biuf"

Names = Sequence[str] | None
Dtypes = Sequence[np.dtype[Any]] | None
Encode = Callable[[BinaryIO], None]


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
    ``(n, channels, height, width)``, as PNG files ``000001.png``, ``000002.png``, ...

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
        name comes twice, or images are of another type than ``uint8`` and ``uint16``.
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
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise FileError(
            f"{path} cannot be written: its suffix must be one of {', '.join(WRITABLE_SUFFIXES)}."
        )
    values = _numbers(values)
    encode = writer(values, names, dtypes)
    with atomic_file(path) as file:
        encode(file)
    return path


def _numbers(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind not in _NUMERIC_KINDS:
        raise DataError(f"Only numbers can be written, got values of dtype {values.dtype}.")
    if values.ndim == 0:
        raise ShapeError("values must have shape (n, ...), got a single number.")
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _npy(values: np.ndarray, _names: Names, _dtypes: Dtypes) -> Encode:
    return lambda file: np.lib.format.write_array(file, values, allow_pickle=False)


def _parquet(values: np.ndarray, names: Names, dtypes: Dtypes) -> Encode:
    from pyarrow import parquet

    table = _table(values, names, dtypes)
    return lambda file: parquet.write_table(table, file, write_page_checksum=True)


def _csv(values: np.ndarray, names: Names, dtypes: Dtypes) -> Encode:
    from pyarrow import csv as arrow_csv

    if names is not None:
        names = [f"x{name}" if is_number(name) else name for name in names]
    values = values.astype(np.float32) if values.dtype == np.float16 else values
    table = _table(values, names, dtypes)
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(table.column_names)
    options = arrow_csv.WriteOptions(include_header=False)

    def encode(file: BinaryIO) -> None:
        file.write(header.getvalue().encode())
        arrow_csv.write_csv(table, file, options)

    return encode


def _images(values: np.ndarray, _names: Names, _dtypes: Dtypes) -> Encode:
    check_image(values.shape[1:], values.dtype)

    def encode(file: BinaryIO) -> None:
        archive = ImageArchive(file, len(values))
        try:
            archive.append(values)
            archive.finish()
        except BaseException:
            archive.abandon()
            raise

    return encode


_WRITERS: Mapping[str, Callable[[np.ndarray, Names, Dtypes], Encode]] = {
    ".npy": _npy,
    ".csv": _csv,
    ".parquet": _parquet,
    ".zip": _images,
}
WRITABLE_SUFFIXES: tuple[str, ...] = tuple(_WRITERS)


def _table(values: np.ndarray, names: Names, dtypes: Dtypes) -> Any:
    import pyarrow as pa

    n_columns = int(np.prod(values.shape[1:], dtype=np.intp))
    if n_columns == 0:
        raise DataError(f"A table needs at least one column, got values of shape {values.shape}.")
    flat = values.reshape(len(values), n_columns)
    names = [f"x{column}" for column in range(n_columns)] if names is None else list(names)
    if len(names) != n_columns:
        raise ShapeError(f"There must be one name a column, got {len(names)} for {n_columns}.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"The names of the columns must differ, but {twice[0]!r} comes twice.")
    columns = list(flat.T)
    if dtypes is not None:
        pairs = zip(columns, dtypes, strict=True)
        columns = [cast(column.astype(np.float64), dtype) for column, dtype in pairs]
    return pa.Table.from_arrays([pa.array(column) for column in columns], names=names)


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
