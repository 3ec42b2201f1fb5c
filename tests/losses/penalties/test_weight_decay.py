"""Penalties count every weight once, and no bias."""

from typing import get_args

import torch
from torch import nn

from espelho.estimators import fields
from espelho.losses.penalties.weight_decay import weight_decay, weights
from espelho.networks.dense import dense, tied
from espelho.training.optimization.optimizers import OPTIMIZERS
from espelho.training.optimization.schedules import SCHEDULES


def test_shared_weights_are_counted_once_and_biases_never():
    encoder = dense((5, 4, 3), "tanh", "linear")
    decoder = tied(encoder, "tanh", "linear")
    for parameter in decoder.parameters():
        nn.init.normal_(parameter)

    found = weights((encoder, decoder, encoder))

    assert [id(p) for p in found] == [id(encoder[0].weight), id(encoder[2].weight)]
    expected = encoder[0].weight.square().sum() + encoder[2].weight.square().sum()
    torch.testing.assert_close(weight_decay(found), expected)


def test_the_gain_of_a_normalisation_is_no_weight():
    norm = nn.BatchNorm2d(3)
    convolution = nn.Conv2d(1, 3, 2)

    assert [tuple(p.shape) for p in weights((norm, convolution))] == [(3, 1, 2, 2)]


def test_the_gradient_of_weight_decay_is_twice_the_weights():
    layer = nn.Linear(3, 2)

    weight_decay(weights((layer,))).backward()

    torch.testing.assert_close(layer.weight.grad, 2 * layer.weight.detach())
    assert layer.bias.grad is None


def test_the_names_of_the_fields_are_those_of_the_tables():
    assert get_args(fields.OptimizerName) == tuple(OPTIMIZERS)
    assert get_args(fields.ScheduleName) == tuple(SCHEDULES)
