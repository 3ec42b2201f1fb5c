"""Tiles: a convolution of them is that of the whole, and no seam shows."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from espelho.data.images.large.tiles import Tiling, strips, tiled
from espelho.errors import SettingError


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape)


def as_change(network):
    """Return what a network does to a tile, padded below and to the right, and cut again."""

    def change(tile):
        x = torch.from_numpy(tile)[None]
        height, width = x.shape[2:]
        grown = nn.functional.pad(x, (0, -width % 4, 0, -height % 4), mode="replicate")
        with torch.no_grad():
            return network(grown)[0, :, :height, :width].numpy()

    return change


def convolutions():
    """Return a network with steps down and up by four, and how far it sees."""
    torch.manual_seed(0)
    layers = (
        nn.Conv2d(2, 4, 4, 2, 1), nn.Tanh(), nn.Conv2d(4, 4, 4, 2, 1), nn.Tanh(),
        nn.Upsample(scale_factor=4), nn.Conv2d(4, 3, 3, 1, 1),
    )  # fmt: skip
    return nn.Sequential(*layers).double(), 12


@pytest.mark.parametrize("size", [(64, 64), (61, 90), (33, 17), (5, 150)])
@pytest.mark.parametrize("side", [16, 30, 1000])
def test_convolutions_of_tiles_are_those_of_the_whole(size, side):
    network, reach = convolutions()
    image, change = noise(2, *size), as_change(network)
    found = tiled(image, change, Tiling(side=side, overlap=reach, multiple=4))
    np.testing.assert_allclose(found, change(image), atol=1e-12)


def test_a_smaller_overlap_would_show():
    network, reach = convolutions()
    image, change = noise(2, 64, 64), as_change(network)
    found = tiled(image, change, Tiling(side=16, overlap=reach - 8, multiple=4))
    assert np.abs(found - change(image)).max() > 1e-3


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 70), width=st.integers(1, 70), side=st.integers(1, 40),
    overlap=st.integers(0, 20), multiple=st.integers(1, 8),
    dtype=st.sampled_from(["u1", "u2", "f4", "f8"]),
)  # fmt: skip
def test_what_looks_at_no_other_pixel_is_done_to_each_once(
    height, width, side, overlap, multiple, dtype
):
    image = (1000 * noise(2, height, width)).clip(0, 200).astype(dtype)
    tiling = Tiling(side=side, overlap=overlap, multiple=multiple)
    parts = list(strips(image, lambda tile: 200 - tile, tiling))
    found = np.concatenate(parts, axis=1)
    assert found.dtype == image.dtype
    assert all(part.shape[-1] == width and part.size for part in parts)
    np.testing.assert_allclose(found, 200 - image, rtol=1e-5, atol=1e-3)


def test_tiles_stand_where_they_may_and_are_no_larger_than_told():
    seen = []

    def change(tile):
        seen.append((int(tile[0, 0]), *tile.shape))
        return tile

    image = np.arange(300 * 200).reshape(300, 200)
    tiled(image, change, Tiling(side=64, overlap=10, multiple=8))
    assert len(seen) == 5 * 3
    for first, height, width in seen:
        assert (first // 200) % 8 == (first % 200) % 8 == 0
        assert max(height, width) <= 64 + 32 + 2 * 16


def test_the_memory_is_that_of_a_strip():
    heights = [part.shape[0] for part in strips(np.zeros((1000, 30)), np.copy, Tiling(side=64))]
    assert max(heights) <= 96
    assert sum(heights) == 1000


@pytest.mark.parametrize("wrong", [{"side": 0}, {"overlap": -1}, {"multiple": 0}])
def test_other_tilings_are_refused(wrong):
    with pytest.raises(SettingError, match="Tiles need a side"):
        Tiling(**wrong)


def test_what_changes_sizes_is_refused():
    with pytest.raises(SettingError, match=r"\(8, 8\) pixels became one of \(4, 8\)"):
        tiled(np.zeros((8, 8)), lambda tile: tile[::2], Tiling())
    with pytest.raises(SettingError, match="without pixels"):
        list(strips(np.zeros((4, 0)), np.copy, Tiling()))
