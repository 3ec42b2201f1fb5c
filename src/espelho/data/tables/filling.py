"""Filling: tables with categories as they came in, with their gaps closed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import cast
from espelho.data.gaps.filling import fill_frame
from espelho.data.tables.fields import Field
from espelho.data.tables.frames import Column, columns_of, library_of, made_frame
from espelho.data.tables.layout import Layout
from espelho.data.tables.table import Table

__all__ = ["fill_table"]

Marks = NDArray[np.bool_]
Floats = NDArray[np.float64]


def fill_table(X: Any, layout: Layout, marks: Marks, found: Floats) -> Any:
    """Return a table with values in place of what is missing, and all others as they were.

    Parameters
    ----------
    X
        The table.
    layout
        Its layout, of its own library and types.
    marks
        Which values are missing ``(n, columns)``.
    found
        What to put there, as numbers ``(n, columns)``; those of categories are whole. Categories
        that the type of a column does not have are added to it.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [31, 40, 50], "work": ["yes", None, "no"]})
    >>> layout = Layout.learn(frame, gaps=True)
    >>> marks = np.isnan(layout.encode(frame, gaps=True))
    >>> fill_table(frame, layout, marks, np.ones(marks.shape))["work"].tolist()
    ['yes', 'yes', 'no']
    """
    columns, library = columns_of(X), library_of(X)
    made = _with_numbers(X, layout, marks, found)
    for place in layout.categories:
        own = marks[:, place]
        if own.any():
            column = _filled(columns[place], layout.fields[place], own, found[:, place])
            like = column.dtype == columns[place].dtype and column.order == columns[place].order
            made = _PUT[str(library)](made, place, column, like=like)
    return made


def _filled(column: Column, field: Field, marks: Marks, numbers: Floats) -> Column:
    """Return a column of categories whose gaps hold those that numbers stand for."""
    answers = field.decode(numbers)
    values = np.where(marks, answers.values.astype(object), column.values)
    if column.order is None:
        return answers._replace(values=values)
    new = [value for value in dict.fromkeys(values[marks]) if value not in column.order]
    return answers._replace(values=values, order=(*column.order, *new), ordered=column.ordered)


def _with_numbers(X: Any, layout: Layout, marks: Marks, found: Floats) -> Any:
    """Return a table whose columns of numbers have no gaps."""
    places = [place for place in layout.numbers if marks[:, place].any()]
    if library_of(X) in ("pandas", "polars"):
        own = np.zeros(marks.shape, dtype=bool)
        own[:, places] = marks[:, places]
        return fill_frame(X, own, found)
    for place in places:
        X = _NUMBERS[str(library_of(X))](X, place, marks[:, place], found[:, place])
    return X


def _arrow_numbers(table: Any, place: int, marks: Marks, numbers: Floats) -> Any:
    import pyarrow as pa
    from pyarrow import compute, types

    field = table.schema.field(place)
    whole = types.is_integer(field.type)
    values = cast(numbers, np.dtype(field.type.to_pandas_dtype())) if whole else numbers
    made = pa.array(values).cast(field.type)
    return table.set_column(place, field, compute.if_else(~marks, table.column(place), made))


def _own_numbers(table: Table, place: int, marks: Marks, numbers: Floats) -> Table:
    array = table.arrays[place]
    return _own_with(table, place, np.where(marks, numbers, array).astype(array.dtype))


def _own_with(
    table: Table, place: int, array: NDArray[Any], order: tuple[Any, ...] | None = None
) -> Table:
    arrays, orders = list(table.arrays), list(table.orders)
    arrays[place], orders[place] = array, order
    return Table(table.names, arrays, orders)


def _put_pandas(frame: Any, place: int, column: Column, *, like: bool) -> Any:
    made = made_frame("pandas", [column], frame.index).iloc[:, 0]
    frame.isetitem(place, made.astype(frame.dtypes.iloc[place]) if like else made)
    return frame


def _put_polars(frame: Any, _: int, column: Column, *, like: bool) -> Any:
    del like
    return frame.with_columns(made_frame("polars", [column]).to_series(0))


def _put_arrow(table: Any, place: int, column: Column, *, like: bool) -> Any:
    field, made = table.schema.field(place), made_frame("pyarrow", [column]).column(0)
    field = field if like else field.with_type(made.type)
    return table.set_column(place, field, made.cast(field.type))


def _put_own(table: Table, place: int, column: Column, *, like: bool) -> Table:
    del like
    made = made_frame("espelho", [column])
    return _own_with(table, place, made.arrays[0], made.orders[0])


_PUT = {
    "pandas": _put_pandas, "polars": _put_polars, "pyarrow": _put_arrow, "espelho": _put_own,
}  # fmt: skip
_NUMBERS = {"pyarrow": _arrow_numbers, "espelho": _own_numbers}
