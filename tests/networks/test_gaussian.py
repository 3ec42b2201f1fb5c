"""Gaussian encoders: a shared trunk, and a head of its own for the spread."""

import pytest
import torch
from torch import nn

from espelho.networks.dense import dense
from espelho.networks.gaussian import GaussianEncoder, with_two_heads
from espelho.networks.images.convolutional import convolutional_encoder
from espelho.networks.sequences.recurrent import LSTMEncoder

ENCODERS = {
    "dense": lambda: (dense((6, 5, 3), "tanh", "logistic"), torch.randn(4, 6)),
    "without layers": lambda: (dense((6, 3), "tanh", "linear"), torch.randn(4, 6)),
    "convolutional": lambda: (
        convolutional_encoder((1, 4, 4), (2,), 3, "relu", "linear"),
        torch.randn(4, 1, 4, 4),
    ),
    "recurrent": lambda: (LSTMEncoder(2, (5,), 3), torch.randn(4, 6, 2)),
}


@pytest.mark.parametrize("name", ENCODERS)
def test_the_mean_is_what_the_encoder_said_before(name):
    encoder, x = ENCODERS[name]()
    before = encoder(x)

    gaussian = with_two_heads(encoder)

    assert torch.equal(gaussian(x), before)
    mean, spread = gaussian.heads(x)
    assert torch.equal(mean, before)
    assert spread.shape == mean.shape
    assert not torch.equal(spread, mean)


def test_lengths_reach_the_trunk():
    x, lengths = torch.randn(4, 6, 2), torch.tensor([6, 1, 3, 2])
    gaussian = with_two_heads(LSTMEncoder(2, (5,), 3))

    assert torch.equal(gaussian(x, lengths)[1:2], gaussian(x[1:2, :1]))


def test_both_heads_move_the_trunk():
    gaussian = GaussianEncoder(nn.Linear(3, 4), nn.Linear(4, 2), nn.Linear(4, 2))
    for head in (0, 1):
        gaussian.zero_grad()
        gaussian.heads(torch.randn(5, 3))[head].sum().backward()
        assert gaussian.trunk.weight.grad.abs().sum() > 0
