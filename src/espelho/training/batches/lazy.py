"""Data in memory that is too large to be kept the way that networks want it: sparse, say."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from espelho.training.batches.batch import Batch
from espelho.training.batches.cuts import Cuts

__all__ = ["LazyData"]


class LazyData:
    """Data whose batches are fetched one by one.

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

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return a sequence that fetches each batch when it is asked for."""
        n = self._n_samples
        order = torch.arange(n) if shuffle is None else torch.randperm(n, generator=shuffle)
        rows = order if cuts.rows is None else order[cuts.rows]
        return _LazyBatches([rows[a:b] for a, b in pairwise(cuts.own_bounds)], self._fetch)


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
