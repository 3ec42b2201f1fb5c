"""The table: named columns of numbers, booleans and words, as files hold them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.checks import non_numeric

__all__ = ["Table"]

_FEW = 10  # different words, below which a small table says nothing


class Table:
    """Columns of one length, each with a name and a type of its own.

    What a file with words in it is read as, and what estimators that learned from one give
    back; data frames go in and come out as they are.

    Parameters
    ----------
    names
        The names of the columns.
    arrays
        Their values ``(n,)``: numbers, booleans, or objects that are text or booleans, ``None``
        where there is none.
    orders
        The categories that a column may hold, in order, for each column or ``None``. Without it
        those that it holds, sorted, which some of its rows may hold too.

    Examples
    --------
    >>> table = Table(["age", "work"], [np.array([31, 40]), np.array(["yes", "no"], object)])
    >>> table.shape, table[:1].arrays[1].tolist()
    ((2, 2), ['yes'])
    """

    def __init__(
        self,
        names: Sequence[str],
        arrays: Sequence[NDArray[Any]],
        orders: Sequence[tuple[str, ...] | None] | None = None,
    ) -> None:
        self.names = tuple(names)
        self.arrays = tuple(arrays)
        self.orders = tuple(map(_order, arrays)) if orders is None else tuple(orders)

    def __len__(self) -> int:
        return len(self.arrays[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self), len(self.names)

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self) * len(self.names)

    @property
    def n_missing(self) -> int:
        """Number of values that are missing."""
        return sum(value is None or value != value for a in self.arrays for value in a.tolist())

    @property
    def words(self) -> list[str]:
        """The names of the columns that hold no numbers."""
        pairs = zip(self.names, self.arrays, strict=True)
        return [name for name, array in pairs if array.dtype.kind not in "iuf"]

    @property
    def identifiers(self) -> list[str]:
        """The columns of words that hardly come twice, as names, numbers of records and dates."""
        words, found = self.words, []
        for name, array in zip(self.names, self.arrays, strict=True):
            values = [value for value in array.tolist() if value is not None]
            if name in words and len(set(values)) > max(len(values) / 2, _FEW):
                found.append(name)
        return found

    def __getitem__(self, rows: Any) -> "Table":
        """Return some of the rows: by a slice, by their numbers, or by a mask."""
        return Table(self.names, [array[rows] for array in self.arrays], self.orders)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001 as NumPy calls it
        """Return the columns as one array, where all are numbers.

        Raises
        ------
        DataError
            If one is not: it names every such column.
        """
        del copy
        words = {
            name: next((value for value in array if value is not None), None)
            for name, array in zip(self.names, self.arrays, strict=True)
            if array.dtype.kind not in "biuf"
        }
        if words:
            raise non_numeric(words, where="The table")
        return np.stack(self.arrays, axis=1).astype(np.float64 if dtype is None else dtype)


def _order(array: NDArray[Any]) -> tuple[str, ...] | None:
    if array.dtype.kind != "O":
        return None
    return tuple(sorted({value for value in array.tolist() if isinstance(value, str)}))
