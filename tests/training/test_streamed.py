"""Batches of data on disk: every row once, in an order that is drawn, window by window."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from espelho.errors import FileError
from espelho.training.batches import Cuts, StreamedData
from espelho.training.batches import streamed as module


class InUnits:
    """Rows that hold their own number, stored in units of given sizes."""

    scattered = False

    def __init__(self, sizes):
        self.starts = np.cumsum([0, *sizes[:-1]])
        self.shape = (sum(sizes), 2)
        self.reads = []

    def __len__(self):
        return self.shape[0]

    def drawn(self, seed):
        return self

    def read(self, start, stop):
        self.reads.append((start, stop))
        return np.arange(2.0 * start, 2.0 * stop).reshape(-1, 2)


class Scattered(InUnits):
    """The same, read as fast wherever they lie."""

    scattered = True

    def gather(self, rows):
        assert (np.diff(rows) > 0).all()
        return np.stack([2.0 * rows, 2.0 * rows + 1], axis=1)


def streamed(stored, **options):
    like = torch.zeros(0, dtype=torch.float64)
    return StreamedData(stored, torch.from_numpy, shape=(2,), like=like, **options)


def numbers(batches):
    return [(batch.x[:, 0] / 2).long().tolist() for batch in batches]


def generator(seed):
    return torch.Generator().manual_seed(seed)


sizes = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from([InUnits, Scattered]),
    sizes=sizes,
    batch_size=st.integers(1, 9),
    window=st.integers(1, 30),
    seed=st.integers(0, 9),
)
def test_every_row_comes_once_and_the_same_state_gives_the_same_order(
    kind, sizes, batch_size, window, seed
):
    data = streamed(kind(sizes), weight=torch.arange(float(sum(sizes))))
    cuts = Cuts(len(data), batch_size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOW_BYTES", window * 16)
        passed = [
            (numbers([b])[0], b.weight.tolist()) for b in data.arrange(cuts, generator(seed))
        ]
        again = data.arrange(cuts, generator(seed))
        late = again[len(again) - 1]

    found = [rows for rows, _ in passed]
    assert [len(rows) for rows in found] == [cuts.sizes[i] for i in range(len(cuts))]
    assert sorted(row for rows in found for row in rows) == list(range(len(data)))
    assert all(weights == rows for rows, weights in passed)
    assert numbers([late]) == found[-1:]


@pytest.mark.parametrize("window", [1, 40, 10_000])
def test_without_shuffling_rows_come_as_they_are(monkeypatch, window):
    monkeypatch.setattr(module, "WINDOW_BYTES", window * 16)
    found = numbers(streamed(InUnits([5, 1, 7])).arrange(Cuts(13, 4)))

    assert [row for rows in found for row in rows] == list(range(13))


def test_a_pass_reads_unit_after_unit_and_each_row_once(monkeypatch):
    monkeypatch.setattr(module, "WINDOW_BYTES", 20 * 16)
    stored = InUnits([10] * 20)

    found = numbers(streamed(stored).arrange(Cuts(200, 5), generator(1)))

    read = sorted(stored.reads)
    assert [stop for _, stop in read[:-1]] == [start for start, _ in read[1:]]
    assert read[0][0] == 0
    assert read[-1][1] == 200
    assert [start // 10 for start, _ in stored.reads] != list(range(20))
    # A window holds two units, whose rows are mixed over its four batches.
    for window in range(10):
        rows = [row for batch in found[4 * window : 4 * window + 4] for row in batch]
        assert len({row // 10 for row in rows}) == 2
        assert rows != sorted(rows)


def test_an_epoch_has_an_order_of_its_own():
    data, shuffle = streamed(InUnits([8] * 8)), generator(0)
    first, second = (numbers(data.arrange(Cuts(64, 16), shuffle)) for _ in range(2))

    assert first != second


def test_processes_share_each_batch(monkeypatch):
    monkeypatch.setattr(module, "WINDOW_BYTES", 16 * 16)
    data = streamed(InUnits([7] * 7))
    whole = numbers(data.arrange(Cuts(49, 8), generator(3)))

    parts = [Cuts(49, 8, rank=rank, size=2) for rank in range(2)]
    found = [numbers(data.arrange(part, generator(3))) for part in parts]

    for index, rows in enumerate(whole):
        assert [*found[0][index], *found[1][index]] == rows


class Damaged(InUnits):
    """Rows of which the last cannot be read."""

    def read(self, start, stop):
        if stop == len(self):
            raise FileError("rows.parquet is damaged")
        return super().read(start, stop)


def test_a_damaged_file_is_an_error_of_the_batch_that_needs_it(monkeypatch):
    monkeypatch.setattr(module, "WINDOW_BYTES", 10 * 16)
    batches = streamed(Damaged([10] * 4)).arrange(Cuts(40, 10))

    assert numbers(batches[i] for i in range(3)) == [list(range(a, a + 10)) for a in (0, 10, 20)]
    with pytest.raises(FileError, match=r"rows\.parquet"):
        batches[3]
