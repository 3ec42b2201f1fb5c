"""Marks: where data has gaps, and which gaps nothing can be learned across."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError

__all__ = ["check_columns_observed", "has_gaps", "missing"]

_NAMED = 5


def missing(values: Any) -> NDArray[np.bool_] | None:
    """Return which elements of an array are missing, or nothing where none is.

    Parameters
    ----------
    values
        An array of any shape and type; whole numbers and sparse matrices have no gaps.

    Examples
    --------
    >>> missing(np.array([[1.0, np.nan]])), missing(np.array([[1, 2]]))
    (array([[False,  True]]), None)
    """
    if values.dtype.kind != "f" or hasattr(values, "tocsr"):
        return None
    marks: NDArray[np.bool_] = np.isnan(values)
    return marks if marks.any() else None


def has_gaps(blocks: Iterable[NDArray[Any]]) -> bool:
    """Return whether anything is missing in blocks of rows."""
    return any(missing(block) is not None for block in blocks)


def check_columns_observed(total: NDArray[np.float64], names: Sequence[str] | None) -> None:
    """Raise if there is a column of which nothing was observed.

    Parameters
    ----------
    total
        How much of each column was observed ``(d,)``.
    names
        The names of the columns; without them they are named by their index.

    Raises
    ------
    DataError
        If there is one. The message names such columns.
    """
    empty = np.flatnonzero(total == 0)
    if not empty.size:
        return
    named = [str(i) if names is None else repr(names[i]) for i in empty[:_NAMED]]
    more = f" and {len(empty) - _NAMED} more" if len(empty) > _NAMED else ""
    plural = "s" if len(empty) > 1 else ""
    raise DataError(
        f"Nothing was observed of column{plural} {', '.join(named)}{more}: no row to learn from "
        "has a value there, so there is nothing to fill the gaps by. Leave such columns out, or "
        "give rows that have them."
    )
