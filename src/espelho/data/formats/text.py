"""Tables as text: values separated by commas, semicolons, tabs or bars."""

import codecs
import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.checks import non_numeric
from espelho.data.formats.content import Choice, Content, Header
from espelho.data.formats.raw import read_bytes
from espelho.data.tables.table import Table
from espelho.errors import DataError, FileError

__all__ = ["is_number", "read_column", "read_text"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 2**16
_LARGEST_BLOCK = 2**30
_MISSING = ("", "?", "NA", "N/A", "#N/A", "NULL", "null", "None")


def read_text(path: Path, choice: Choice) -> Content:
    """Read a table from a text file.

    Text is UTF-8 (a byte order mark is skipped) or else Latin-1. Spaces around cells are
    not part of them. Empty cells and ``?``, ``NA``, ``N/A``, ``#N/A``, ``null``, ``NULL`` and
    ``None`` are missing: NaN in a column of numbers. A column of ``true`` and ``false``
    becomes ones and zeros. Where columns of words are taken as categories, each such cell is a
    category as it is written, ``?`` and ``NA`` included, and only empty ones are missing, as
    they are among ``true`` and ``false``.

    Parameters
    ----------
    path : Path
        The file, compressed by gzip or not.
    choice : Choice
        Which columns become ``X`` and ``y``. With ``header="auto"`` the first row holds
        names if none of its cells is a number; without a header columns are named by
        their index. A column whose name is empty is named by its index, too.

    Returns
    -------
    Content
        ``X`` as float64, or as a `Table` where categories are taken and there are any;
        ``y`` as int64, float64 or strings, whichever fits first.

    Raises
    ------
    FileError
        If it is empty, not text, or its rows differ in length.
    DataError
        If it has no rows, or a column is unknown or not numeric.
    """
    where = str(path)
    text = _text(path)
    names, delimiter, has_header = _layout(text, choice.header, where)
    features = choice.features(names, where)
    wanted = features if choice.target is None else [*features, choice.target]
    position = {name: column for column, name in enumerate(names)}
    table = _table(text, len(names), [position[name] for name in wanted], delimiter, where)
    table = table.slice(int(has_header))
    if table.num_rows == 0:
        raise DataError(f"{where} has a header and 0 rows of data.")
    X = _matrix(table, features, where, choice)
    y = None if choice.target is None else _labels(table.column(len(features)))
    return Content(X, y, tuple(features), choice.target)


def read_column(path: Path, n_rows: int) -> np.ndarray:
    """Read the only column of a text file.

    Parameters
    ----------
    path : Path
        The file.
    n_rows : int
        How many values are expected: if there is one more, the first is a header.

    Returns
    -------
    ndarray of shape (n,)
        The values as int64, float64 or strings, whichever fits first.

    Raises
    ------
    FileError
        If it is empty or not text.
    DataError
        If it has more than one column.
    """
    text = _text(path)
    names, delimiter, _ = _layout(text, "no", str(path))
    if len(names) > 1:
        raise DataError(f"{path} must have one column of labels, got {len(names)} columns.")
    column = _table(text, 1, [0], delimiter, str(path)).column(0)
    return _labels(column.slice(int(len(column) == n_rows + 1)))


def is_number(cell: str) -> bool:
    """Tell whether a cell of a text file is a number.

    Parameters
    ----------
    cell : str
        The text of the cell.

    Returns
    -------
    bool
        Whether it reads as a number; NaN and infinity do.

    Examples
    --------
    >>> from espelho.data.formats.text import is_number
    >>> is_number(" 1e-3"), is_number("x1")
    (True, False)
    """
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _text(path: Path) -> bytes:
    raw = read_bytes(path).removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise FileError(f"{path} is empty.")
    if b"\0" in raw[:_SAMPLE]:
        raise FileError(f"{path} is not text in UTF-8 or Latin-1: it holds zero bytes.")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1").encode()
    return raw


def _layout(text: bytes, header: Header, where: str) -> tuple[list[str], str, bool]:
    sample = _first_lines(text).decode()
    delimiter = max(_DELIMITERS, key=lambda candidate: _regularity(sample, candidate))
    rows = _rows(sample, delimiter)
    if not rows:
        raise FileError(f"{where} is not a table: its first row cannot be split into cells.")
    cells = [cell.strip() for cell in rows[0]]
    has_header = header == "yes" or (header == "auto" and not any(map(is_number, cells)))
    names = [str(i) if not has_header else cell or str(i) for i, cell in enumerate(cells)]
    return names, delimiter, has_header


def _first_lines(text: bytes) -> bytes:
    end = max(text.find(b"\n"), text.rfind(b"\n", 0, _SAMPLE))
    return text if len(text) <= _SAMPLE or end < 0 else text[:end]


def _regularity(sample: str, delimiter: str) -> tuple[bool, float, int]:
    widths = Counter(map(len, _rows(sample, delimiter)))
    if not widths:
        return False, 0.0, 0
    width, count = widths.most_common(1)[0]
    return width > 1, count / widths.total(), width


def _rows(sample: str, delimiter: str) -> list[list[str]]:
    try:
        return [
            row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row
        ]
    except csv.Error:
        return []


def _table(text: bytes, n_columns: int, wanted: list[int], delimiter: str, where: str) -> Any:
    """Parse the wanted columns as strings; a header is one more row."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(column) for column in range(n_columns)]
    try:
        # One block, one thread: errors know their row, and a row may be of any length.
        return arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(
                column_names=names,
                use_threads=False,
                block_size=min(len(text) + 1, _LARGEST_BLOCK),
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=[str(column) for column in wanted],
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("CSV parse error: ")[:200]
        raise FileError(
            f"{where} is not a table of {n_columns} columns, as its first row says. {reason}"
        ) from error


def _matrix(table: Any, features: list[str], where: str, choice: Choice) -> np.ndarray | Table:
    X = np.empty((table.num_rows, len(features)))
    examples: dict[str, object] = {}
    for position, name in enumerate(features):
        numbers = _numbers(table.column(position))
        if numbers is None:
            examples[name] = _example(table.column(position))
        else:
            X[:, position] = numbers
    if examples and choice.categories:
        columns = [table.column(position) for position in range(len(features))]
        return Table(features, list(map(_column, columns)))
    if examples:
        raise non_numeric(examples, where=where)
    return X


def _present(column: Any) -> Any:
    """Trim the cells and make missing ones null."""
    import pyarrow as pa
    from pyarrow import compute

    trimmed = compute.utf8_trim_whitespace(column)
    missing = compute.is_in(trimmed, value_set=pa.array(_MISSING))
    return compute.if_else(missing, pa.scalar(None, pa.string()), trimmed)


def _cast(column: Any, types: tuple[str, ...]) -> Any | None:
    import pyarrow as pa

    for type_ in types:
        try:
            return column.cast(type_)
        except pa.ArrowInvalid:
            continue
    return None


def _numbers(column: Any) -> np.ndarray | None:
    numbers = _cast(_present(column), ("double", "bool"))
    return None if numbers is None else np.asarray(numbers.cast("double"))


def _column(column: Any) -> np.ndarray:
    """Return a column as it is: of integers, reals, booleans, or words, none where it is empty."""
    from pyarrow import compute

    present = _present(column)
    kinds = ("double", "bool") if present.null_count else ("int64", "double", "bool")
    found = _cast(present, kinds)
    if found is not None and not (present.null_count and str(found.type) == "bool"):
        return np.array(found)
    words = [word or None for word in compute.utf8_trim_whitespace(column).to_pylist()]
    booleans = found is not None and words.count(None) == present.null_count
    values = found.to_pylist() if booleans else words  # type: ignore[union-attr]
    return np.array([*values, None], dtype=object)[:-1]


def _example(column: Any) -> str:
    """Find a cell that is neither missing nor a number."""
    cells: list[str] = [cell.as_py() for cell in _present(column).drop_null()]
    return next((cell for cell in cells if not is_number(cell)), cells[0])


def _labels(column: Any) -> np.ndarray:
    present = _present(column)
    numbers = _cast(present, ("double",) if present.null_count else ("int64", "double"))
    if numbers is not None:
        return np.array(numbers)
    from pyarrow import compute

    return np.array(compute.utf8_trim_whitespace(column).to_pylist(), dtype=np.str_)
