"""Convolutional networks give back the shape that came in, whatever it is, and learn."""

import copy
from itertools import product

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from torch import nn

from espelho.errors import SettingError, ShapeError
from espelho.networks.activations import ACTIVATIONS, fans
from espelho.networks.images.convolutional import (
    CONVOLUTIONAL_NORMALIZATIONS,
    convolutional_decoder,
    convolutional_encoder,
)

SHAPES = [(9,), (1,), (8, 8), (7, 5), (1, 6), (1, 1), (3, 6, 5), (2, 1, 9), (1, 8, 8)]
WINDOWS = [(k, s) for k, s in product((1, 2, 3, 4, 5), (1, 2, 3)) if k >= s]
NORMALIZATIONS = ("none", *CONVOLUTIONAL_NORMALIZATIONS)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)


def pair(shape, channels=(3, 4), latent_dim=2, activation="tanh", last="linear", **settings):
    """Return an encoder and a decoder with the same settings."""
    return tuple(
        build(shape, channels, latent_dim, activation, last, **settings)
        for build in (convolutional_encoder, convolutional_decoder)
    )


def convolutions(network):
    return [module for module in network if isinstance(module, CONVOLUTIONS)]


@given(
    st.lists(st.integers(1, 13), min_size=1, max_size=3),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.integers(1, 6),
    st.integers(1, 4),
)
@settings(max_examples=100, deadline=None)
def test_what_comes_out_has_the_shape_that_came_in(shape, channels, kernel, stride):
    assume(kernel >= stride)
    encoder, decoder = pair(tuple(shape), channels, kernel=kernel, stride=stride)
    z = encoder(torch.randn(2, *shape))
    assert z.shape == (2, 2)
    assert decoder(z).shape == (2, *shape)


@pytest.mark.parametrize(("kernel", "stride"), WINDOWS)
def test_each_convolution_divides_the_size_and_its_partner_restores_it(kernel, stride):
    for size in range(1, 20):
        encoder, decoder = pair((size,), (2, 2), kernel=kernel, stride=stride)
        sizes, x = [size], torch.randn(1, 1, size)
        for layer in convolutions(encoder):
            x = layer(x)
            sizes.append(x.shape[-1])
        back = [x.shape[-1]]
        for layer in convolutions(decoder):
            x = layer(x)
            back.append(x.shape[-1])

        cut = convolutions(encoder)[0].kernel_size[0]
        grows = int(stride == 1 and cut % 2 == 0)
        assert sizes[1] == -(-size // stride) + grows
        assert back == sizes[::-1]


@pytest.mark.parametrize(("kernel", "stride"), WINDOWS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_single_weight_and_every_element_of_a_sample_matters(shape, kernel, stride):
    encoder, decoder = pair(shape, kernel=kernel, stride=stride)
    encoder, decoder = encoder.double(), decoder.double()
    x = torch.randn(8, *shape, dtype=torch.float64, requires_grad=True)
    decoder(encoder(x)).pow(3).sum().backward()
    for network in (encoder, decoder):
        for name, parameter in network.named_parameters():
            assert parameter.grad.all(), name
    assert x.grad.all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (3, 2, 1)])
def test_a_kernel_is_as_wide_as_it_can_reach(shape):
    encoder, decoder = pair(shape, (2, 2, 2), kernel=7, stride=2)
    reach = {1: 1, 2: 2, 3: 5, 4: 6}
    kernel = tuple(reach[size] for size in shape[-2:])
    assert convolutions(encoder)[0].kernel_size == kernel
    assert convolutions(decoder)[-1].kernel_size == kernel


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("shape", [(9,), (7, 5), (3, 6, 5)])
def test_a_sample_alone_is_treated_as_in_a_batch(shape, normalization, dtype):
    networks = pair(shape, normalization=normalization, activation="relu")
    encoder, decoder = (network.to(dtype) for network in networks)
    x = torch.randn(6, *shape, dtype=dtype)
    decoder(encoder(x))  # so that batch statistics are not the ones they start from
    encoder.eval()
    decoder.eval()

    together = decoder(encoder(x))
    alone = torch.cat([decoder(encoder(row)) for row in x.split(1)])

    assert together.dtype == dtype
    torch.testing.assert_close(alone, together)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_reach_every_parameter(activation, normalization):
    encoder, decoder = pair((7, 5), (4, 6), 3, activation, "tanh", normalization=normalization)
    decoder(encoder(torch.randn(16, 7, 5))).pow(3).sum().backward()
    for name, parameter in [*encoder.named_parameters(), *decoder.named_parameters()]:
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("shape", [(9,), (7, 5), (3, 6, 5)])
def test_saved_weights_loaded_give_the_same_outputs(shape, normalization):
    encoder, decoder = pair(shape, normalization=normalization)
    x = torch.randn(4, *shape)
    decoder(encoder(x))
    again = pair(shape, normalization=normalization)
    for network, other in zip((encoder, decoder), again, strict=True):
        other.load_state_dict(copy.deepcopy(network.state_dict()))
        network.eval()
        other.eval()
    assert torch.equal(again[1](again[0](x)), decoder(encoder(x)))


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_channels_last_memory_survives_and_changes_nothing(normalization):
    encoder, decoder = pair((3, 8, 6), (4, 5), normalization=normalization)
    x = torch.randn(4, 3, 8, 6)
    expected = decoder(encoder(x))
    inside = []

    def note(module, inputs, output):
        inside.append(output.is_contiguous(memory_format=torch.channels_last))

    last = [m.to(memory_format=torch.channels_last) for m in (encoder, decoder)]
    for network in last:
        for module in convolutions(network):
            module.register_forward_hook(note)
    output = last[1](last[0](x.to(memory_format=torch.channels_last)))

    torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-4)
    assert inside == [True] * 4
    output.square().sum().backward()


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 3)])
def test_they_are_twice_differentiable(shape, normalization):
    networks = pair(shape, (2,), normalization=normalization, kernel=3)
    encoder, decoder = (network.double().eval() for network in networks)
    x = torch.randn(2, *shape, dtype=torch.float64, requires_grad=True)
    z = torch.randn(2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(encoder, x)
    assert torch.autograd.gradgradcheck(decoder, z)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 3)])
def test_jacobians_by_function_transforms_are_those_of_autograd(shape, normalization):
    encoder = pair(shape, (2,), activation="gelu", normalization=normalization)[0]
    encoder = encoder.double().eval()
    x = torch.randn(3, *shape, dtype=torch.float64)

    def one(sample):
        return encoder(sample.unsqueeze(0)).squeeze(0)

    by_vmap = torch.func.vmap(torch.func.jacrev(one))(x)
    by_autograd = torch.stack([torch.autograd.functional.jacobian(one, row) for row in x])
    torch.testing.assert_close(by_vmap, by_autograd)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_layers_before_a_normalisation_have_no_bias(normalization):
    for network in pair((8, 8), (3, 4), normalization=normalization):
        weighted = [m for m in network if isinstance(m, (nn.Linear, *CONVOLUTIONS))]
        has_bias = [m.bias is not None for m in weighted]
        assert has_bias == [normalization == "none"] * 2 + [True]


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_what_normalises_stands_before_each_hidden_activation(normalization):
    encoder, decoder = pair((1, 8, 8), (3, 4), normalization=normalization)
    normal = {"none": [], "batch": ["BatchNorm2d"], "layer": ["GroupNorm"]}[normalization]
    between = [*normal, "Tanh"]
    down, up = [[type(module).__name__ for module in network] for network in (encoder, decoder)]
    assert down == ["Conv2d", *between, "Conv2d", *between, "Flatten", "Linear"]
    assert up == ["Linear", "Unflatten", *between, "ConvTranspose2d", *between, "ConvTranspose2d"]


def test_layer_normalisation_is_over_channels_and_places():
    encoder = pair((8, 8), (3, 4), activation="linear", normalization="layer")[0]
    a = encoder[:2](5 + 3 * torch.randn(6, 8, 8))
    every = {"dim": (1, 2, 3), "keepdim": True}
    expected = (a - a.mean(**every)) / a.std(**every, correction=0)
    torch.testing.assert_close(encoder[2](a), expected, atol=1e-4, rtol=1e-4)


def test_batch_normalisation_is_per_channel():
    encoder = pair((8, 8), (3, 4), activation="linear", normalization="batch")[0]
    hidden = encoder[:3](5 + 3 * torch.randn(6, 8, 8)).transpose(0, 1).flatten(1)
    torch.testing.assert_close(hidden.mean(1), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(hidden.std(1, correction=0), torch.ones(3), atol=1e-3, rtol=0)


@pytest.mark.parametrize("shape", [(3, 8, 7), (64,)])
def test_every_layer_is_drawn_for_the_activation_that_follows_it(shape):
    for network in pair(shape, (40, 60), 50, "relu", "logistic"):
        weighted = [m for m in network if isinstance(m, (nn.Linear, *CONVOLUTIONS))]
        for layer in weighted:
            fan_in, fan_out = fans(layer)
            rectified, symmetric = 2 / fan_in, 2 / (fan_in + fan_out)
            variance = symmetric if layer is weighted[-1] else rectified
            deviation = (2 / layer.weight.numel()) ** 0.5
            assert layer.weight.var().item() == pytest.approx(variance, rel=5 * deviation)
            assert not layer.bias.any()


@pytest.mark.parametrize("last", ["linear", "logistic", "tanh"])
def test_the_last_activation_ends_both(last):
    build = None if last == "linear" else type(ACTIVATIONS[last].build())
    for network in pair((1, 8, 8), last=last):
        kinds = [type(module) for module in network]
        assert (kinds[-1] is build) == (build is not None)
        assert kinds.count(build) == (0 if build is None else 3 if last == "tanh" else 1)


@pytest.mark.parametrize("shape", [(8, 8), (7, 5), (64,)])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_training_beats_the_constant_mean_on_digits(shape, normalization):
    images = torch.from_numpy(load_digits().images[:128] / 16).float()
    if shape[-1] == 64:
        x = images.flatten(1)
    else:
        x = images[:, : shape[-2], : shape[-1]].reshape(-1, *shape)
    networks = pair(shape, (8, 16), 16, "relu", normalization=normalization)
    optimizer = torch.optim.Adam([p for n in networks for p in n.parameters()], 1e-2)
    for _ in range(100):
        optimizer.zero_grad()
        error = (networks[1](networks[0](x)) - x).square().flatten(1).sum(1).mean()
        error.backward()
        optimizer.step()
    constant = (x - x.mean(0)).square().flatten(1).sum(1).mean()
    assert error < 0.85 * constant


@pytest.mark.parametrize("shape", [(), (1, 2, 3, 4), (0, 3), (2, 0, 3)])
def test_a_shape_that_is_no_image_and_no_signal_raises(shape):
    for build in (convolutional_encoder, convolutional_decoder):
        with pytest.raises(ShapeError, match="height, width"):
            build(shape, (2,), 2, "relu", "linear")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"channels": ()}, "at least one convolution"),
        ({"channels": (3, 0)}, "channels must be at least 1, got 0"),
        ({"latent_dim": 0}, "latent_dim must be at least 1"),
        ({"kernel": 0}, "kernel must be at least 1"),
        ({"stride": 0}, "stride must be at least 1"),
        ({"kernel": 2, "stride": 3}, "got 2 and 3"),
    ],
)
def test_numbers_that_make_no_network_raise(changed, message):
    with pytest.raises(SettingError, match=message):
        pair((8, 8), **changed)
