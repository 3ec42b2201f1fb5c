"""Pairs: two sets of samples, A and B, that belong together row by row or only as a whole.

Either set is an array ``(n, *sample)`` or `Stored` on disk. Estimators take the two sets,
``fit(pairs.A, pairs.B)``; what trains from them is `espelho.training.batches.PairedData` or
`UnpairedData`, made of the data of each set. Sets on disk are read by ``read(start, stop)`` in
windows, those of pairs by the same rows of both, in units that begin at ``A.starts``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from espelho.data.fingerprint import fingerprint
from espelho.data.stored.base import Stored
from espelho.errors import ShapeError

__all__ = ["Pairs", "Unpaired"]

Rows = slice | Sequence[int] | NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class _TwoSets:
    """Two sets of samples.

    Parameters
    ----------
    A, B : ndarray of shape (n, *sample) or Stored
        The samples of each set; they may differ in shape and type.
    names_A, names_B : tuple of str or None
        What each sample is called, such as the name of its file.
    source : str
        What finds the data again: a path, or "memory".
    """

    A: NDArray[Any] | Stored
    B: NDArray[Any] | Stored
    names_A: tuple[str, ...] | None = None  # noqa: N815 as the set is called
    names_B: tuple[str, ...] | None = None  # noqa: N815
    source: str = "memory"

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shape of one sample of each set."""
        return tuple(self.A.shape[1:]), tuple(self.B.shape[1:])

    def fingerprint(self) -> str:
        """Return a hash of both sets, 64 hexadecimal digits, to recognise them later."""
        return fingerprint(np.array([fingerprint(self.A), fingerprint(self.B)]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs(_TwoSets):
    """Two sets of which row i of one belongs to row i of the other.

    Parameters
    ----------
    A, B : ndarray of shape (n, *sample) or Stored
        The samples of each set; they may differ in shape and type, not in number.
    names_A, names_B : tuple of str or None
        What each sample is called, such as the name of its file.
    source : str
        What finds the data again: a path, or "memory".

    Raises
    ------
    ShapeError
        If there are more of one than of the other.

    Examples
    --------
    >>> pairs = Pairs(A=np.zeros((3, 8, 8)), B=np.zeros((3, 3, 8, 8), dtype=np.uint8))
    >>> len(pairs), pairs.shapes
    (3, ((8, 8), (3, 8, 8)))
    """

    def __post_init__(self) -> None:
        if len(self.A) != len(self.B):
            raise ShapeError(
                f"Pairs need as many samples of A as of B, got {len(self.A)} and {len(self.B)}. "
                "Leave out what has no partner, or learn without pairs (CycleGAN)."
            )

    def __len__(self) -> int:
        return len(self.A)

    def take(self, rows: Rows) -> Self:
        """Return some of the pairs.

        Parameters
        ----------
        rows : slice, sequence of int, or ndarray of int or bool
            The rows to keep; of samples on disk, as `Stored` takes them.

        Returns
        -------
        Pairs
            Those pairs, with their names.
        """
        return replace(
            self,
            A=self.A[rows],
            B=self.B[rows],
            names_A=_taken(self.names_A, rows),
            names_B=_taken(self.names_B, rows),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Unpaired(_TwoSets):
    """Two sets that belong together as a whole; they may differ in number.

    Parameters
    ----------
    A, B : ndarray of shape (n, *sample) or Stored
        The samples of each set.
    names_A, names_B : tuple of str or None
        What each sample is called, such as the name of its file.
    source : str
        What finds the data again: a path, or "memory".

    Examples
    --------
    >>> len(Unpaired(A=np.zeros((3, 8, 8)), B=np.zeros((5, 8, 8))))
    5
    """

    def __len__(self) -> int:
        """Return the number of the larger set: a pass goes through it once."""
        return max(len(self.A), len(self.B))


def _taken(names: tuple[str, ...] | None, rows: Rows) -> tuple[str, ...] | None:
    return None if names is None else tuple(np.array(names, dtype=object)[rows].tolist())
