"""Tables written to files, whose columns need not be numbers."""

from pathlib import Path
from typing import Any

from espelho.data.formats.text import is_number
from espelho.data.tables.frames import Column, columns_of, made_frame
from espelho.data.writing import atomic_file
from espelho.errors import FileError

__all__ = ["write_table"]


def write_table(path: str | Path, table: Any) -> tuple[int, int]:
    """Write a table to a file, whole or not at all.

    Parameters
    ----------
    path
        The file, ``.csv`` or ``.parquet``. In a CSV file a name that is itself a number gets an
        ``x`` in front, so that the header can be told from data.
    table
        The table, of any library.

    Returns
    -------
    tuple of int
        Numbers of rows and columns.

    Raises
    ------
    FileError
        If the file is of another kind.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from espelho.data.tables.table import Table
    >>> table = Table(["age", "work"], [np.array([31, 40]), np.array(["yes", "no"], object)])
    >>> with TemporaryDirectory() as folder:
    ...     shape = write_table(Path(folder) / "rows.csv", table)
    ...     (Path(folder) / "rows.csv").read_text().splitlines()
    ['"age","work"', '31,"yes"', '40,"no"']
    """
    from pyarrow import csv, parquet

    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise FileError(
            f"{path} cannot hold categories, which are words. Name a .csv or .parquet file."
        )
    columns = [column._replace(dtype=_arrow_type(column)) for column in columns_of(table)]
    if suffix == ".csv":
        columns = [c._replace(name="x" * is_number(c.name) + c.name) for c in columns]
    made = made_frame("pyarrow", columns)
    with atomic_file(path) as file:
        (csv.write_csv if suffix == ".csv" else parquet.write_table)(made, file)
    return made.num_rows, made.num_columns


def _arrow_type(column: Column) -> str:
    if column.kind != "number":
        return "bool" if column.kind == "boolean" else "string"
    return "int64" if column.dtype.lower().startswith(("int", "uint")) else "double"
