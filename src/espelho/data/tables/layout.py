"""The layout of a table: which columns it has, and how they become numbers and come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import Container
from espelho.data.nearest import did_you_mean
from espelho.data.tables.fields import Categories, Field, Numbers, field_of
from espelho.data.tables.frames import (
    Column,
    columns_of,
    has_categories,
    library_of,
    made_frame,
)
from espelho.errors import DataError

__all__ = ["Layout", "TableContainer", "check_numbers"]

_NAMED = 10


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns of a table, of which some are numbers and others categories or booleans.

    As numbers a table is ``(n, columns)``: of a category its number. Networks see it as
    ``(n, width)``: first the numbers, then, for each other column, a group of zeros with a one.

    Attributes
    ----------
    made_by
        Whose table it is.
    fields
        What is known of each column.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [31, 40], "work": ["yes", "no"], "own": [True, False]})
    >>> layout = Layout.learn(frame)
    >>> layout.encode(frame).tolist(), layout.sizes, layout.width
    ([[31.0, 1.0, 1.0], [40.0, 0.0, 0.0]], (2, 2), 5)
    >>> layout.decode(layout.encode(frame)).equals(frame)
    True
    """

    made_by: str
    fields: tuple[Field, ...]

    @classmethod
    def learn(
        cls,
        X: Any,
        rare_share: float = 0.0,
        other: str | None = None,
        *,
        gaps: bool = False,
        advice: str = "",
    ) -> Self:
        """Learn the layout of a table.

        Parameters
        ----------
        X
            The table.
        rare_share, other, gaps, advice
            As of `Categories.learn`, for every column of categories.
        """
        found: list[Field] = [
            Numbers(column.name, column.dtype)
            if column.kind == "number"
            else Categories.learn(column, rare_share, other, gaps=gaps, advice=advice)
            for column in columns_of(X)
        ]
        return cls(str(library_of(X)), tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(field.name for field in self.fields)

    @property
    def numbers(self) -> list[int]:
        """The places of the columns of numbers."""
        return [place for place, field in enumerate(self.fields) if not field.size]

    @property
    def categories(self) -> list[int]:
        """The places of the others."""
        return [place for place, field in enumerate(self.fields) if field.size]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many categories each of these has."""
        return tuple(field.size for field in self.fields if field.size)

    @property
    def width(self) -> int:
        """How many numbers a network sees of a row."""
        return len(self.numbers) + sum(self.sizes)

    def encode(self, X: Any, *, gaps: bool = False, advice: str = "") -> NDArray[np.float64]:
        """Return a table as numbers ``(n, columns)``, NaN where a value is missing.

        Parameters
        ----------
        X
            The table.
        gaps, advice
            As of `Categories.learn`.

        Raises
        ------
        DataError
            If it is no table, or has other columns, or one holds what it did not in fit.
        """
        if library_of(X) is None:
            raise DataError(
                "X must be a table with the columns "
                f"{self._listed()}, as in fit, got {type(X).__name__}. Give the columns names: "
                "pandas.DataFrame(X, columns=...)."
            )
        found = columns_of(X)
        self._check_names([str(column.name) for column in found])
        values = np.empty((len(found[0].values), len(found)))
        for place, (field, column) in enumerate(zip(self.fields, found, strict=True)):
            values[:, place] = field.encode(column, gaps=gaps, advice=advice)
        return values

    def decode(self, values: NDArray[np.float64], index: Any = None) -> Any:
        """Return numbers ``(n, columns)`` as a table.

        Parameters
        ----------
        values
            The numbers; those of categories are whole.
        index
            Labels of the rows, if any.
        """
        columns = [field.decode(part) for field, part in zip(self.fields, values.T, strict=True)]
        return made_frame(self.made_by, columns, index)

    def by_column(self, elements: NDArray[Any]) -> NDArray[Any]:
        """Return elements of what networks see, ``(n, width)``, summed over each column's."""
        found = np.empty((len(elements), len(self.fields)), dtype=elements.dtype)
        n_numbers = len(self.numbers)
        found[:, self.numbers] = elements[:, :n_numbers]
        ends = np.cumsum([n_numbers, *self.sizes])
        for place, start, stop in zip(self.categories, ends, ends[1:], strict=False):
            found[:, place] = elements[:, start:stop].sum(axis=1)
        return found

    def columns_of_elements(self) -> NDArray[np.int64]:
        """Return the column that each number belongs to that a network sees, ``(width,)``."""
        groups = zip(self.categories, self.sizes, strict=True)
        return np.array(
            [*self.numbers, *(place for place, size in groups for _ in range(size))],
            dtype=np.int64,
        )

    def like(self, X: Any) -> "Layout":
        """Return the same layout, with library and types of another table."""
        columns = columns_of(X, rows=0)
        pairs = zip(self.fields, columns, strict=True)
        return Layout(str(library_of(X)), tuple(_typed(field, column) for field, column in pairs))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a run."""
        return {"library": self.made_by, "fields": [field.to_dict() for field in self.fields]}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the layout that `to_dict` described."""
        return cls(facts["library"], tuple(map(field_of, facts["fields"])))

    def _check_names(self, names: Sequence[str]) -> None:
        missing = [name for name in self.names if name not in names]
        if missing:
            raise DataError(
                f"X has no column {missing[0]!r}, which it had in fit."
                f"{did_you_mean(missing[0], names)} Expected are {self._listed()}."
            )
        if more := [name for name in names if name not in self.names]:
            raise DataError(
                f"X has a column {more[0]!r}, which it did not have in fit. Leave it out; "
                f"expected are {self._listed()}."
            )
        if tuple(names) != self.names:
            raise DataError(
                f"X has its columns in another order than in fit: expected {self._listed()}, got "
                f"{', '.join(names[:_NAMED])}."
            )

    def _listed(self) -> str:
        more = f" and {len(self.names) - _NAMED} more" if len(self.names) > _NAMED else ""
        return ", ".join(self.names[:_NAMED]) + more


def _typed(field: Field, column: Column) -> Field:
    """Return a field with the type of another column, unless that cannot hold its values.

    A column without a single value is one of numbers, or of whatever, to its library.
    """
    if isinstance(field, Categories) and column.kind == "number":
        words = np.array(field.values).dtype.kind not in "iuf"
        return field if words else replace(field, dtype=column.dtype)
    return replace(field, dtype=column.dtype)


def check_numbers(X: Any) -> None:
    """Refuse a table of which a column holds categories, where it held numbers in fit.

    Parameters
    ----------
    X
        Anything; what is no table passes.

    Raises
    ------
    DataError
        If one does: it is named, with what it holds.
    """
    if not has_categories(X):
        return
    for column in columns_of(X):
        if column.kind == "category":
            Numbers(str(column.name), "float64").encode(column)


@dataclass(frozen=True, eq=False)
class TableContainer(Container):
    """A table with categories, that results go back out as.

    Attributes
    ----------
    layout
        Its layout.
    """

    layout: Layout

    @classmethod
    def of_table(cls, X: Any, layout: Layout) -> Self:
        """Return the container of a table."""
        index = X.index if library_of(X) == "pandas" else None
        return cls(index, np.dtype(object), (len(layout.fields),), layout=layout.like(X))

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns."""
        return self.layout.names

    def wrap(self, values: NDArray[np.float64]) -> Any:
        """Return results ``(n, columns)``, numbers of categories whole, as a table."""
        return self.layout.decode(values, self.original)
