"""Layers of image networks: resize-convolution is what it says, padding is undone by cutting."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from espelho.networks.images.layers import (
    IMAGE_NORMALIZATIONS,
    UPSAMPLINGS,
    ResizeConvolution,
    laid_out,
    padded,
)
from espelho.networks.images.residual import ResidualNetwork
from espelho.networks.images.unet import UNet

DOUBLE = {"dtype": torch.float64}


@pytest.mark.parametrize("bias", [True, False])
def test_resize_convolution_repeats_pixels_and_convolves(bias):
    layer = ResizeConvolution(3, 5, bias=bias).double()
    x = torch.randn(2, 3, 4, 7, **DOUBLE)

    expected = F.conv2d(F.interpolate(x, scale_factor=2), layer.weight, layer.bias, padding=1)

    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("name", UPSAMPLINGS)
def test_every_upsampling_doubles_height_and_width(name):
    assert UPSAMPLINGS[name](3, 2)(torch.zeros(1, 3, 5, 4)).shape == (1, 2, 10, 8)


def test_resize_convolution_of_a_constant_has_no_checkerboard_inside():
    layer = ResizeConvolution(2, 1).double()

    inside = layer(torch.ones(1, 2, 6, 6, **DOUBLE))[0, 0, 1:-1, 1:-1]

    torch.testing.assert_close(inside, inside[:1, :1].expand_as(inside))


def test_instance_normalisation_is_torchs_whatever_the_layout():
    layer = IMAGE_NORMALIZATIONS["instance"](3).double()
    x = torch.randn(2, 3, 4, 5, **DOUBLE) * 3 + 1

    expected = F.instance_norm(x, weight=layer.weight, bias=layer.bias)

    torch.testing.assert_close(layer(x), expected)
    torch.testing.assert_close(layer(laid_out(x)), expected)


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 9), width=st.integers(1, 9), multiple=st.integers(1, 16))
def test_padding_is_a_multiple_that_cutting_undoes(height, width, multiple):
    x = torch.arange(float(height * width)).view(1, 1, height, width)

    found = padded(x, multiple)

    assert all(side % multiple == 0 for side in found.shape[2:])
    assert all(a - b < multiple for a, b in zip(found.shape[2:], x.shape[2:], strict=True))
    assert torch.equal(found[:, :, :height, :width], x)


@pytest.mark.parametrize(("size", "extra"), [(5, 3), (8, 7), (4, 2)])
def test_padding_mirrors_as_torch_does(size, extra):
    x = torch.randn(1, 2, size, size)
    expected = F.pad(x, (0, extra, 0, extra), mode="reflect")

    assert torch.equal(padded(x, size + extra), expected)


def test_the_layout_changes_memory_only():
    x = torch.randn(2, 3, 4, 5)
    assert torch.equal(laid_out(x), x)
    assert laid_out(x).is_contiguous(memory_format=torch.channels_last)
    assert laid_out(torch.randn(2, 1, 4, 5)).stride()[1] == 1


@pytest.mark.parametrize(
    "make",
    [lambda **k: UNet(2, 3, (4, 5), **k), lambda **k: ResidualNetwork(2, 3, (4, 5), 1, **k)],
)
@pytest.mark.parametrize("normalization", ["none", *IMAGE_NORMALIZATIONS])
@pytest.mark.parametrize("size", [(1, 1), (4, 7), (9, 16)])
def test_what_comes_out_has_the_size_of_what_came_in(make, normalization, size):
    network = make(normalization=normalization, output_activation="tanh")

    made = network(torch.randn(2, 2, *size))

    assert made.shape == (2, 3, *size)
    assert made.abs().max() <= 1


@pytest.mark.parametrize("make", [UNet, ResidualNetwork])
def test_an_image_of_a_size_that_fits_is_not_touched_by_padding(make):
    network = make(1, 1, (2, 3), normalization="batch").double().eval()
    x = torch.randn(1, 1, 8, 8, **DOUBLE)
    wider = torch.cat([x, x.flip(3)[..., 1:]], dim=3)

    # Mirrored by hand, one column short of a multiple: padding adds what was left out.
    assert torch.equal(padded(wider, 8)[..., :15], wider)
    assert network(x).shape == x.shape


def test_dropout_is_noise_in_training_only():
    for network in (
        UNet(1, 1, (2, 3, 4), dropout=0.5),
        ResidualNetwork(1, 1, (2, 3), 1, dropout=0.5),
    ):
        x = torch.randn(1, 1, 8, 8)
        assert not torch.equal(network(x), network(x))
        network.eval()
        assert torch.equal(network(x), network(x))
        assert any(isinstance(module, nn.Dropout) for module in network.modules())
