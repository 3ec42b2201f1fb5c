"""Footers of Parquet files: what the files hold together, before any row is read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.checks import non_numeric
from espelho.data.formats.columns import example, numeric_dtype
from espelho.data.formats.content import Choice
from espelho.errors import DataError, EspelhoError, FileError

__all__ = ["Footers", "open_parquet", "reading"]

_BUFFER_BYTES = 1 << 16
"""Read at once of each column where a file is gone through without holding it."""

_EXAMPLE_ROWS = 1024


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a Parquet file is read into an error that names it.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        If the file is missing, damaged, or not of this format.
    """
    import pyarrow as pa

    try:
        yield
    except EspelhoError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise FileError(
            f"{path} is not a Parquet file, or it is truncated or damaged ({error})."
        ) from error


def open_parquet(path: Path) -> Any:
    """Open a Parquet file so that reading it in batches holds one page of each column.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    pyarrow.parquet.ParquetFile
        The file, to be closed by whoever opened it.
    """
    from pyarrow import parquet

    return parquet.ParquetFile(
        path, page_checksum_verification=True, pre_buffer=False, buffer_size=_BUFFER_BYTES
    )


@dataclass(frozen=True, eq=False)
class Footers:
    """What the footers of Parquet files say of the table that the files make together.

    Attributes
    ----------
    files : tuple of Path
        The files, in the order of their rows.
    features : tuple of str
        The columns that become ``X``, in order.
    target : str or None
        The column that becomes ``y``.
    types : tuple of tuple of pyarrow.DataType
        For each file the types of the features.
    groups : tuple of tuple of int
        For each file the numbers of rows of its row groups.
    """

    files: tuple[Path, ...]
    features: tuple[str, ...]
    target: str | None
    types: tuple[tuple[Any, ...], ...]
    groups: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, files: Sequence[Path], choice: Choice) -> "Footers":
        """Read the footers of files.

        Parameters
        ----------
        files : sequence of Path
            The files, in the order of their rows.
        choice : Choice
            Which columns become ``X`` and ``y``. What pandas stored as the index of its
            rows is no column, unless it is asked for.

        Raises
        ------
        FileError
            If a file is damaged, or not of this format.
        DataError
            If the files differ in their columns, a column is unknown or not numeric, or
            there is no row.
        """
        first: Any = None
        features: list[str] = []
        types, groups = [], []
        for path in files:
            with reading(path), open_parquet(path) as file:
                schema = file.schema_arrow
                if first is None:
                    first = schema
                    features = _features(schema, choice, str(path))
                _check_same_columns(schema, path, first, files[0])
                if not choice.categories:
                    _check_numeric(file, features, path)
                types.append(tuple(schema.field(name).type for name in features))
                counted = range(file.metadata.num_row_groups)
                groups.append(tuple(file.metadata.row_group(i).num_rows for i in counted))
        footers = cls(tuple(files), tuple(features), choice.target, tuple(types), tuple(groups))
        if footers.n_rows == 0:
            where = str(files[0]) if len(files) == 1 else f"{files[0].parent} ({len(files)} files)"
            raise DataError(f"{where} has {len(first.names)} columns and 0 rows of data.")
        return footers

    @property
    def n_rows(self) -> int:
        """The number of rows of all files together."""
        return sum(map(sum, self.groups))

    @property
    def all_numbers(self) -> bool:
        """Whether every feature holds numbers in all files."""
        return all(numeric_dtype(kind) is not None for kinds in self.types for kind in kinds)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers in one array: that of all columns, or else float64."""
        found = {numeric_dtype(kind) for kinds in self.types for kind in kinds}
        only = found.pop() if len(found) == 1 else None
        return np.dtype(np.float64) if only is None else only

    @property
    def column_dtypes(self) -> list[np.dtype[Any]]:
        """The type of each feature: that which it has in all files, or else float64."""
        found = []
        for kinds in zip(*self.types, strict=True):
            names = {"bool" if str(kind) == "bool" else numeric_dtype(kind) for kind in kinds}
            found.append(np.dtype(names.pop() if len(names) == 1 else np.float64))
        return found


def _features(schema: Any, choice: Choice, where: str) -> list[str]:
    if choice.columns is None:
        choice = replace(choice, columns=tuple(_columns(schema)))
    return choice.features(schema.names, where)


def _columns(schema: Any) -> list[str]:
    stored = (schema.pandas_metadata or {}).get("index_columns", [])
    index = {name for name in stored if isinstance(name, str)}
    return [name for name in schema.names if name not in index]


def _check_same_columns(schema: Any, path: Path, first: Any, first_path: Path) -> None:
    here, there = _columns(schema), _columns(first)
    if sorted(here) == sorted(there):
        return
    missing = [name for name in there if name not in here]
    more = [name for name in here if name not in there]
    parts = [f"has no column {', '.join(map(repr, missing))}"] * bool(missing)
    parts += [f"has {', '.join(map(repr, more))} besides"] * bool(more)
    said = " and ".join(parts) or "has a column twice"
    raise DataError(
        f"The files of a table must have the same columns, but compared with {first_path} the "
        f"file {path} {said}. Name files that belong together, or write it again."
    )


def _check_numeric(file: Any, features: Sequence[str], path: Path) -> None:
    schema = file.schema_arrow
    wrong = [name for name in features if numeric_dtype(schema.field(name).type) is None]
    if not wrong:
        return
    examples: dict[str, object] = dict.fromkeys(wrong)
    for batch in file.iter_batches(_EXAMPLE_ROWS, columns=wrong):
        for name in wrong:
            if examples[name] is None:
                examples[name] = example(batch.column(name))
        if None not in examples.values():
            break
    raise non_numeric(examples, where=str(path))
