"""Data seen through a network: what a stage trains on if it is not the data itself."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from espelho.training.batches.batch import Batch, Data
from espelho.training.batches.cuts import Cuts
from espelho.training.batches.memory import TensorData

__all__ = ["MappedData", "mapped"]

_ROWS = 8192
"""Rows that are changed at once."""


class MappedData:
    """Data whose samples are changed batch by batch, each time that they are asked for.

    What they are changed to is known whole, where they were not.

    Parameters
    ----------
    data
        The data.
    change
        From samples ``(n, *sample)`` to others ``(n, *other)``, each by itself.
    """

    def __init__(self, data: Data, change: Callable[[Tensor], Tensor]) -> None:
        self._data = data
        self._change = change

    def __len__(self) -> int:
        return len(self._data)

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return the batches of one pass, changed when they are asked for."""
        return _MappedBatches(self._data.arrange(cuts, shuffle), self._change)


class _MappedBatches(Sequence[Batch]):
    def __init__(self, batches: Sequence[Batch], change: Callable[[Tensor], Tensor]) -> None:
        self._batches = batches
        self._change = change

    def __len__(self) -> int:
        return len(self._batches)

    @torch.no_grad()
    def __getitem__(self, index: int) -> Batch:  # type: ignore[override]
        batch = self._batches[index]
        return batch._replace(x=self._change(batch.x), observed=None)


@torch.no_grad()
def mapped(data: Data, change: Callable[[Tensor], Tensor]) -> Data:
    """Return data with its samples changed: at once where they are in memory.

    Parameters
    ----------
    data, change
        As of `MappedData`.
    """
    if not isinstance(data, TensorData):
        return MappedData(data, change)
    x = data.columns.x
    parts = [change(x[start : start + _ROWS]) for start in range(0, len(x), _ROWS)]
    return TensorData(data.columns._replace(x=torch.cat(parts), observed=None))
