"""Equalised learning rates: weights of variance one, and sizes changed within a convolution."""

import math

import pytest
import torch
from torch.nn import functional as F

from espelho.networks.growing.equalized import EqualizedConvolution, EqualizedLinear, boxed

SIZES = [(4, 4), (6, 8), (5, 7), (8, 5)]


def convolution(resampling, gain=1.0):
    torch.manual_seed(0)
    layer = EqualizedConvolution(3, 4, gain=gain, resampling=resampling).double()
    layer.bias.data.normal_()
    return layer


def plain(layer, x):
    return F.conv2d(x, layer.weight * layer.scale, layer.bias, padding=1)


@pytest.mark.parametrize("size", SIZES)
def test_doubling_is_repeated_pixels_and_then_the_convolution(size):
    layer, x = convolution("double"), torch.randn(2, 3, *size, dtype=torch.float64)
    expected = plain(layer, x.repeat_interleave(2, 2).repeat_interleave(2, 3))
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("size", SIZES)
def test_halving_is_the_convolution_and_then_means_of_four_pixels(size):
    layer, x = convolution("halve"), torch.randn(2, 3, *size, dtype=torch.float64)
    even = F.pad(x, (0, size[1] % 2, 0, size[0] % 2), mode="replicate")
    torch.testing.assert_close(layer(x), F.avg_pool2d(plain(layer, even), 2))


@pytest.mark.parametrize("resampling", ["none", "double", "halve"])
def test_gradients_are_those_of_the_slow_way(resampling):
    layer = convolution(resampling)
    x = torch.randn(2, 3, 4, 6, dtype=torch.float64, requires_grad=True)

    def slow(x):
        if resampling == "double":
            x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        h = plain(layer, x)
        return F.avg_pool2d(h, 2) if resampling == "halve" else h

    for own, other in zip(
        *(torch.autograd.grad(f(x).sin().sum(), [x, *layer.parameters()]) for f in (layer, slow)),
        strict=True,
    ):
        torch.testing.assert_close(own, other)


@pytest.mark.parametrize("gain", [1.0, math.sqrt(2)])
@pytest.mark.parametrize("width", [2, 64])
def test_what_comes_out_has_the_variance_of_what_went_in_times_the_gain(gain, width):
    dense = EqualizedLinear(width, 4000, gain=gain)
    x = torch.randn(200, width)
    assert dense(x).var().item() == pytest.approx(gain**2 * x.var().item(), rel=0.2)
    assert dense.weight.std().item() == pytest.approx(1, rel=0.05)

    image = EqualizedConvolution(width, 400, gain=gain)
    x = torch.randn(8, width, 16, 16)
    inside = image(x)[..., 1:-1, 1:-1]
    assert inside.var().item() == pytest.approx(gain**2, rel=0.2)


def test_one_step_of_adam_moves_used_weights_in_proportion_to_their_size():
    moves = []
    for width in (4, 400):
        layer = EqualizedLinear(width, 50)
        before = layer.weight.detach() * layer.scale
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
        layer(torch.randn(20, width)).square().sum().backward()
        optimizer.step()
        used = layer.weight.detach() * layer.scale
        moves.append(float((used - before).abs().mean() / before.abs().mean()))
    assert moves[0] == pytest.approx(moves[1], rel=0.1)


def test_a_boxed_kernel_has_four_times_the_sum():
    kernel = torch.randn(4, 3, 3, 3, dtype=torch.float64)
    torch.testing.assert_close(boxed(kernel, 0.5).sum((2, 3)), 2 * kernel.sum((2, 3)))
