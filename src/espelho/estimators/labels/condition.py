"""The condition: what networks are told of labels, one number a column."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError, EspelhoWarning, ShapeError
from espelho.estimators.labels.classes import find_classes, numbers_of
from espelho.estimators.labels.columns import LabelColumns

__all__ = ["Classes", "Condition", "Scale"]


@dataclass(frozen=True, eq=False)
class Classes:
    """A categorical column: its labels are told apart, and have no order.

    Attributes
    ----------
    values
        The labels in ascending order; each one's place is its number.
    """

    values: NDArray[Any]
    kind: ClassVar[str] = "categorical"

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self.values)

    @property
    def example(self) -> Any:
        """A label that came in the data: the first."""
        return self.values[0].item()

    def encode(self, labels: NDArray[Any], where: str) -> NDArray[Any]:
        """Return the numbers of labels."""
        return numbers_of(labels, self.values, where=where)

    def decode(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return the labels of numbers."""
        found: NDArray[Any] = self.values[numbers.astype(np.int64)]
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": self.kind,
            "dtype": self.values.dtype.str,
            "values": self.values.tolist(),
        }


@dataclass(frozen=True)
class Scale:
    """A continuous column: numbers, brought to mean 0 and variance 1.

    Attributes
    ----------
    mean, deviation
        Mean and standard deviation of the labels.
    low, high
        The least and the largest of them.
    """

    mean: float
    deviation: float
    low: float
    high: float
    kind: ClassVar[str] = "continuous"
    size: ClassVar[int] = 0

    @classmethod
    def of(cls, labels: NDArray[Any], weight: NDArray[Any] | None, where: str) -> Self:
        """Learn a scale from labels and their weights, if any.

        Raises
        ------
        DataError
            If all are the same.
        """
        values = labels.astype(np.float64)
        if np.ptp(values) == 0:
            raise DataError(
                f"y must hold more than one value{where}, got {values[0]:g} only: there is "
                "nothing to tell apart. Rows of sample_weight zero do not count."
            )
        mean = float(np.average(values, weights=weight))
        variance = float(np.average((values - mean) ** 2, weights=weight))
        return cls(mean, float(np.sqrt(variance)), float(values.min()), float(values.max()))

    @property
    def example(self) -> float:
        """A label among those that came: about their mean."""
        short = float(f"{self.mean:.3g}")
        return short if self.low <= short <= self.high else self.mean

    def encode(self, labels: NDArray[Any], where: str) -> NDArray[Any]:
        """Return labels with mean 0 and variance 1."""
        if labels.dtype.kind not in "iuf":
            raise DataError(
                f"y holds {labels[0].item()!r}{where}, and the labels of the data are numbers "
                f"there, from {self.low:g} to {self.high:g}."
            )
        return (labels - self.mean) / self.deviation

    def decode(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return the labels of numbers, which are of the data: rounding leads none outside."""
        found: NDArray[Any] = np.clip(numbers * self.deviation + self.mean, self.low, self.high)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        values = {"mean": self.mean, "deviation": self.deviation}
        return {"kind": self.kind, **values, "low": self.low, "high": self.high}


Column: TypeAlias = Classes | Scale


@dataclass(frozen=True, eq=False)
class Condition:
    """Columns of labels as numbers, and back.

    A column is continuous where it holds numbers of which any is not whole, and categorical
    otherwise: text, booleans, whole numbers, of a type of integers or of floats. Networks are told
    rows of zeros with a one for a categorical column and the standardised number for a continuous
    one; such rows are made of the numbers batch by batch.

    Attributes
    ----------
    columns
        What is known of each column.
    names
        The columns' names, where they came in a table.
    """

    columns: tuple[Column, ...]
    names: tuple[str, ...] | None = None

    @classmethod
    def learn(cls, labels: LabelColumns, weight: NDArray[Any] | None) -> Self:
        """Learn what each column is.

        Parameters
        ----------
        labels
            The labels of the data.
        weight
            Weights ``(n,)``, or ``None`` where all are alike.

        Raises
        ------
        DataError
            If a column has one class, or one value, only.
        """
        found: list[Column] = [
            Scale.of(column, weight, where)
            if _is_continuous(column)
            else Classes(find_classes(column, where=where))
            for column, where in zip(labels.columns, labels.places, strict=True)
        ]
        return cls(tuple(found), labels.names)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of classes of each column, 0 for a continuous one."""
        return tuple(column.size for column in self.columns)

    @property
    def kinds(self) -> tuple[str, ...]:
        """``categorical`` or ``continuous`` for each column."""
        return tuple(column.kind for column in self.columns)

    def encode(self, labels: LabelColumns) -> NDArray[np.float64]:
        """Return labels as numbers ``(n, columns)``: of classes, or standardised.

        Raises
        ------
        DataError
            If a class never came in the data, or a continuous column holds no numbers.
        ShapeError
            If there are more or fewer columns than there were, or others.
        """
        self._check_columns(labels)
        parts = zip(self.columns, labels.columns, self._places(labels), strict=True)
        return np.stack([column.encode(found, at) for column, found, at in parts], axis=1).astype(
            np.float64
        )

    def decode(self, numbers: NDArray[np.float64]) -> NDArray[Any]:
        """Return the labels ``(n,)`` or ``(n, columns)`` that numbers stand for."""
        found = [column.decode(part) for column, part in zip(self.columns, numbers.T, strict=True)]
        if len(found) == 1:
            return found[0]
        mixed = len({column.dtype.kind for column in found}) > 1
        return np.stack([part.astype(object) if mixed else part for part in found], axis=1)

    def warn_outside(self, labels: LabelColumns) -> None:
        """Warn where a continuous label is outside the range that came in the data."""
        parts = zip(self.columns, labels.columns, self._places(labels), strict=True)
        for column, found, where in parts:
            if isinstance(column, Scale) and (
                found.min() < column.low or found.max() > column.high
            ):
                outside = found[(found < column.low) | (found > column.high)][0]
                warnings.warn(
                    f"y holds {outside:g}{where}, outside the {column.low:g} to {column.high:g} "
                    "of the data: what is made there was never learned, it is extrapolated.",
                    EspelhoWarning,
                    stacklevel=4,
                )

    def _check_columns(self, labels: LabelColumns) -> None:
        expected, n = len(self.columns), len(labels.columns)
        if n != expected:
            raise ShapeError(
                f"y must have {expected} columns of labels{_list(self.names)}, as in fit, got {n}."
            )
        if self.names and labels.names and labels.names != self.names:
            raise ShapeError(
                f"y must have the columns{_list(self.names)}, in this order, got"
                f"{_list(labels.names)}."
            )

    def _places(self, labels: LabelColumns) -> list[str]:
        return LabelColumns(labels.columns, self.names).places

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a run."""
        names = None if self.names is None else list(self.names)
        return {"names": names, "columns": [column.to_dict() for column in self.columns]}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the condition that `to_dict` described."""
        names = facts["names"]
        columns = tuple(map(_column_of, facts["columns"]))
        return cls(columns, None if names is None else tuple(names))


def _is_continuous(labels: NDArray[Any]) -> bool:
    return labels.dtype.kind == "f" and bool((labels != np.round(labels)).any())


def _column_of(facts: Mapping[str, Any]) -> Column:
    facts = dict(facts)
    if facts.pop("kind") == Classes.kind:
        return Classes(np.array(facts["values"], dtype=facts["dtype"]))
    return Scale(**facts)


def _list(names: Sequence[str] | None) -> str:
    return "" if names is None else f" {', '.join(names)}"
