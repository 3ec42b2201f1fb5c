"""What networks say that they see is what autograd finds that they see."""

import pytest
import torch

from espelho.networks.images.patch import PATCHES, PatchDiscriminator
from espelho.networks.images.residual import ResidualNetwork
from espelho.networks.images.unet import UNet
from espelho.networks.images.windows import Span, Window, receptive_field, seen


def moved(network, x, place):
    """Return the first and the last row of the image that an output's place depends on."""
    x = x.clone().requires_grad_()
    y = network(x)
    scores = y[..., place, place] if y.ndim == 3 else y[:, :, place, place]
    (gradient,) = torch.autograd.grad(scores.sum(), x)
    rows = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
    return int(rows[0]), int(rows[-1])


@pytest.mark.parametrize("patch", PATCHES)
def test_a_score_depends_on_as_many_pixels_as_the_patch_has(patch):
    network = PatchDiscriminator(2, (128, 128), patch=patch, channels=2, normalization="none")
    network = network.double()
    x = torch.randn(1, 2, 128, 128, dtype=torch.float64)
    middle = network(x).shape[-1] // 2

    first, last = moved(network, x, middle)

    assert last - first + 1 == network.receptive_field == receptive_field(PATCHES[patch])
    assert patch == "pixel" or network.receptive_field == int(patch.split("x")[0])


def test_a_score_of_the_whole_image_depends_on_all_of_it():
    network = PatchDiscriminator(1, (21, 33), patch="image", channels=2, normalization="none")
    x = torch.randn(1, 1, 21, 33, dtype=torch.float64)

    assert network.double()(x).shape == (1, 1, 1)
    assert network.receptive_field is None
    assert moved(network, x, 0) == (0, 20)


GENERATORS = [
    lambda up: UNet(1, 2, (2, 3, 4), normalization="batch", upsampling=up),
    lambda up: UNet(1, 1, (2,), normalization="none", upsampling=up),
    lambda up: ResidualNetwork(1, 1, (2, 3, 4), 1, normalization="batch", upsampling=up),
    lambda up: ResidualNetwork(2, 1, (2, 3), 2, normalization="none", upsampling=up),
]


@pytest.mark.parametrize("upsampling", ["resize", "transposed"])
@pytest.mark.parametrize("make", GENERATORS)
def test_a_generator_reaches_as_far_as_it_says(make, upsampling):
    network = make(upsampling).double().eval()
    channels = next(network.parameters()).shape[1]
    x = torch.randn(8, channels, 96, 96, dtype=torch.float64)  # some rectifiers are dead
    reach = network.reach

    spans = [(p, *moved(network, x, p)) for p in range(48, 48 + reach.multiple)]

    assert max(place - first for place, first, _ in spans) == reach.before
    assert max(last - place for place, _, last in spans) == reach.after
    assert reach.local
    assert reach.receptive_field == reach.before + 1 + reach.after
    assert reach.overlap >= max(reach.before, reach.after)
    assert reach.overlap % reach.multiple == 0


def test_a_tile_with_its_overlap_is_what_the_whole_image_is_there():
    network = UNet(1, 1, (2, 3, 4), normalization="batch").double().eval()
    x = torch.randn(1, 1, 96, 96, dtype=torch.float64)
    margin = network.reach.overlap

    tile = network(x[:, :, 40 - margin : 56 + margin, 40 - margin : 56 + margin])

    inner = tile[:, :, margin:-margin, margin:-margin]
    torch.testing.assert_close(inner, network(x)[:, :, 40:56, 40:56])


def test_instance_normalisation_is_not_local():
    assert not UNet(1, 1, (2, 3)).reach.local
    assert not ResidualNetwork(1, 1, (2, 3), 1).reach.local


def test_repeated_pixels_are_seen_as_a_transposed_convolution_with_its_stride():
    doubled = [Window(2, 2, transposed=True)]
    assert [seen(doubled, Span(o, o)) for o in range(4)] == [(0, 0), (0, 0), (1, 1), (1, 1)]
