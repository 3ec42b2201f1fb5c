"""Dense networks are the sums and activations they are described as; a tied one is W^T."""

import jaxtyping
import pytest
import torch
from torch import nn

from espelho.networks.activations import ACTIVATIONS
from espelho.networks.dense import NORMALIZATIONS, TiedLinear, dense, tied


@pytest.mark.parametrize("sizes", [(4, 2), (4, 7, 2), (1, 1, 1, 1)])
def test_a_dense_network_is_what_its_sizes_say(sizes):
    network = dense(sizes, "tanh", "logistic")
    x = torch.randn(3, sizes[0])

    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    h = x
    for index, layer in enumerate(layers):
        a = h @ layer.weight.t() + layer.bias
        h = a.sigmoid() if index == len(layers) - 1 else a.tanh()

    assert [layer.out_features for layer in layers] == list(sizes[1:])
    torch.testing.assert_close(network(x), h)


def test_a_linear_activation_adds_no_layer():
    assert [type(layer) for layer in dense((3, 2, 1), "linear", "linear")] == [nn.Linear] * 2


@pytest.mark.parametrize("last", ["linear", "logistic"])
@pytest.mark.parametrize("activation", ["linear", "tanh", "relu"])
def test_a_tied_network_multiplies_by_the_transposed_weights(activation, last):
    encoder = dense((6, 5, 4), activation, "linear")
    decoder = tied(encoder, activation, last)
    for layer in decoder:
        if isinstance(layer, TiedLinear):
            nn.init.normal_(layer.bias)
    biases = [layer.bias for layer in decoder if isinstance(layer, TiedLinear)]
    first, second = (layer.weight for layer in encoder if isinstance(layer, nn.Linear))
    z = torch.randn(3, 4)

    h = ACTIVATIONS[activation].build()(z @ second + biases[0])
    expected = ACTIVATIONS[last].build()(h @ first + biases[1])

    torch.testing.assert_close(decoder(z), expected)


def test_a_tied_network_has_biases_and_no_weights_of_its_own():
    encoder = dense((6, 5, 4), "relu", "linear")
    decoder = tied(encoder, "relu", "linear")
    both = nn.ModuleDict({"encoder": encoder, "decoder": decoder})

    assert [tuple(p.shape) for p in decoder.parameters()] == [(5,), (6,)]
    weights = [name for name, p in both.named_parameters() if p.ndim == 2]
    assert weights == ["encoder.0.weight", "encoder.2.weight"]
    assert [n for n in both.state_dict() if n.startswith("decoder")] == [
        "decoder.0.bias",
        "decoder.2.bias",
    ]


def test_the_gradient_of_shared_weights_is_the_sum_of_both_uses():
    encoder = dense((3, 2), "linear", "linear").double()
    decoder = tied(encoder, "linear", "linear").double()
    weight, x = encoder[0].weight, torch.randn(4, 3, dtype=torch.float64)

    decoder(encoder(x)).square().sum().backward()

    down = weight.detach().clone().requires_grad_()
    up = weight.detach().clone().requires_grad_()
    (x @ down.t() @ up).square().sum().backward()
    torch.testing.assert_close(weight.grad, down.grad + up.grad)


def test_shapes_that_do_not_agree_raise():
    layer = TiedLinear(nn.Linear(3, 2))
    with pytest.raises(jaxtyping.TypeCheckError):
        layer(torch.zeros(4, 2, 1))
    with pytest.raises(RuntimeError):
        layer(torch.zeros(4, 3))


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_what_normalises_stands_before_each_hidden_activation(name):
    network = dense((5, 4, 3, 2), "relu", "linear", name)
    kinds = [type(module).__name__ for module in network]
    kind = type(NORMALIZATIONS[name](1)).__name__
    assert kinds == ["Linear", kind, "ReLU", "Linear", kind, "ReLU", "Linear"]
    assert [m.bias is None for m in network if isinstance(m, nn.Linear)] == [True, True, False]
    mirrored = tied(network, "relu", "linear", name)
    assert [type(module).__name__ for module in mirrored][1::3] == [kind, kind]
    assert mirrored(network(torch.randn(6, 5))).shape == (6, 5)


def test_batch_normalisation_makes_a_hidden_unit_standard():
    network = dense((5, 4, 2), "linear", "linear", "batch")
    hidden = network[:2](3 + 7 * torch.randn(64, 5))
    torch.testing.assert_close(hidden.mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(hidden.std(0, correction=0), torch.ones(4), atol=1e-3, rtol=0)


def test_a_single_logistic_layer_at_the_end_is_not_saturated_by_its_first_weights():
    code = dense((64, 256, 64, 8), "relu", "logistic")(torch.randn(200, 64))
    assert ((code > 0.01) & (code < 0.99)).double().mean() > 0.9


@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_dropout_follows_each_activation_but_the_last(normalization):
    encoder = dense((6, 5, 5, 4), "tanh", "tanh", normalization, 0.5)
    decoder = tied(encoder, "tanh", "linear", normalization, 0.5)
    for network in (encoder, decoder):
        kinds = [type(layer) for layer in network]
        assert kinds.count(nn.Dropout) == 2
        assert all(kinds[i - 1] is nn.Tanh for i, kind in enumerate(kinds) if kind is nn.Dropout)
        assert kinds[-1] is not nn.Dropout
    assert not any(isinstance(m, nn.Dropout) for m in dense((6, 5, 4), "tanh", "tanh"))


def test_dropout_keeps_the_mean_in_training_and_is_nothing_in_evaluation():
    network = dense((3, 4000, 1), "relu", "linear", dropout=0.3)
    plain = dense((3, 4000, 1), "relu", "linear")
    plain.load_state_dict(
        dict(zip(plain.state_dict(), network.state_dict().values(), strict=True))
    )
    x = torch.rand(1, 3)
    hidden = nn.Sequential(*network[:3])

    assert (hidden(x) == 0).float().mean() > 0.3
    torch.testing.assert_close(hidden(x).mean(), hidden.eval()(x).mean(), rtol=0.1, atol=0)
    torch.testing.assert_close(network.eval()(x), plain(x))
