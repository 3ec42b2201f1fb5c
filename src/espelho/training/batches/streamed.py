"""Data on disk, of which a window at a time is in memory."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from espelho.training.batches.batch import Batch
from espelho.training.batches.cuts import Cuts

if TYPE_CHECKING:
    from espelho.data.stored.base import Stored

__all__ = ["StreamedData"]

WINDOW_BYTES = 64 << 20
"""Size of a window, as the network sees it. Two are in memory: one to learn from, and the next."""


@dataclass(frozen=True)
class _Stream:
    """Samples on disk, and what the network sees of them.

    Attributes
    ----------
    stored
        The samples, flattened: ``(n, d)``.
    prepare
        From rows as they are stored ``(m, d)`` to what the network sees ``(m, *shape)``.
    shape
        Shape of one sample inside the network.
    """

    stored: "Stored"
    prepare: Callable[[NDArray[Any]], Tensor]
    shape: tuple[int, ...]

    def drawn(self, seed: int) -> "_Stream":
        """Return the samples of one pass, where a part of each is drawn."""
        return replace(self, stored=self.stored.drawn(seed))

    def load(self, rows: NDArray[np.int64], dtype: torch.dtype) -> Tensor:
        """Return rows, by their numbers in any order, as the network sees them."""
        x = torch.empty((len(rows), *self.shape), dtype=dtype)
        for places, block in self._blocks(rows):
            x[places] = self.prepare(block)
        return x

    def _blocks(self, rows: NDArray[np.int64]) -> Iterator[tuple[Any, NDArray[Any]]]:
        """Return blocks of rows, each with the places of its rows among all."""
        step = max(1, _BLOCK_ELEMENTS // self.stored.shape[1])
        if self.stored.scattered:
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                order = np.argsort(part)
                yield torch.from_numpy(start + order), self.stored.gather(part[order])
            return
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        for first, last in pairwise((0, *breaks.tolist(), len(rows))):
            for start in range(first, last, step):
                stop = min(last, start + step)
                read = self.stored.read(int(rows[start]), int(rows[stop - 1]) + 1)
                yield slice(start, stop), read


class StreamedData:
    """Samples on disk, read through in windows.

    A pass puts the units of the data (a row group of a table, some megabytes of an array, an
    image) into a random order, reads them one after the other, and permutes the rows within each
    window of about 64 MB; every batch comes from one window. So rows that lie close on disk
    are nearer to each other than by chance, by as much as a window is smaller than the data;
    images, each a unit, are not.
    The next window is read while there is learning from this one.

    Parameters
    ----------
    stored
        The samples, flattened: ``(n, d)``.
    prepare
        From rows as they are stored ``(m, d)`` to what the network sees ``(m, *shape)``.
    shape
        Shape of one sample inside the network.
    like
        A tensor of the type and on the device that is wanted.
    y
        Labels ``(n,)``.
    weight
        Weights ``(n,)``.
    beside
        Of samples that are read beside others, row by row: where the units of both begin, and
        how many values a row of both has. So both are read in the same order.
    stand_ins
        What stands for elements that are missing, as NaN, of the shape of a sample; ``None``
        where none may be.
    """

    def __init__(
        self,
        stored: "Stored",
        prepare: Callable[[NDArray[Any]], Tensor],
        *,
        shape: tuple[int, ...],
        like: Tensor,
        y: Tensor | None = None,
        weight: Tensor | None = None,
        beside: "tuple[NDArray[np.int64], int] | None" = None,
        stand_ins: Tensor | None = None,
    ) -> None:
        self._stream = _Stream(stored, prepare, shape)
        self._starts, self._features = beside or (stored.starts, stored.shape[1])
        self._x: Tensor | None = None
        self._like = like
        self._columns = (y, weight)
        self._stand_ins = stand_ins

    def __len__(self) -> int:
        return len(self._stream.stored)

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return a sequence that reads a window when its first batch is asked for."""
        units = np.stack([self._starts, np.append(self._starts[1:], len(self))], axis=1)
        seed, stream = None, self._stream
        if shuffle is not None:
            units = units[torch.randperm(len(units), generator=shuffle).numpy()]
            seed = int(torch.randint(2**62, (), generator=shuffle))
            stream = stream.drawn(seed)
        row_bytes = self._like.element_size() * self._features
        per_window = max(1, WINDOW_BYTES // (row_bytes * cuts.sizes[0]))

        def load(rows: NDArray[np.int64]) -> Tensor:
            return stream.load(rows, self._like.dtype)

        return _StreamedBatches(self, cuts, _Order(units, seed), per_window, load)

    def batch(self, window: "_Window", rows: Tensor) -> Batch:
        """Return the batch of some rows of a window; it holds until the next call."""
        numbers, device = window.numbers[rows], self._like.device
        columns = (None if c is None else c[numbers.to(c.device)] for c in self._columns)
        # Into the same memory each time: new tensors of this size between the small ones that
        # training keeps leave holes in the heap, hundreds of megabytes in an epoch.
        if self._x is None or len(self._x) != len(rows):
            self._x = window.x.new_empty((len(rows), *window.x.shape[1:]))
        x = torch.index_select(window.x, 0, rows, out=self._x).to(device)
        gaps = None if self._stand_ins is None else x.isnan()
        batch = Batch(x, *columns)
        if gaps is None or not gaps.any():
            return batch
        filled = torch.where(gaps, self._stand_ins, x)  # type: ignore[arg-type]
        return batch._replace(x=filled, observed=~gaps)


_BLOCK_ELEMENTS = 1 << 20
"""Elements that are scaled at once."""


@dataclass(frozen=True)
class _Order:
    """Units in the order in which a pass reads them, and the seed of what the rows do."""

    units: NDArray[np.int64]
    seed: int | None

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum(self.units[:, 1] - self.units[:, 0])

    def rows(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the rows that stand at some places of the pass."""
        places = np.arange(start, stop)
        unit = np.searchsorted(self._ends, places, side="right")
        rows: NDArray[np.int64] = self.units[unit, 1] - (self._ends[unit] - places)
        return rows

    def permutation(self, window: int, n: int) -> Tensor:
        """Return the order of the rows of a window."""
        if self.seed is None:
            return torch.arange(n)
        return torch.randperm(n, generator=torch.Generator().manual_seed(self.seed + window))


@dataclass(frozen=True)
class _Window:
    """Some rows of the data in memory, and the order in which they are taken."""

    x: Tensor
    numbers: Tensor
    order: Tensor
    start: int


class _StreamedBatches(Sequence[Batch]):
    def __init__(
        self,
        data: StreamedData,
        cuts: Cuts,
        order: _Order,
        per_window: int,
        load: Callable[[NDArray[np.int64]], Tensor],
    ) -> None:
        self._data = data
        self._load_rows = load
        self._cuts = cuts
        self._order = order
        self._per_window = per_window
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="espelho-window")
        self._window: _Window | None = None
        self._loaded = -1
        self._next: Future[_Window] | None = None

    def __len__(self) -> int:
        return len(self._cuts)

    def __getitem__(self, index: int) -> Batch:  # type: ignore[override]
        start, stop = self._cuts.own[index]
        window = self._turn_to(index // self._per_window)
        rows = window.order[start - window.start : stop - window.start]
        return self._data.batch(window, rows)

    def _turn_to(self, number: int) -> _Window:
        if self._window is not None and number == self._loaded:
            return self._window
        expected = self._next is not None and number == self._loaded + 1
        found = self._next.result() if self._next is not None and expected else None
        self._window = None  # the old one, before another is made
        self._window = self._load(number) if found is None else found
        self._loaded = number
        last = (number + 1) * self._per_window >= len(self)
        self._next = None if last else self._reader.submit(self._load, number + 1)
        return self._window

    def _load(self, number: int) -> _Window:
        bounds = self._cuts.bounds
        first = number * self._per_window
        start, stop = bounds[first], bounds[min(first + self._per_window, len(bounds) - 1)]
        rows = self._order.rows(start, stop)
        order = self._order.permutation(number, stop - start)
        return _Window(self._load_rows(rows), torch.from_numpy(rows), order, start)
