"""Columns of labels, read from whatever holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import is_frame, is_torch
from espelho.errors import DataError, ShapeError
from espelho.estimators.labels.classes import check_given, is_missing

__all__ = ["LabelColumns"]

_KINDS = "biufU"
"""Types of labels: booleans, whole and other numbers, text."""

_TABLE = 2


@dataclass(frozen=True, eq=False)
class LabelColumns:
    """The labels of some samples, each column with a type of its own.

    Attributes
    ----------
    columns
        Arrays ``(n,)`` of booleans, numbers or text, without gaps.
    names
        Their names, where they came in a table.
    """

    columns: tuple[NDArray[Any], ...]
    names: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls, y: Any, n_samples: int, owner: str, names: tuple[str, ...] | None = None
    ) -> "LabelColumns":
        """Read labels.

        Parameters
        ----------
        y
            ``(n,)`` or ``(n, columns)``: an array, a table, a tensor, or a list of labels or rows;
            or labels that were read before.
        n_samples
            How many samples there are.
        owner
            The name of the estimator that needs them.
        names
            Names of the columns, where y has none.

        Raises
        ------
        DataError
            If there are none, or some are missing, not finite, or neither numbers nor text.
        ShapeError
            If they are not one, or one row, for each sample.
        """
        check_given(y, owner)
        if is_frame(y):
            names = tuple(str(name) for name in y.columns)
        columns = list(y.columns) if isinstance(y, LabelColumns) else _columns(y)
        n = len(columns[0]) if columns else 0
        if n != n_samples or not columns:
            shape = (n,) if len(columns) == 1 else (n, len(columns))
            raise ShapeError(
                f"y must have shape ({n_samples},) or ({n_samples}, columns), a label or a row of "
                f"labels for each row of X, got {shape}."
            )
        if isinstance(y, LabelColumns):
            return y
        places = _places(names, len(columns))
        return cls(tuple(map(_checked, columns, places)), names)

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, rows: NDArray[Any]) -> "LabelColumns":
        """Return the labels of some samples."""
        return LabelColumns(tuple(column[rows] for column in self.columns), self.names)

    @property
    def places(self) -> list[str]:
        """Which column each one is, for messages: empty where there is only one."""
        return _places(self.names, len(self.columns))


def _places(names: Sequence[str] | None, n: int) -> list[str]:
    if n == 1:
        return [""]
    return [f" in column {name!r}" for name in (range(n) if names is None else names)]


def _columns(y: Any) -> list[NDArray[Any]]:
    if is_frame(y):
        return [np.asarray(y[name]) for name in y.columns]
    if is_torch(y):
        y = y.detach().cpu().numpy()
    # Rows of a list may mix types, which an array of one type would turn into text.
    values = np.asarray(y) if hasattr(y, "__array__") else np.array(list(y), dtype=object)
    if values.ndim not in (1, _TABLE):
        raise ShapeError(
            f"y must have shape (n,) or (n, columns), got {values.shape}: a label, or a row of "
            "labels, for each sample."
        )
    return [values] if values.ndim == 1 else list(values.T)


def _checked(column: NDArray[Any], place: str) -> NDArray[Any]:
    """Return a column with its own type, or raise if it holds what is no label."""
    if column.dtype == object:
        _check_told([row for row, label in enumerate(column) if is_missing(label)], place)
        column = _typed(column.tolist(), place)
    if column.dtype.kind == "f":
        _check_told(np.flatnonzero(np.isnan(column)), place)
        if not np.isfinite(column).all():
            raise DataError(f"Input y contains infinity{place}, where labels are finite.")
    if column.dtype.kind not in _KINDS:
        raise DataError(
            f"y must hold labels that are numbers, text or booleans{place}, got "
            f"{column[0]!r} of type {type(column[0]).__name__}."
        )
    return column


def _check_told(missing: Sequence[int] | NDArray[Any], place: str) -> None:
    if len(missing):
        raise DataError(
            f"Input y contains NaN{place}: {len(missing)} rows have no label, the first is row "
            f"{missing[0]}. Leave them out, or give each a label."
        )


def _typed(labels: list[Any], place: str) -> NDArray[Any]:
    """Return objects as an array of the type that they have in common."""
    try:
        column = np.array(labels)
    except ValueError:  # lists of several lengths
        return np.array(labels, dtype=object)
    if column.dtype.kind == "U" and (other := [x for x in labels if not isinstance(x, str)]):
        raise DataError(
            f"y mixes text and other labels{place}, such as {other[0]!r}. Give all of a column "
            "one type."
        )
    return column if column.ndim == 1 else np.array(labels, dtype=object)
