"""Activations stay in their range, and weights are drawn as the theory says."""

import math
from typing import get_args

import pytest
import torch
from torch import nn

from espelho.estimators import fields
from espelho.networks.activations import ACTIVATIONS, Binary, initialise
from espelho.networks.dense import dense

INFINITE = math.inf
RANGES = {
    "linear": (-INFINITE, INFINITE), "binary": (0, 1), "relu": (0, INFINITE),
    "logistic": (0, 1), "tanh": (-1, 1), "selu": (-1.7581, INFINITE), "elu": (-1, INFINITE),
    "leaky-relu": (-INFINITE, INFINITE), "gelu": (-0.17, INFINITE),
    "silu": (-0.2785, INFINITE), "mish": (-0.3089, INFINITE), "softplus": (0, INFINITE),
}  # fmt: skip
HE = ("relu", "elu", "leaky-relu", "gelu", "silu", "mish")
GLOROT = ("linear", "binary", "tanh", "softplus")
WIDE_GLOROT = ("logistic",)
LECUN = ("selu",)


def test_the_tables_name_the_same_activations():
    assert RANGES.keys() == ACTIVATIONS.keys()
    assert {*HE, *GLOROT, *WIDE_GLOROT, *LECUN} == ACTIVATIONS.keys()
    assert get_args(fields.ActivationName) == tuple(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_gradient_are_finite_and_in_range(name):
    a = torch.cat([torch.linspace(-100, 100, 4001), torch.tensor([0.0, -1e30, 1e30])])
    a.requires_grad_()

    h = ACTIVATIONS[name].build()(a)
    h.sum().backward()

    low, high = RANGES[name]
    assert h.shape == a.shape
    assert h.isfinite().all()
    assert a.grad.isfinite().all()
    assert low <= h.min() + 1e-6
    assert h.max() - 1e-6 <= high


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"binary"}))
def test_the_gradient_is_the_slope(name):
    a = torch.tensor([-2.3, -0.7, -0.1, 0.2, 0.9, 3.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(ACTIVATIONS[name].build(), a)


def test_the_binary_unit_is_a_step_whose_gradient_is_the_logistic_functions():
    a = torch.randn(100, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(100, dtype=torch.float64)

    h = Binary()(a)
    (through_step,) = torch.autograd.grad((weights * h).sum(), a)
    (through_logistic,) = torch.autograd.grad((weights * a.sigmoid()).sum(), a)

    torch.testing.assert_close(h, (a > 0).double())
    torch.testing.assert_close(through_step, through_logistic)


def drawn(activation, inputs=600, outputs=400):
    layer = nn.Linear(inputs, outputs)
    layer.bias.data.fill_(7.0)
    initialise(layer, activation)
    return layer


def theory(activation, inputs, outputs):
    if activation in HE:
        return 2 / inputs
    if activation in LECUN:
        return 1 / inputs
    return (16 if activation in WIDE_GLOROT else 1) * 2 / (inputs + outputs)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_weights_have_mean_zero_and_the_variance_of_the_theory(activation):
    layer = drawn(activation)
    variance = theory(activation, 600, 400)

    assert layer.weight.var().item() == pytest.approx(variance, rel=0.02)
    assert abs(layer.weight.mean().item()) < 5 * (variance / layer.weight.numel()) ** 0.5
    assert not layer.bias.any()


def test_a_layer_without_bias_is_initialised_too():
    layer = nn.Linear(600, 400, bias=False)
    initialise(layer, "relu")
    assert layer.weight.var().item() == pytest.approx(2 / 600, rel=0.02)


@pytest.mark.parametrize(("activation", "low"), [("relu", 0.5), ("selu", 0.7), ("tanh", 0.1)])
def test_ten_layers_keep_the_scale_of_a_signal(activation, low):
    network = dense((256,) * 11, activation, activation)
    x = torch.randn(500, 256)

    with torch.no_grad():
        scales = [x.square().mean().sqrt().item()]
        for module in network:
            x = module(x)
            if not isinstance(module, nn.Linear):
                scales.append(x.square().mean().sqrt().item())

    assert len(scales) == 11
    assert min(scales) > low
    assert max(scales) < 1.6
