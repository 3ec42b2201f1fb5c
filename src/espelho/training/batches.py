"""Batches, and the data that they are cut from."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

__all__ = ["Batch", "Data", "LazyData", "TensorData"]


class Batch(NamedTuple):
    """What a loss sees of the data at once; every tensor has one row per sample.

    Attributes
    ----------
    x
        Samples ``(n, *sample)``, in the units that the networks see.
    y
        Labels or the second half of a pair, for the models that take them.
    weight
        Weights ``(n,)``, whose mean over the whole data set is 1.
    """

    x: Tensor
    y: Tensor | None = None
    weight: Tensor | None = None


class Data(Protocol):
    """Samples that can be put in an order and cut into batches."""

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def arrange(self, order: Tensor | None, batch_size: int) -> Sequence[Batch]:
        """Return the batches of one pass, in the order given (``None``: as they are)."""
        ...


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
        self._batch_size = 0

    def __len__(self) -> int:
        return len(self.columns.x)

    def arrange(self, order: Tensor | None, batch_size: int) -> Sequence[Batch]:
        """Return the batches of one pass as views; they hold until the next call."""
        if order is None:
            return _cut(self.columns, batch_size)
        if self._buffer is None or batch_size != self._batch_size:
            self._buffer = _each(torch.empty_like, self.columns)
            self._batches = _cut(self._buffer, batch_size)
            self._batch_size = batch_size
        order = order.to(self.columns.x.device)
        for source, target in zip(self.columns, self._buffer, strict=True):
            if source is not None and target is not None:
                torch.index_select(source, 0, order, out=target)
        return self._batches


class LazyData:
    """Data whose batches are fetched one by one: sparse or larger than memory.

    Parameters
    ----------
    n_samples
        How many rows there are.
    fetch
        From row numbers ``(m,)`` to the batch of these rows.
    """

    def __init__(self, n_samples: int, fetch: Callable[[Tensor], Batch]) -> None:
        self._n_samples = n_samples
        self._fetch = fetch

    def __len__(self) -> int:
        return self._n_samples

    def arrange(self, order: Tensor | None, batch_size: int) -> Sequence[Batch]:
        """Return a sequence that fetches each batch when it is asked for."""
        order = torch.arange(self._n_samples) if order is None else order
        parts = [order[rows] for rows in _parts(self._n_samples, batch_size)]
        return _LazyBatches(parts, self._fetch)


class _LazyBatches(Sequence[Batch]):
    def __init__(self, rows: Sequence[Tensor], fetch: Callable[[Tensor], Batch]) -> None:
        self._rows = rows
        self._fetch = fetch

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Batch:  # type: ignore[override]
        return self._fetch(self._rows[index])

    def __iter__(self) -> Iterator[Batch]:
        return (self._fetch(rows) for rows in self._rows)


def _each(change: Callable[[Tensor], Tensor], columns: Batch) -> Batch:
    return Batch(*(None if column is None else change(column) for column in columns))  # type: ignore[arg-type]


def _cut(columns: Batch, batch_size: int) -> list[Batch]:
    parts = _parts(len(columns.x), batch_size)
    return [_each(lambda t, rows=rows: t[rows], columns) for rows in parts]  # type: ignore[misc]


def _parts(n: int, batch_size: int) -> list[slice]:
    """Cut n rows into batches; a last one of a single row joins the one before.

    A single row has no variance, which batch normalisation divides by.
    """
    starts = list(range(0, n, batch_size))
    if n > batch_size > 1 and n % batch_size == 1:
        starts.pop()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], n], strict=True)]
