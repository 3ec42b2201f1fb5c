"""Crops and flips change both of a pair alike."""

import pytest
import torch

from espelho.models.translators.augmentation import CropAndFlip


def places(n, height, width):
    """Give images whose pixels hold their place."""
    grid = torch.arange(float(height * width)).view(1, 1, height, width)
    return grid.expand(n, 1, height, width).clone()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("crop", [None, 1, 4, 6])
def test_both_of_a_pair_are_changed_alike(crop, training):
    change = CropAndFlip(crop, flips=True).train(training)
    a = places(50, 6, 9)

    x, y = change(a, torch.cat([a, -a], 1))

    assert torch.equal(torch.cat([x, -x], 1), y)
    assert x.shape[2:] == ((6, 9) if crop is None else (crop, crop))


def test_every_place_is_cut_out_sooner_or_later_and_the_pixels_stay_beside_each_other():
    torch.manual_seed(0)
    (x,) = CropAndFlip(4)(places(500, 6, 9))

    corners = {int(corner) for corner in x[:, 0, 0, 0]}
    assert corners == {9 * row + column for row in range(3) for column in range(6)}
    assert torch.equal(
        x[:, 0] - x[:, :, 0, 0, None], (places(1, 6, 9)[0, :, :4, :4]).expand(500, 4, 4)
    )


def test_half_of_the_images_are_mirrored():
    torch.manual_seed(0)
    (x,) = CropAndFlip(flips=True)(places(1000, 2, 3))

    mirrored = (x[:, 0, 0, 0] == 2).double().mean()
    assert 0.4 < mirrored < 0.6
    assert set(x[:, 0, 0, 0].tolist()) == {0.0, 2.0}


def test_in_evaluation_the_middle_is_cut_out_and_nothing_drawn():
    change = CropAndFlip(2, flips=True).eval()
    (x,) = change(places(3, 4, 6))
    assert x[0, 0].tolist() == [[8, 9], [14, 15]]
