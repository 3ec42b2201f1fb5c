"""Augmentation of images: laws of each change, for any channels, sizes and types."""

import pytest
import torch

from espelho.networks.images.augmentation import (
    AUGMENTATIONS,
    brightness,
    contrast,
    cutout,
    saturation,
    translation,
)

CHANGES = [change for changes in AUGMENTATIONS.values() for change in changes]
SHAPES = [(1, 4, 4), (3, 4, 7), (2, 13, 6), (3, 28, 28)]
SPREAD = 0.7


def images(n, *shape, dtype=torch.float64):
    return torch.randn(n, *shape, dtype=dtype)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("change", CHANGES)
def test_shape_and_type_stay(change, shape, dtype):
    found = change(images(5, *shape, dtype=dtype), SPREAD)
    assert found.shape == (5, *shape)
    assert found.dtype == dtype


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 5, 4)])
@pytest.mark.parametrize("change", CHANGES)
def test_the_gradient_is_that_of_finite_differences(change, shape):
    def changed(x):
        torch.manual_seed(1)
        return change(x, SPREAD)

    assert torch.autograd.gradcheck(changed, images(2, *shape).requires_grad_())


@pytest.mark.parametrize("change", CHANGES)
def test_each_image_is_changed_by_itself(change):
    x = images(1, 3, 8, 8).expand(40, -1, -1, -1)
    found = change(x, SPREAD).flatten(1)
    assert len(found.unique(dim=0)) > 8


@pytest.mark.parametrize("change", [brightness, saturation, contrast])
def test_colours_are_what_they_were_in_the_mean(change):
    n = 20_000
    x = images(1, 3, 4, 4)
    found = change(x.expand(n, -1, -1, -1), SPREAD)
    error = found.std(0) / n**0.5
    assert ((found.mean(0) - x[0]).abs() < 5 * error + 1e-12).all()
    assert (error > 0).all()


def test_brightness_is_as_far_as_the_spread():
    by = brightness(torch.zeros(5000, 1, 4, 4), SPREAD)
    assert torch.equal(by, by[:, :, :1, :1].expand_as(by))
    assert by.abs().max() <= SPREAD
    assert by.min() < -0.99 * SPREAD
    assert by.max() > 0.99 * SPREAD


def factors(before, after, axes):
    """Return the factor between each element's distances to the mean over some axes."""
    off = [x - x.mean(axes, keepdim=True) for x in (before, after)]
    return (off[1] / off[0]).flatten(1)


@pytest.mark.parametrize(
    ("change", "axes", "low", "high"), [(contrast, (1, 2, 3), 0.5, 1.5), (saturation, (1,), 0, 2)]
)
def test_distances_to_a_mean_are_multiplied(change, axes, low, high):
    x = images(3000, 3, 4, 4)
    found = change(x, SPREAD)
    torch.testing.assert_close(found.mean(axes), x.mean(axes))
    factor = factors(x, found, axes)
    torch.testing.assert_close(factor, factor[:, :1].expand_as(factor), rtol=0, atol=1e-6)
    assert factor.min() >= low - 1e-6
    assert factor.max() <= high + 1e-6
    assert factor[:, 0].min() < low + 0.02
    assert factor[:, 0].max() > high - 0.02


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_without_three_channels_there_are_no_colours_to_saturate(channels):
    x = images(3, channels, 4, 4)
    assert torch.equal(saturation(x, SPREAD), x)


@pytest.mark.parametrize(
    ("size", "farthest"), [((4, 4), (1, 1)), ((8, 16), (1, 2)), ((20, 28), (3, 4))]
)
def test_a_translation_moves_up_to_an_eighth_and_zeros_in(size, farthest):
    (height, width), pad = size, 6
    x = images(1, 2, *size)
    around = torch.nn.functional.pad(x, [pad] * 4)[0]
    by = [(i, j) for i in range(-pad, pad + 1) for j in range(-pad, pad + 1)]
    moved = {
        (i, j): around[:, pad + i : pad + i + height, pad + j : pad + j + width] for i, j in by
    }
    seen = set()
    for found in translation(x.expand(250, -1, -1, -1), SPREAD):
        (place,) = (place for place in by if torch.equal(found, moved[place]))
        seen.add(place)
    for axis in (0, 1):
        reach = range(-farthest[axis], farthest[axis] + 1)
        assert {place[axis] for place in seen} == set(reach)


@pytest.mark.parametrize("size", [(4, 4), (5, 8), (7, 13)])
def test_a_cutout_is_a_rectangle_of_half_the_size_of_all_channels(size):
    x = torch.ones(2000, 2, *size)
    found = cutout(x, SPREAD)
    assert torch.equal(found[:, 0], found[:, 1])
    cut = found[:, 0] == 0
    assert torch.equal(found, x * ~cut[:, None])
    rows, columns = cut.any(2), cut.any(1)
    assert torch.equal(cut, rows[:, :, None] & columns[:, None, :])
    for covered, length in ((rows, size[0]), (columns, size[1])):
        assert covered.sum(1).max() == int(length / 2 + 0.5)
        assert covered.sum(1).min() >= 1
        assert (covered.float().mean(0) > 0).all()
        assert (covered.int().diff(dim=1) == 1).sum(1).max() <= 1
