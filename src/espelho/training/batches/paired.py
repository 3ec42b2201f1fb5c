"""Two data sets at once: in pairs, or each in an order of its own."""

from collections.abc import Callable, Sequence

import torch

from espelho.training.batches.batch import Batch, Data
from espelho.training.batches.cuts import Cuts

__all__ = ["PairedData", "UnpairedData"]


class PairedData:
    """Two data sets of which row i of one belongs to row i of the other.

    Both are put in the same order, which is drawn once: each draws what the other does. So both
    must be of one kind: in memory, or on disk in the same units and windows.

    Parameters
    ----------
    a, b
        The data sets; a batch has samples of the first as ``x`` and of the second as ``y``.
    """

    def __init__(self, a: Data, b: Data) -> None:
        self._a, self._b = a, b

    def __len__(self) -> int:
        return len(self._a)

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return the batches of one pass."""
        state = None if shuffle is None else shuffle.get_state()
        first = self._a.arrange(cuts, shuffle)
        if shuffle is not None and state is not None:
            shuffle.set_state(state)
        second = self._b.arrange(cuts, shuffle)
        return _TwoBatches(len(first), lambda i: (first[i], second[i]))


class UnpairedData:
    """Two data sets, each in an order of its own, which may differ in number.

    A pass goes through the larger one once. The smaller one is gone through again and again
    meanwhile, in another order each time; both have as many batches, which may differ in size.

    Parameters
    ----------
    a, b
        The data sets; a batch has samples of the first as ``x`` and of the second as ``y``.
    """

    def __init__(self, a: Data, b: Data) -> None:
        self._sets = (a, b)
        self._of_smaller: tuple[Cuts | None, Cuts | None] = None, None

    def __len__(self) -> int:
        return max(len(data) for data in self._sets)

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return the batches of one pass."""
        first, second = (
            _Rounds(data, self._own(cuts, len(data)), len(cuts), shuffle) for data in self._sets
        )
        return _TwoBatches(len(cuts), lambda i: (first(i), second(i)))

    def _own(self, cuts: Cuts, n: int) -> Cuts:
        """Return the cuts of a set, the same in every pass so that its memory is."""
        if n == cuts.n:
            return cuts
        whole, own = self._of_smaller
        if whole is not cuts or own is None:
            own = cuts.of(n)
            self._of_smaller = cuts, own
        return own


class _Rounds:
    """Batches of a data set that is gone through as often as they are asked for.

    Every round's order has a seed of its own, so that any batch can be the first.
    """

    def __init__(
        self, data: Data, cuts: Cuts, n_batches: int, shuffle: torch.Generator | None
    ) -> None:
        self._data, self._cuts = data, cuts
        rounds = -(-n_batches // len(cuts))
        drawn = None if shuffle is None else torch.randint(2**62, (rounds,), generator=shuffle)
        self._seeds = [None] * rounds if drawn is None else drawn.tolist()
        self._round = -1
        self._batches: Sequence[Batch] = ()

    def __call__(self, index: int) -> Batch:
        number, place = divmod(index, len(self._cuts))
        if number != self._round:
            seed = self._seeds[number]
            shuffle = None if seed is None else torch.Generator().manual_seed(seed)
            self._batches, self._round = self._data.arrange(self._cuts, shuffle), number
        return self._batches[place]


class _TwoBatches(Sequence[Batch]):
    def __init__(self, n: int, pair: Callable[[int], tuple[Batch, Batch]]) -> None:
        self._n = n
        self._pair = pair

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: int) -> Batch:  # type: ignore[override]
        if not 0 <= index < self._n:
            raise IndexError(index)
        first, second = self._pair(index)
        return first._replace(y=second.x)
