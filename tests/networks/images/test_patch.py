"""Patch discriminators: the sizes that are chosen, and those that are refused."""

import pytest
import torch

from espelho.errors import ShapeError
from espelho.networks.images.patch import PATCHES, PatchDiscriminator, fitting_patch


@pytest.mark.parametrize("side", [4, 8, 16, 26, 27, 28, 56, 57, 64, 116, 117, 512])
def test_the_patch_that_is_chosen_fits(side):
    patch = fitting_patch((side, 2 * side))

    network = PatchDiscriminator(1, (side, side), patch=patch, channels=1)

    assert network(torch.zeros(2, 1, side, side)).shape[0] == 2
    assert network.receptive_field is None or network.receptive_field <= 0.6 * side


@pytest.mark.parametrize("patch", [name for name in PATCHES if name != "pixel"])
def test_a_patch_larger_than_the_images_is_refused(patch):
    side = int(patch.split("x")[0])
    PatchDiscriminator(1, (side, side), patch=patch, channels=1)

    with pytest.raises(ShapeError, match=f"patch='{patch}'.*{side - 1} x {side}"):
        PatchDiscriminator(1, (side - 1, side), patch=patch, channels=1)


@pytest.mark.parametrize("normalization", ["none", "instance", "batch"])
def test_pixels_are_judged_each_by_itself(normalization):
    network = PatchDiscriminator(3, (5, 6), patch="pixel", channels=2, normalization=normalization)
    assert network.eval()(torch.zeros(2, 3, 5, 6)).shape == (2, 5, 6)
    assert network.receptive_field == 1
