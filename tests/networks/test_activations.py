"""Activations stay in their range, and weights are drawn as the theory says."""

import math
from typing import get_args

import pytest
import torch
from torch import nn

from espelho.estimators import fields
from espelho.networks.activations import ACTIVATIONS, Binary, fans, initialise
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


CONVOLUTIONS = {
    "convolution": lambda k, s: nn.Conv2d(40, 60, k, s),
    "transposed": lambda k, s: nn.ConvTranspose2d(40, 60, k, s),
    "of a signal": lambda k, s: nn.Conv1d(200, 150, k, s),
    "transposed, of a signal": lambda k, s: nn.ConvTranspose1d(200, 150, k, s),
}


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (4, 2), (3, 2), (5, 3)])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_fans_are_what_an_output_sums_and_what_an_input_reaches(name, kernel, stride):
    layer = CONVOLUTIONS[name](kernel, stride).double()
    axes = len(layer.kernel_size)
    nn.init.ones_(layer.weight)
    nn.init.zeros_(layer.bias)
    x = torch.ones(1, layer.in_channels, *[31] * axes, dtype=torch.float64, requires_grad=True)

    y = layer(x)
    y.sum().backward()

    # Whole periods of the stride, away from the borders.
    inside = (..., *[slice(6, 6 + 6)] * axes)
    assert fans(layer) == pytest.approx((y[inside].mean().item(), x.grad[inside].mean().item()))


@pytest.mark.parametrize(("kernel", "stride"), [((3, 4), (1, 2)), ((1, 5), (1, 3))])
def test_fans_of_kernels_that_are_not_square(kernel, stride):
    layer = nn.Conv2d(2, 3, kernel, stride)
    assert fans(layer) == (2 * math.prod(kernel), 3 * math.prod(kernel) / math.prod(stride))
    assert fans(nn.ConvTranspose2d(3, 2, kernel, stride)) == fans(layer)[::-1]


def test_a_kernel_narrower_than_the_stride_reaches_one_output():
    assert fans(nn.Conv2d(2, 3, 1, 2)) == (2, 3)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_weights_of_convolutions_have_the_variance_of_the_theory(name, activation):
    layer = CONVOLUTIONS[name](4, 2)
    layer.bias.data.fill_(7.0)
    initialise(layer, activation)
    variance = theory(activation, *fans(layer))

    assert layer.weight.var().item() == pytest.approx(variance, rel=0.04)
    assert not layer.bias.any()


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (4, 2)])
def test_convolutions_keep_the_scale_of_a_signal(kind, kernel, stride):
    x = torch.randn(2, 64, 16, 16)
    for _ in range(6):
        layer = kind(64, 64, kernel, stride)
        initialise(layer, "relu")
        with torch.no_grad():
            x = layer(x).relu()
        x = x[..., 2:-2, 2:-2] if kind is nn.ConvTranspose2d else x
        x = x.repeat(1, 1, 2, 2) if x.shape[-1] < 8 else x[..., :16, :16]
        assert 0.5 < x.square().mean().sqrt() < 1.6


def test_a_logistic_layer_is_drawn_narrower_at_the_end_of_a_network():
    layer = nn.Linear(600, 400)
    initialise(layer, "logistic", last=True)
    assert layer.weight.var().item() == pytest.approx(theory("linear", 600, 400), rel=0.02)


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
