"""Two data sets at once: partners stay together, and sets without pairs are gone through whole."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from espelho.training.batches import (
    Batch,
    Cuts,
    LazyData,
    PairedData,
    StreamedData,
    TensorData,
    UnpairedData,
)
from espelho.training.batches import streamed as module


class OnDisk:
    """Rows that hold their own number, in units that begin at some of them."""

    scattered = False

    def __init__(self, n, width, starts):
        self.shape, self.starts = (n, width), np.array(starts)

    def __len__(self):
        return self.shape[0]

    def drawn(self, seed):
        return self

    def read(self, start, stop):
        return np.repeat(np.arange(float(start), stop)[:, None], self.shape[1], axis=1)


def in_memory(n, width=1):
    return TensorData(Batch(torch.arange(float(n))[:, None].expand(n, width).contiguous()))


def lazy(n):
    return LazyData(n, lambda rows: Batch(rows.double()[:, None]))


def on_disk(stored, beside=None):
    like = torch.zeros(0, dtype=torch.float64)
    shape = (stored.shape[1],)
    return StreamedData(stored, torch.from_numpy, shape=shape, like=like, beside=beside)


def generator(seed):
    return None if seed is None else torch.Generator().manual_seed(seed)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 20), size=st.integers(1, 9), seed=st.none() | st.integers(0, 9))
def test_partners_stay_together_and_each_pair_comes_once(n, size, seed):
    for data in (PairedData(in_memory(n), in_memory(n, 2)), PairedData(in_memory(n), lazy(n))):
        batches = data.arrange(Cuts(n, size), generator(seed))
        pairs = [(b.x[:, 0].tolist(), b.y[:, 0].tolist()) for b in batches]

        assert len(data) == n
        assert all(x == y for x, y in pairs)
        assert sorted(row for x, _ in pairs for row in x) == list(range(n))


def test_pairs_on_disk_are_read_in_one_order_whatever_their_width(monkeypatch):
    monkeypatch.setattr(module, "WINDOW_BYTES", 400)
    a, b = OnDisk(40, 1, [0, 13, 27]), OnDisk(40, 5, [0, 9, 18, 31])
    beside = a.starts, a.shape[1] + b.shape[1]
    data = PairedData(on_disk(a, beside), on_disk(b, beside))

    pairs = [
        (batch.x[:, 0].tolist(), batch.y[:, 0].tolist())
        for batch in data.arrange(Cuts(40, 4), generator(1))
    ]

    assert all(x == y for x, y in pairs)
    assert sorted(row for x, _ in pairs for row in x) == list(range(40))


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 20), m=st.integers(1, 20), size=st.integers(1, 9), seed=st.integers(0, 9))
def test_the_larger_set_comes_once_and_the_smaller_one_as_often_as_it_takes(n, m, size, seed):
    data = UnpairedData(in_memory(n), in_memory(m))

    batches = [
        (b.x[:, 0].tolist(), b.y[:, 0].tolist())
        for b in data.arrange(Cuts(max(n, m), size), generator(seed))
    ]
    first, second = ([row for pair in batches for row in pair[i]] for i in (0, 1))
    larger, smaller = (first, second) if n >= m else (second, first)

    assert len(data) == max(n, m)
    assert sorted(larger) == list(range(max(n, m)))
    k = min(n, m)
    for start in range(0, len(smaller), k):
        one_round = smaller[start : start + k]
        assert len(set(one_round)) == len(one_round)


def test_the_orders_of_both_sets_are_their_own_and_of_rounds_too():
    batches = UnpairedData(in_memory(64), in_memory(32)).arrange(Cuts(64, 8), generator(0))
    first = torch.cat([b.x[:, 0].clone() for b in batches])
    second = torch.cat([b.y[:, 0].clone() for b in batches])

    assert not torch.equal(first[:32], second[:32])
    assert not torch.equal(second[:32], second[32:])


@pytest.mark.parametrize("start", [0, 3, 7])
def test_any_batch_can_be_the_first_as_in_a_resumed_epoch(start):
    def batches():
        data = UnpairedData(in_memory(64), in_memory(20))
        return data.arrange(Cuts(64, 8), generator(5))

    through = [(b.x.clone(), b.y.clone()) for b in batches()]
    again = batches()
    for index in range(start, len(again)):
        assert torch.equal(again[index].x, through[index][0])
        assert torch.equal(again[index].y, through[index][1])
    with pytest.raises(IndexError):
        again[len(again)]


def test_processes_share_batches_of_pairs():
    parts = [
        PairedData(in_memory(10), in_memory(10)).arrange(Cuts(10, 6, rank=r, size=2), generator(0))
        for r in (0, 1)
    ]
    rows = torch.cat([b.x[:, 0].clone() for part in parts for b in part])
    assert sorted(rows.tolist()) == list(range(10))
