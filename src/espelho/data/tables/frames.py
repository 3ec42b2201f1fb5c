"""Frames: tables of pandas, polars, pyarrow or our own, taken apart into columns and made."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.data.tables.table import Table
from espelho.errors import DataError

__all__ = ["Column", "Kind", "columns_of", "has_categories", "library_of", "made_frame"]

Kind = Literal["number", "boolean", "category"]

_KINDS: Mapping[str, Kind] = {"b": "boolean", "i": "number", "u": "number", "f": "number"}
_WORDS = ("object", "str", "string", "category", "categorical", "enum", "large_string")


class Column(NamedTuple):
    """A column of a frame, taken out of it.

    Attributes
    ----------
    name
        Its name.
    kind
        What it holds.
    dtype
        Its type, as its library writes it.
    values
        Numbers ``(n,)`` as float64, NaN where there is none; else objects, ``None`` where there
        is none.
    order
        The categories that its type declares, in their order.
    ordered
        Whether that order means anything.
    """

    name: str
    kind: Kind
    dtype: str
    values: NDArray[Any]
    order: tuple[Any, ...] | None = None
    ordered: bool = False


def library_of(X: Any) -> str | None:
    """Return whose table something is: pandas, polars, pyarrow, espelho; nothing of none.

    Examples
    --------
    >>> import pandas as pd
    >>> library_of(pd.DataFrame({"a": [1]})), library_of(np.zeros((2, 2)))
    ('pandas', None)
    """
    if isinstance(X, Table):
        return "espelho"
    if hasattr(X, "columns") and hasattr(X, "iloc"):
        return "pandas"
    if hasattr(X, "columns") and hasattr(X, "schema"):
        return "pyarrow" if hasattr(X, "column_names") else "polars"
    return None


def has_categories(X: Any) -> bool:
    """Return whether a table has columns that are no numbers, or pyarrow made it.

    A column of objects that are all numbers is one of numbers, as everywhere here.

    Parameters
    ----------
    X
        Anything.
    """
    library = library_of(X)
    if library is None:
        return False
    if library == "pyarrow":
        return True
    if library == "pandas" and all(dtype.kind in "iuf" for dtype in X.dtypes):
        return False
    return any(column.kind != "number" for column in columns_of(X, rows=0))


def columns_of(X: Any, rows: int | None = None) -> list[Column]:
    """Return the columns of a table.

    Parameters
    ----------
    X
        The table.
    rows
        Only so many of the first rows, where their kinds are asked for and not their values.

    Raises
    ------
    DataError
        If a column's name is no text, or comes twice, or its values are neither numbers,
        booleans nor categories.
    """
    library = library_of(X)
    if library == "espelho":
        return [_own(*part) for part in zip(X.names, X.arrays, X.orders, strict=True)]
    names = list(X.column_names if library == "pyarrow" else X.columns)
    read = {"pandas": _pandas, "polars": _polars, "pyarrow": _arrow}[str(library)]
    found = [read(X, place, rows) for place in range(len(names))]
    _check_names([*names], [column.kind for column in found])
    return found


def made_frame(library: str, columns: Sequence[Column], index: Any = None) -> Any:
    """Return columns as a table of a library.

    Parameters
    ----------
    library
        As `library_of` names it.
    columns
        The columns.
    index
        The labels of the rows, of pandas' tables.

    Raises
    ------
    DataError
        If the library is not installed.
    """
    try:
        return _MAKERS[library](columns, index)
    except ImportError as error:
        raise DataError(
            f"The data in fit was a table of {library}, and so is what comes back, but {library} "
            f"is not installed here: pip install {library}."
        ) from error


def _check_names(names: Sequence[Any], kinds: Sequence[Kind]) -> None:
    if all(kind == "number" for kind in kinds):
        return
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise DataError(
                f"The columns of a table with categories need names that are text, and column "
                f"{place} is called {name!r}. Rename it."
            )
        if name in names[:place]:
            raise DataError(f"The names of columns must differ, but {name!r} comes twice.")


def _own(name: str, array: NDArray[Any], order: tuple[str, ...] | None) -> Column:
    kind = _KINDS.get(array.dtype.kind, "category")
    if kind == "category" and _all_booleans(value for value in array if value is not None):
        kind, order = "boolean", None
    values = array.astype(np.float64) if kind == "number" else array.astype(object)
    return Column(name, kind, str(array.dtype), values, order)


def _pandas(frame: Any, place: int, rows: int | None) -> Column:
    dtype, name = frame.dtypes.iloc[place], frame.columns[place]
    series = frame.iloc[:, place]
    kind = _KINDS.get(dtype.kind, "category")
    if str(dtype) == "object":
        kind = _kind_of_objects(series.dropna())
    series = series if rows is None else series.iloc[:rows]
    if kind == "number":
        numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return Column(name, kind, str(dtype), numbers)
    _check_words(name, dtype, str(dtype))
    values = series.astype(object).where(series.notna(), None).to_numpy()
    if hasattr(dtype, "categories"):
        order = tuple(dtype.categories.tolist())
        return Column(name, kind, "category", values, order, bool(dtype.ordered))
    return Column(name, kind, str(dtype), values)


def _polars(frame: Any, place: int, rows: int | None) -> Column:
    series = frame.to_series(place)
    dtype, name = series.dtype, series.name
    text = str(dtype).split("(")[0]
    if dtype.is_numeric():
        series = series if rows is None else series.head(rows)
        numbers = series.cast(sys.modules["polars"].Float64).to_numpy()
        return Column(name, "number", text, np.asarray(numbers, dtype=np.float64))
    kind: Kind = "boolean" if text == "Boolean" else "category"
    _check_words(name, dtype, text.lower())
    series = series if rows is None else series.head(rows)
    values = np.array([*series.to_list(), None], dtype=object)[:-1]
    order = tuple(dtype.categories.to_list()) if text == "Enum" else None
    return Column(name, kind, text, values, order, ordered=text == "Enum")


def _arrow(table: Any, place: int, rows: int | None) -> Column:
    from pyarrow import types

    column, name = table.column(place), table.column_names[place]
    column = column if rows is None else column.slice(0, rows)
    dtype = column.type
    if types.is_integer(dtype) or types.is_floating(dtype) or types.is_decimal(dtype):
        numbers = np.asarray(column.cast("double", safe=False).to_numpy(), dtype=np.float64)
        return Column(name, "number", str(dtype), numbers)
    dictionary = types.is_dictionary(dtype)
    text = f"category {dtype.index_type} {dtype.value_type}" if dictionary else str(dtype)
    kind: Kind = "boolean" if types.is_boolean(dtype) else "category"
    _check_words(name, dtype, text)
    values = np.array([*column.to_pylist(), None], dtype=object)[:-1]
    if not dictionary:
        return Column(name, kind, text, values)
    chunks = column.unify_dictionaries().chunks
    order = tuple(chunks[0].dictionary.to_pylist()) if chunks else None
    return Column(name, kind, text, values, order, bool(dtype.ordered))


def _kind_of_objects(present: Any) -> Kind:
    values = list(present)
    if not values:
        return "category"
    if _all_booleans(values):
        return "boolean"
    return "number" if all(isinstance(value, Real) for value in values) else "category"


def _all_booleans(values: Iterable[Any]) -> bool:
    found = (isinstance(value, (bool, np.bool_)) for value in values)
    return next(found, False) and all(found)


def _check_words(name: Any, dtype: Any, text: str) -> None:
    if not text.startswith(("bool", *_WORDS)):
        raise DataError(
            f"Column {name!r} is of type {dtype}, and columns are learned from that hold numbers, "
            "booleans or categories (text). Make it one of these (of dates numbers, say), or "
            "leave it out."
        )


def _made_pandas(columns: Sequence[Column], index: Any) -> Any:
    import pandas as pd

    made = {}
    for column in columns:
        if column.dtype == "category":
            dtype = pd.CategoricalDtype(list(column.order or ()), ordered=column.ordered)
            made[column.name] = pd.Series(pd.Categorical(column.values, dtype=dtype))
        else:
            made[column.name] = pd.Series(column.values).astype(column.dtype)
    frame = pd.DataFrame(made)
    return frame if index is None else frame.set_axis(index, axis=0)


def _made_polars(columns: Sequence[Column], _: Any) -> Any:
    import polars as pl

    made = {}
    for column in columns:
        dtype = pl.Float64 if column.dtype == "Decimal" else getattr(pl, column.dtype)
        dtype = pl.Enum(list(column.order or ())) if column.dtype == "Enum" else dtype
        values = column.values.tolist()
        made[column.name] = pl.Series(column.name, values, dtype=dtype)
    return pl.DataFrame(made)


def _made_arrow(columns: Sequence[Column], _: Any) -> Any:
    import pyarrow as pa

    made = {}
    for column in columns:
        if column.dtype.startswith("category"):
            _, index_type, value_type = column.dtype.split(" ")
            values = pa.array(list(column.order or ())).cast(pa.type_for_alias(value_type))
            place = {value: number for number, value in enumerate(column.order or ())}
            numbers = [place[value] for value in column.values]
            indices = pa.array(numbers, pa.type_for_alias(index_type))
            made[column.name] = pa.DictionaryArray.from_arrays(
                indices, values, ordered=column.ordered
            )
        else:
            plain = "double" if column.dtype.startswith("decimal") else column.dtype
            made[column.name] = pa.array(column.values.tolist()).cast(pa.type_for_alias(plain))
    return pa.table(made)


def _made_own(columns: Sequence[Column], _: Any) -> Table:
    arrays = [column.values.astype(np.dtype(column.dtype)) for column in columns]
    return Table([column.name for column in columns], arrays, [c.order for c in columns])


_MAKERS = {
    "pandas": _made_pandas,
    "polars": _made_polars,
    "pyarrow": _made_arrow,
    "espelho": _made_own,
}
