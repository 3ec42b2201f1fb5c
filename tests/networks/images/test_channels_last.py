"""Channels last: another order in memory, and the same network."""

import pytest
import torch
from torch import nn

from espelho.networks.images.channels_last import channels_last
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder

SHAPES = [(1, 8, 8), (3, 9, 7), (2, 4, 12), (6, 5), (11,)]


def networks(shape):
    torch.manual_seed(0)
    encoder = convolutional_encoder(shape, (4, 6), 3, "leaky-relu", "linear")
    decoder = convolutional_decoder(shape, (4, 6), 3, "relu", "tanh", normalization="batch")
    return encoder.double(), decoder.double()


def by_pixel(rows, grid):
    """Return the columns of vectors of images by channel in the order of pixels."""
    return rows.unflatten(-1, grid).movedim(-3, -1).flatten(-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_encoder_gives_the_same(shape):
    encoder, _ = networks(shape)
    x = torch.randn(5, *shape, dtype=torch.float64)
    expected, last = encoder(x), encoder[-1]
    grid = encoder[:-2](x).shape[1:]

    own = channels_last(encoder)
    if len(grid) == 3:
        last.weight.data = by_pixel(last.weight.data, grid)

    torch.testing.assert_close(own(x.clone()), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_decoder_gives_the_same(shape):
    _, decoder = networks(shape)
    z = torch.randn(5, 3, dtype=torch.float64)
    expected, first = decoder(z), decoder[0]
    grid = decoder[:2](z).shape[1:]

    own = channels_last(decoder)
    if len(grid) == 3:
        first.weight.data = by_pixel(first.weight.data.T, grid).T

    torch.testing.assert_close(own(z), expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_convolutions_see_channels_last(channels):
    encoder = channels_last(networks((channels, 8, 8))[0])
    seen = []
    for layer in encoder:
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_pre_hook(lambda _, given: seen.append(given[0].stride()))

    encoder(torch.randn(2, channels, 8, 8, dtype=torch.float64))

    assert [strides[1] for strides in seen] == [1, 1]


def test_slopes_of_slopes_are_right():
    encoder = channels_last(networks((2, 6, 5))[0])
    x = torch.randn(3, 2, 6, 5, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradgradcheck(lambda x: encoder(x).tanh(), (x,))
