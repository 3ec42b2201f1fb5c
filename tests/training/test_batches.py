"""Batches are the data, every row once, in the order asked for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from espelho.training.batches import Batch, Cuts, LazyData, TensorData


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def columns(n):
    x = torch.arange(2.0 * n).reshape(n, 2)
    lengths = torch.arange(1, n + 1)
    observed = x.remainder(3) > 0
    return Batch(x, torch.arange(n), x[:, 0] + 0.5, lengths, observed)


def both_kinds(n):
    whole = columns(n)
    return TensorData(whole), LazyData(n, lambda rows: Batch(*(c[rows] for c in whole)))


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 12), size=st.integers(1, 15), seed=st.none() | st.integers(0, 99))
def test_the_batches_are_the_rows_in_the_order_asked_for(n, size, seed):
    expected = torch.arange(n)
    if seed is not None:
        expected = torch.randperm(n, generator=generator(seed))
    for data in both_kinds(n):
        batches = data.arrange(Cuts(n, size), None if seed is None else generator(seed))

        assert len(data) == n
        assert len(batches[len(batches) - 1].x) <= size + 1
        assert all(len(batches[i].x) == size for i in range(len(batches) - 1))
        for column, whole in enumerate(columns(n)):
            found = torch.cat([batches[i][column] for i in range(len(batches))])
            assert torch.equal(found, whole[expected])


def test_shuffling_does_not_move_the_data_itself():
    data = TensorData(columns(5))
    before = data.columns.x.clone()

    data.arrange(Cuts(5, 2), generator())

    assert torch.equal(data.columns.x, before)


def test_batches_in_memory_are_made_once_for_the_same_cuts():
    data = TensorData(columns(5))

    cuts = Cuts(5, 2)
    first = data.arrange(cuts, generator())

    assert data.arrange(cuts, generator(1)) is first
    assert len(data.arrange(Cuts(5, 3), generator())) == 2


def test_missing_columns_stay_missing():
    for batch in TensorData(Batch(torch.zeros(4, 1))).arrange(Cuts(4, 3), generator()):
        assert batch.y is None
        assert batch.weight is None


def test_lazy_batches_are_fetched_when_they_are_asked_for():
    fetched = []
    data = LazyData(6, lambda rows: fetched.append(rows.tolist()) or Batch(rows))

    batches = data.arrange(Cuts(6, 2))
    assert fetched == []
    assert batches[1].x.tolist() == [2, 3]
    assert fetched == [[2, 3]]
    assert [batch.x.tolist() for batch in batches] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(IndexError):
        batches[3]


def test_images_keep_their_channels_last():
    x = torch.randn(6, 2, 3, 3).to(memory_format=torch.channels_last)

    for batch in TensorData(Batch(x)).arrange(Cuts(6, 4), generator()):
        assert batch.x.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("n", "batch_size", "sizes"),
    [
        (9, 4, [4, 5]),
        (10, 4, [4, 4, 2]),
        (4, 4, [4]),
        (1, 4, [1]),
        (3, 1, [1, 1, 1]),
        (5, 2, [2, 3]),
    ],
)
def test_no_batch_of_several_ends_with_a_single_row(n, batch_size, sizes):
    data = TensorData(Batch(torch.arange(float(n)).reshape(n, 1)))
    lazy = LazyData(n, lambda rows: Batch(rows.reshape(-1, 1).double()))
    for shuffle in (None, generator()):
        for found in (data, lazy):
            batches = list(found.arrange(Cuts(n, batch_size), shuffle))
            assert [len(batch.x) for batch in batches] == sizes
            assert sorted(torch.cat([b.x for b in batches]).flatten().tolist()) == list(range(n))
