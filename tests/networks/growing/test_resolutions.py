"""Resolutions: every size from 4 x 4 on, by exact means."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from espelho.networks.growing.resolutions import averaged_to, enlarged_to, halved, resolutions

SIDES = st.integers(4, 70)
SIZES = [(4, 4), (8, 8), (28, 28), (20, 12), (48, 32), (5, 4), (33, 9), (7, 100)]


@given(SIDES, SIDES)
def test_each_resolution_is_half_of_the_next_rounded_up(height, width):
    sizes = resolutions(height, width)
    assert sizes[-1] == (height, width)
    for small, large in pairwise(sizes):
        assert small == tuple((n + 1) // 2 for n in large)
    assert 4 <= min(sizes[0]) <= 6


@pytest.mark.parametrize("side", range(4, 70))
def test_square_images_start_at_four_to_six_pixels(side):
    height, width = resolutions(side, side)[0]
    assert height == width
    assert height in (4, 5, 6)


@pytest.mark.parametrize("size", SIZES)
def test_averaging_undoes_enlarging(size):
    sizes = resolutions(*size)
    for level, small in enumerate(sizes):
        x = torch.randn(2, 3, *small, dtype=torch.float64)
        large = enlarged_to(x, sizes[level + 1 :])
        assert large.shape[2:] == size
        torch.testing.assert_close(averaged_to(large, small), x)


@pytest.mark.parametrize("size", SIZES)
def test_halved_images_are_means_of_the_pixels_there_are(size):
    x = torch.randn(2, 1, *size, dtype=torch.float64)
    found = halved(x)
    for row in range(found.shape[2]):
        for column in range(found.shape[3]):
            square = x[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            torch.testing.assert_close(found[:, :, row, column], square.mean((2, 3)))


def test_of_powers_of_two_all_levels_keep_the_mean():
    x = torch.rand(3, 2, 32, 16, dtype=torch.float64)
    for size in resolutions(32, 16):
        torch.testing.assert_close(averaged_to(x, size).mean((2, 3)), x.mean((2, 3)))
