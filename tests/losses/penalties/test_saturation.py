"""Saturation is the share of units whose slope is almost gone."""

import pytest
import torch
from torch import nn

from espelho.errors import SettingError
from espelho.losses.penalties.saturation import code_slopes, largest_slope, saturation
from espelho.networks.activations import ACTIVATIONS
from espelho.networks.dense import dense

LARGEST = {
    "linear": 1.0,
    "binary": 0.25,
    "relu": 1.0,
    "logistic": 0.25,
    "tanh": 1.0,
    "selu": 1.7580993408473766,
    "elu": 1.0,
    "leaky-relu": 1.0,
    "softplus": 1.0,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_largest_slope_is_nowhere_exceeded(name):
    found = largest_slope(ACTIVATIONS[name].build())

    assert found == pytest.approx(LARGEST.get(name, found), rel=1e-3)
    a = torch.randn(1000, dtype=torch.float64).requires_grad_()
    (slopes,) = torch.autograd.grad((ACTIVATIONS[name].build()(a * 1.0)).sum(), a)
    assert slopes.max() <= found + 1e-6
    with torch.no_grad():
        assert largest_slope(ACTIVATIONS[name].build()) == found


@pytest.mark.parametrize("name", ["logistic", "tanh", "relu"])
def test_it_counts_the_units_whose_slope_is_below_a_twentieth(name):
    encoder = dense((2, 3), name, name)
    with torch.no_grad():
        encoder[0].weight.zero_()
        encoder[0].bias.copy_(torch.tensor([0.1, 1.0, -30.0]))
    x = torch.randn(8, 2)

    slopes = code_slopes(encoder, x)

    assert slopes.shape == (8, 3)
    assert not slopes.requires_grad
    share = saturation(slopes, largest_slope(encoder[1]))
    assert share.item() == pytest.approx(1 / 3)


def test_what_counts_as_almost_gone_goes_with_the_largest_slope():
    slopes = torch.tensor([[0.25, 0.02, 0.01, 0.0]])

    assert saturation(slopes, 0.25) == 0.5
    assert saturation(slopes, 1.0) == 0.75
    assert saturation(slopes, 0.25, share=0.5) == 0.75


def test_the_slopes_of_logistic_codes_are_their_closed_form():
    encoder, x = dense((4, 6, 3), "tanh", "logistic"), torch.randn(5, 4)
    z = encoder(x).detach()

    torch.testing.assert_close(code_slopes(encoder, x), z * (1 - z))
    with torch.inference_mode():
        torch.testing.assert_close(code_slopes(encoder, x), z * (1 - z))


def test_a_falling_activation_is_not_saturated():
    assert saturation(torch.tensor([[-0.5, 0.0]]), 1.0) == 0.5


def test_linear_codes_are_never_saturated():
    slopes = code_slopes(dense((4, 3), "tanh", "linear"), torch.randn(5, 4))

    assert saturation(slopes, 1.0) == 0


def test_the_slopes_of_another_encoder_are_not_known():
    with pytest.raises(SettingError, match="LayerNorm"):
        code_slopes(nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3)), torch.randn(5, 4))
