"""Fields: what is known of each column of a table, between its values and numbers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import filterfalse
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import cast
from espelho.data.nearest import did_you_mean
from espelho.data.tables.frames import Column
from espelho.errors import DataError

__all__ = ["Categories", "Field", "Numbers", "field_of"]

_OTHER = "other"
"""What rare categories are called where nobody chose a name."""

_WHAT = {"number": "numbers", "boolean": "booleans", "category": "categories"}
_NAMED = 10


@dataclass(frozen=True)
class Numbers:
    """A column of numbers.

    Attributes
    ----------
    name, dtype
        Its name, and its type as its library writes it.
    """

    name: str
    dtype: str
    kind: ClassVar[str] = "number"
    size: ClassVar[int] = 0

    def encode(
        self, column: Column, *, gaps: bool = False, advice: str = ""
    ) -> NDArray[np.float64]:
        """Return the numbers as they are."""
        del advice
        if column.kind == "number":
            return column.values
        if gaps and not _told(column).any():
            return np.full(len(column.values), np.nan)
        told = [value for value in column.values.tolist() if not _is_missing(value)]
        raise _changed(
            self, column, next(filterfalse(_is_number, told), told[0] if told else None)
        )

    def decode(self, numbers: NDArray[np.float64]) -> Column:
        """Return numbers as a column: rounded where it holds integers."""
        return Column(self.name, "number", self.dtype, cast(numbers, _numpy_type(self.dtype)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": self.kind, "name": self.name, "dtype": self.dtype}


@dataclass(frozen=True)
class Categories:
    """A column of categories, or of booleans.

    Attributes
    ----------
    name, dtype
        Its name, and its type as its library writes it.
    kind
        ``category`` or ``boolean``.
    values
        The categories; each one's place is its number.
    ordered
        Whether their order means anything.
    other
        The one among them that stands for rare ones and those that never came, if any does.
    rare
        Those that it stands for, of those that came.
    """

    name: str
    dtype: str
    kind: str
    values: tuple[Any, ...]
    ordered: bool = False
    other: Any = None
    rare: tuple[Any, ...] = ()

    @classmethod
    def learn(
        cls,
        column: Column,
        rare_share: float,
        other: str | None,
        *,
        gaps: bool = False,
        advice: str = "",
    ) -> Self:
        """Learn the categories of a column.

        Parameters
        ----------
        column
            The column. Categories that its type declares keep their order; others are sorted.
        rare_share
            Share of the rows that have a value below which categories become one.
        other
            What rare ones, and those that never came, are called, in every column; ``None`` for
            ``other`` where there are rare ones, and for nothing elsewhere.
        gaps
            Whether values may be missing.
        advice
            What else can be done where they may not, as a sentence.

        Raises
        ------
        DataError
            If a value is missing that may not, or text and other values are mixed.
        """
        told = _told(column)
        _check_told(column, told, gaps=gaps, advice=advice)
        if column.kind == "boolean":
            return cls(column.name, column.dtype, column.kind, (False, True))
        values = column.values[told].tolist()
        counts = Counter(values)
        known = column.order if column.order is not None else _sorted(column.name, counts)
        few = rare_share * len(values)
        rare = tuple(value for value in known if counts[value] < few)
        kept = tuple(value for value in known if counts[value] >= few)
        name = other if other is not None else (_OTHER if rare else None)
        if name is not None and name not in kept:
            kept = (*kept, name)
        rare = tuple(value for value in rare if value != name)
        return cls(column.name, column.dtype, column.kind, kept, column.ordered, name, rare)

    @property
    def size(self) -> int:
        """How many categories there are."""
        return len(self.values)

    def encode(
        self, column: Column, *, gaps: bool = False, advice: str = ""
    ) -> NDArray[np.float64]:
        """Return the numbers of the categories of a column, NaN where none is known.

        Parameters
        ----------
        column
            The column.
        gaps, advice
            As of `learn`.

        Raises
        ------
        DataError
            If a value is missing that may not, or a category never came and nothing stands for it.
        """
        told = _told(column)
        if gaps and not told.any():
            return np.full(len(told), np.nan)
        if column.kind != self.kind and not (self.kind == "category" and self._holds(column)):
            example = column.values[told][:1]
            if column.kind == "number":
                example = cast(example, _numpy_type(column.dtype))
            raise _changed(self, column, next(iter(example.tolist()), None))
        _check_told(column, told, gaps=gaps, advice=advice)
        place = {value: number for number, value in enumerate(self.values)}
        unseen = -1 if self.other is None or column.kind == "boolean" else place[self.other]
        numbers = [place.get(value, unseen) for value in column.values.tolist()]
        found = np.where(told, np.array(numbers, dtype=np.float64), np.nan)
        if (found < 0).any():
            raise self._unknown(int(np.flatnonzero(found < 0)[0]), column)
        return found

    def decode(self, numbers: NDArray[np.float64]) -> Column:
        """Return numbers of categories as a column of them."""
        values = np.array([*self.values, None], dtype=object)[numbers.astype(np.int64)]
        if self.kind == "boolean":
            return Column(self.name, "boolean", self.dtype, values.astype(bool))
        return Column(self.name, "category", self.dtype, values, self.values, self.ordered)

    def _holds(self, column: Column) -> bool:
        """Return whether some value of a column of another kind is a category of this one."""
        return bool(set(column.values.tolist()) & set(self.values))

    def _unknown(self, row: int, column: Column) -> DataError:
        value = column.values[row]
        known = ", ".join(map(repr, self.values[:_NAMED]))
        more = f" and {self.size - _NAMED} more" if self.size > _NAMED else ""
        hint = did_you_mean(str(value), [str(known) for known in self.values])
        return DataError(
            f"Column {self.name!r} holds the category {value!r} in row {row} (counted from 0), "
            f"which never came in fit; those that came are {known}{more}.{hint} Remove or correct "
            "such rows, or fit with other_category='other' (--other-category), which then stands "
            "for it."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        plain = {"kind": self.kind, "name": self.name, "dtype": self.dtype}
        lists = {"values": list(self.values), "rare": list(self.rare)}
        return {**plain, **lists, "ordered": self.ordered, "other": self.other}


Field = Numbers | Categories


def field_of(facts: Mapping[str, Any]) -> Field:
    """Return the field that `to_dict` described."""
    if facts["kind"] == Numbers.kind:
        return Numbers(facts["name"], facts["dtype"])
    lists = {name: tuple(facts[name]) for name in ("values", "rare")}
    return Categories(**{**facts, **lists})


def _told(column: Column) -> NDArray[np.bool_]:
    """Return which values of a column there are."""
    return np.array([not _is_missing(value) for value in column.values.tolist()], dtype=bool)


def _check_told(column: Column, told: NDArray[np.bool_], *, gaps: bool, advice: str) -> None:
    missing = np.flatnonzero(~told)
    if missing.size and not gaps:
        rows = f"{len(missing)} rows, the first is row" if len(missing) > 1 else "row"
        own = "frame.fillna({" + repr(column.name) + ": 'unknown'})."
        raise DataError(
            f"Column {column.name!r} holds no value in {rows} {missing[0]} (counted from 0), and "
            "a category cannot be missing. Remove such rows, or give the gap a category of its "
            f"own: {own}{advice and ' ' + advice}"
        )


def _is_number(value: Any) -> bool:
    """Return whether a value is a number, or text that a file writes one as."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _sorted(name: str, values: Mapping[Any, int]) -> tuple[Any, ...]:
    texts = [isinstance(value, str) for value in values]
    if any(texts) and not all(texts):
        other = next(value for value in values if not isinstance(value, str))
        raise DataError(
            f"Column {name!r} mixes text and other values, such as {other!r}. Make all of them "
            "text, or all of them numbers."
        )
    try:
        return tuple(sorted(values))
    except TypeError as error:
        raise DataError(
            f"Column {name!r} holds values of type {type(next(iter(values))).__name__}, which "
            "have no order and are no categories. Make them text."
        ) from error


def _changed(field: Field, column: Column, example: Any) -> DataError:
    such = "" if example is None else f", such as {example!r}"
    return DataError(
        f"Column {field.name!r} held {_WHAT[field.kind]} in fit, and holds "
        f"{_WHAT[column.kind]} ({column.dtype}{such}) now. Give it the type that it had."
    )


def _numpy_type(dtype: str) -> np.dtype[Any]:
    """Return the NumPy type nearest to a type of numbers of any library."""
    name = dtype.lower().split("[")[0]
    name = {"float": "float32", "double": "float64", "halffloat": "float16"}.get(name, name)
    try:
        found = np.dtype(name)
    except (TypeError, ValueError):  # of no name that NumPy knows, such as decimal128(10, 2)
        return np.dtype(np.float64)
    return found if found.kind in "iuf" else np.dtype(np.float64)
