"""Data in memory."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from espelho.training.batches.batch import Batch
from espelho.training.batches.cuts import Cuts

__all__ = ["TensorData"]


class TensorData:
    """Data in memory, one tensor per column, on the device that trains.

    Shuffling copies the rows once per epoch into a second set of tensors; the batches
    are views of it and are made once.

    Parameters
    ----------
    columns
        The whole data set as one batch.
    """

    def __init__(self, columns: Batch) -> None:
        self.columns = columns
        self._buffer: Batch | None = None
        self._batches: list[Batch] = []
        self._cuts: Cuts | None = None
        self._as_they_are: tuple[Cuts | None, list[Batch]] = None, []

    def __len__(self) -> int:
        return len(self.columns.x)

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return the batches of one pass as views; they hold until the next call."""
        order = None if shuffle is None else torch.randperm(len(self), generator=shuffle)
        rows = cuts.pick(order)
        if rows is None:
            if self._as_they_are[0] is not cuts:
                self._as_they_are = cuts, _cut(self.columns, cuts)
            return self._as_they_are[1]
        rows = rows.to(self.columns.x.device)
        if self._buffer is None or cuts is not self._cuts:
            self._buffer = each_column(lambda c: torch.empty_like(c[: len(rows)]), self.columns)
            self._batches, self._cuts = _cut(self._buffer, cuts), cuts
        for source, target in zip(self.columns, self._buffer, strict=True):
            if source is not None and target is not None:
                torch.index_select(source, 0, rows, out=target)
        return self._batches


def each_column(change: Callable[[Tensor], Tensor], columns: Batch) -> Batch:
    """Return a batch whose columns, where it has them, are changed."""
    return Batch(*(None if column is None else change(column) for column in columns))  # type: ignore[arg-type]


def _cut(columns: Batch, cuts: Cuts) -> list[Batch]:
    return [
        each_column(lambda column, a=a, b=b: column[a:b], columns)  # type: ignore[misc]
        for a, b in pairwise(cuts.own_bounds)
    ]
