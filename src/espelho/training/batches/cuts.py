"""Cuts: where one batch ends and the next begins, and which rows of it are whose."""

from functools import cached_property
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from espelho.training.environment.processes import Processes

__all__ = ["Cuts"]

_VARIES = 2
"""Rows that have a variance, which batch normalisation divides by."""


class Cuts:
    """Rows in some order, cut into batches that one or several processes share.

    A last batch of a single row joins the one before: it has no variance. Every process
    gets an even part of each batch, of two rows at least; where there are too few, some
    processes get the first rows as stand-ins, which count nothing.

    Parameters
    ----------
    n
        Number of rows.
    batch_size
        Rows per batch, over all processes.
    rank, size
        Number of this process, and how many there are.

    Examples
    --------
    >>> Cuts(9, 4).bounds
    [0, 4, 9]
    >>> second = Cuts(9, 4, rank=1, size=2)
    >>> second.own, second.shares
    ([(2, 4), (6, 9)], [0.5, 0.6])
    """

    def __init__(self, n: int, batch_size: int, *, rank: int = 0, size: int = 1) -> None:
        self.n = n
        self.bounds: list[int] = [*range(0, n, batch_size), n]
        if n > batch_size > 1 and n % batch_size == 1:
            del self.bounds[-2]
        self.sizes = [b - a for a, b in pairwise(self.bounds)]
        self.alone = size == 1
        self._batch_size, self._rank, self._size = batch_size, rank, size
        self.own = [_part(a, b, rank, size) for a, b in pairwise(self.bounds)]
        self.shares = [
            _share(own, a, b, rank, size)
            for own, (a, b) in zip(self.own, pairwise(self.bounds), strict=True)
        ]

    @classmethod
    def shared(cls, n: int, batch_size: int, processes: Processes) -> "Cuts":
        """Return the cuts of rows whose batches processes share."""
        return cls(n, batch_size, rank=processes.rank, size=processes.size)

    def of(self, n: int) -> "Cuts":
        """Return the cuts of another number of rows, shared by the same processes."""
        return Cuts(n, self._batch_size, rank=self._rank, size=self._size)

    def __len__(self) -> int:
        return len(self.own)

    @cached_property
    def rows(self) -> Tensor | None:
        """Places in the order that are this process's, or ``None`` for all of them."""
        if self.alone:
            return None
        return torch.cat([torch.arange(start, stop) for start, stop in self.own])

    @cached_property
    def own_bounds(self) -> list[int]:
        """Where this process's batches begin and end among its own rows."""
        return list(accumulate((stop - start for start, stop in self.own), initial=0))

    def pick(self, order: Tensor | None) -> Tensor | None:
        """Return the rows that are this process's, in order; ``None`` for all as they are."""
        if order is None:
            return self.rows
        return order if self.rows is None else order[self.rows]


def _active(n: int, size: int) -> int:
    return max(1, min(size, n // _VARIES))


def _part(start: int, stop: int, rank: int, size: int) -> tuple[int, int]:
    n, active = stop - start, _active(stop - start, size)
    if rank >= active:
        return start, start + min(n, _VARIES)
    return start + n * rank // active, start + n * (rank + 1) // active


def _share(own: tuple[int, int], start: int, stop: int, rank: int, size: int) -> float:
    n = stop - start
    return (own[1] - own[0]) / n if rank < _active(n, size) else 0.0
