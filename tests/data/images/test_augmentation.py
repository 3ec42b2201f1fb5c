"""Shifts move images by whole pixels, each by its own, and lose nothing but the border."""

import pytest
import torch

from espelho.data.images.augmentation import RandomShift


def dot(shape):
    """Images with one bright pixel in the middle."""
    x = torch.zeros(400, *shape)
    x[..., shape[-2] // 2, shape[-1] // 2] = 1
    return x


@pytest.mark.parametrize("shape", [(7, 9), (1, 7, 9), (3, 8, 8)])
def test_every_shift_up_to_the_largest_occurs_and_no_other(shape):
    moved = RandomShift(2, shape)(dot(shape)).reshape(400, -1, *shape[-2:])[:, 0]
    assert torch.equal(moved.sum((1, 2)), torch.ones(400))
    places = moved.flatten(1).argmax(1)
    rows, columns = places // shape[-1] - shape[-2] // 2, places % shape[-1] - shape[-1] // 2
    assert set(rows.tolist()) == set(columns.tolist()) == {-2, -1, 0, 1, 2}


def test_the_border_is_repeated():
    image = torch.arange(9.0).reshape(1, 3, 3).expand(200, 3, 3)
    moved = RandomShift(1, (3, 3))(image)
    down = torch.tensor([[0.0, 1, 2], [0, 1, 2], [3, 4, 5]])
    assert any(torch.equal(found, down) for found in moved)


def test_flat_rows_come_back_flat_and_the_input_is_kept():
    x = torch.rand(5, 12)
    before = x.clone()
    assert RandomShift(1, (3, 4))(x).shape == (5, 12)
    assert torch.equal(x, before)


def test_the_same_seed_gives_the_same_shifts():
    x, shift = torch.rand(20, 16), RandomShift(1, (4, 4))
    torch.manual_seed(3)
    first = shift(x)
    torch.manual_seed(3)
    assert torch.equal(first, shift(x))
