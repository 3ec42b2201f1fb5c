"""Contraction is the squared Frobenius norm of the Jacobian, by whatever way it is found."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from espelho.errors import SettingError
from espelho.losses.penalties import dense_jacobian
from espelho.losses.penalties.contraction import contraction, encode_with_contraction
from espelho.networks.activations import ACTIVATIONS
from espelho.networks.dense import dense, tied
from espelho.networks.k_sparse import KSparse

SIZES = [(6, 4), (6, 9, 4), (7, 5, 6, 3), (3, 6, 4, 5, 8), (9, 2, 7), (4, 4, 4, 4, 4)]
METHODS = ["exact", "hutchinson"]


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)


def by_autograd(encoder, x, weight=None):
    """Return the penalty by the Jacobian of the whole batch, which autograd differentiates."""
    jacobian = torch.autograd.functional.jacobian(
        lambda rows: encoder(rows).flatten(1).sum(0), x, create_graph=True
    )
    norms = jacobian.square().sum(0).flatten(1).sum(1)
    return norms.mean() if weight is None else torch.dot(weight, norms) / len(x)


def spread(encoder):
    """Give every parameter a value that matters."""
    for parameter in encoder.parameters():
        nn.init.normal_(parameter, std=0.7)
    return encoder


def gradients(value, module):
    found = torch.autograd.grad(value, list(module.parameters()), allow_unused=True)
    return [torch.zeros(()) if g is None else g for g in found]


def assert_same_gradients(value, expected, module):
    for found, wanted in zip(gradients(value, module), gradients(expected, module), strict=True):
        torch.testing.assert_close(found, wanted.expand_as(found), rtol=1e-8, atol=1e-10)


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(27, 2), nn.Sigmoid()
    )


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(2, 3, batch_first=True)

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3))

    def forward(self, x):
        return torch.softmax(x @ self.weight, dim=1).reshape(len(x), 3, 1)


OTHERS = {
    "convolutional": (convolutional, (1, 4, 4)),
    "recurrent": (Recurrent, (5, 2)),
    "own": (Own, (4,)),
    "layer normalisation": (lambda: dense((4, 6, 3), "tanh", "linear", "layer"), (4,)),
    "softmax": (lambda: nn.Sequential(nn.Linear(4, 3), nn.Softmax(1)), (4,)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES)
def test_for_any_depth_and_activation_it_is_the_norm_of_the_jacobian(sizes, name):
    encoder, x = spread(dense(sizes, name, name)), torch.randn(5, sizes[0])
    weight = torch.tensor([0.5, 2.0, 0.0, 1.0, 1.5])

    for w in (None, weight):
        z, penalty = encode_with_contraction(encoder, x, method="exact", weight=w)
        expected = by_autograd(encoder, x, w)

        torch.testing.assert_close(z, encoder(x))
        torch.testing.assert_close(penalty, expected)
        assert_same_gradients(penalty, expected, encoder)


def test_it_is_the_norm_of_the_jacobian_by_functional_transforms():
    encoder, x = spread(dense((5, 6, 3), "gelu", "logistic")), torch.randn(4, 5)

    jacobians = torch.vmap(torch.func.jacrev(lambda row: encoder(row)))(x)

    torch.testing.assert_close(
        contraction(encoder, x, method="exact"), jacobians.square().sum((1, 2)).mean()
    )


@pytest.mark.parametrize("method", ["auto", "exact"])
def test_one_layer_has_its_closed_form(method):
    encoder, x = dense((6, 4), "tanh", "logistic"), torch.randn(5, 6)
    h = encoder(x)

    rows = encoder[0].weight.square().sum(1)
    expected = ((h * (1 - h)).square() * rows).sum(1).mean()

    torch.testing.assert_close(contraction(encoder, x, method=method), expected)


@pytest.mark.parametrize("sizes", SIZES)
def test_for_a_linear_encoder_it_is_the_norm_of_the_weights_product(sizes):
    encoder, x = spread(dense(sizes, "linear", "linear")), torch.randn(5, sizes[0])
    product = torch.eye(sizes[0])
    for layer in encoder:
        product = layer.weight @ product

    penalty = contraction(encoder, x, weight=torch.tensor([1.0, 2, 0, 1, 1]))

    torch.testing.assert_close(penalty, product.square().sum())
    assert_same_gradients(penalty, product.square().sum(), encoder)


@pytest.mark.parametrize(
    "first",
    [nn.Tanh, nn.Flatten, nn.Identity, lambda: nn.BatchNorm1d(6).eval()],
)
@pytest.mark.parametrize("sizes", [(6, 4), (6, 3, 4), (6, 9, 5, 4)])
def test_what_stands_before_the_first_weights_counts(first, sizes):
    stack = nn.Sequential(first(), dense(sizes, "tanh", "elu"))
    encoder, x = spread(stack), torch.randn(5, 6)

    penalty = contraction(encoder, x, method="exact")

    torch.testing.assert_close(penalty, by_autograd(encoder, x))
    assert_same_gradients(penalty, by_autograd(encoder, x), encoder)


def test_images_may_be_flattened_first():
    encoder = spread(nn.Sequential(nn.Flatten(), *dense((16, 5, 3), "tanh", "linear")))
    x = torch.randn(4, 1, 4, 4)

    torch.testing.assert_close(contraction(encoder, x, method="exact"), by_autograd(encoder, x))


def test_a_mirrored_stack_may_encode():
    source = spread(dense((3, 5, 6), "tanh", "tanh"))
    encoder, x = spread(tied(source, "tanh", "logistic")), torch.randn(4, 6)

    penalty = contraction(encoder, x, method="exact")

    torch.testing.assert_close(penalty, by_autograd(encoder, x))
    assert_same_gradients(penalty, by_autograd(encoder, x), source)


def test_parametrised_layers_are_layers():
    encoder = dense((5, 4, 3), "tanh", "linear")
    nn.utils.parametrizations.weight_norm(encoder[0])
    x = torch.randn(4, 5)

    penalty = contraction(encoder, x, method="exact")

    torch.testing.assert_close(penalty, by_autograd(encoder, x))
    assert_same_gradients(penalty, by_autograd(encoder, x), encoder)


def test_activations_that_work_in_place_count_as_the_others():
    layers = [nn.Linear(4, 6), nn.ELU(inplace=True), nn.Linear(6, 3), nn.ReLU(inplace=True)]
    encoder, x = nn.Sequential(*layers), torch.randn(5, 4)
    plain = nn.Sequential(layers[0], nn.ELU(), layers[2], nn.ReLU())

    penalty = contraction(encoder, x, method="exact")

    torch.testing.assert_close(penalty, by_autograd(plain, x))
    assert_same_gradients(penalty, by_autograd(plain, x), plain)


def test_a_k_sparse_code_moves_with_its_kept_units_only():
    encoder, x = nn.Sequential(nn.Linear(4, 6), KSparse(2)), torch.randn(5, 4)

    kept = encoder(x) != 0
    expected = (kept * encoder[0].weight.square().sum(1)).sum(1).mean()

    torch.testing.assert_close(contraction(encoder, x, method="exact"), expected)


def test_dropout_drops_the_same_units_from_code_and_jacobian():
    encoder, x = nn.Sequential(nn.Linear(4, 60), nn.Dropout(0.5)), torch.randn(5, 4)

    z, penalty = encode_with_contraction(encoder, x, method="exact")

    expected = ((z != 0) * 4 * encoder[0].weight.square().sum(1)).sum(1).mean()
    torch.testing.assert_close(penalty, expected)


@pytest.mark.parametrize("elements", [1, 100, 10_000])
def test_samples_worked_on_in_parts_give_the_same(monkeypatch, elements):
    encoder, x = spread(dense((5, 6, 4, 3), "tanh", "logistic")), torch.randn(13, 5)
    expected = contraction(encoder, x, method="exact")
    wanted = gradients(expected, encoder)

    monkeypatch.setattr(dense_jacobian, "_ELEMENTS", elements)
    penalty = contraction(encoder, x, method="exact")

    torch.testing.assert_close(penalty, expected)
    for found, want in zip(gradients(penalty, encoder), wanted, strict=True):
        torch.testing.assert_close(found, want)


def operations(norms, weights, slopes):
    with FlopCounterMode(display=False) as counter:
        norms(weights, slopes)
    return counter.get_total_flops()


def drawn(sizes):
    """Return the weights and slopes of a batch of five samples."""
    weights = [torch.randn(b, a) for a, b in pairwise(sizes)]
    return weights, [None, *(torch.randn(5, width) for width in sizes[1:])]


@pytest.mark.parametrize("sizes", [(6, 9, 4), (4, 9, 6), (3, 30, 20, 8), (8, 20, 30, 3)])
def test_the_jacobian_is_multiplied_out_from_its_narrower_end(sizes):
    weights, slopes = drawn(sizes)

    ways = (weights, slopes), ([w.t() for w in reversed(weights)], slopes[::-1])
    least = min(operations(dense_jacobian._product_norms, *way) for way in ways)

    assert operations(dense_jacobian.squared_norms, weights, slopes) == least


def test_the_last_product_is_no_wider_than_the_layer_before():
    weights, slopes = drawn((40, 5, 4))

    # Two operations a multiplication: 5 x 5 products of 40 once, 5 of 5 for 4 x 5 rows.
    assert operations(dense_jacobian.squared_norms, weights, slopes) == 2 * (
        5 * 5 * 40 + 5 * 4 * 5 * 5
    )


@pytest.mark.parametrize("name", ["dense", *OTHERS])
def test_probes_are_unbiased(name):
    make, shape = OTHERS.get(name, (lambda: spread(dense((4, 5, 3), "tanh", "tanh")), (4,)))
    encoder, x = make(), torch.randn(3, *shape)
    expected = by_autograd(encoder, x).item()

    draws = torch.stack([contraction(encoder, x, method="hutchinson") for _ in range(600)])

    error = draws.std().item() / math.sqrt(len(draws))
    assert abs(draws.mean().item() - expected) < 4 * error + 1e-12


@pytest.mark.parametrize("name", OTHERS)
def test_the_gradient_of_many_probes_is_that_of_the_jacobian(name):
    make, shape = OTHERS[name]
    encoder, x = make(), torch.randn(3, *shape)
    expected = by_autograd(encoder, x)

    z, penalty = encode_with_contraction(encoder, x, n_probes=1000)

    torch.testing.assert_close(z, encoder(x))
    pairs = zip(gradients(penalty, encoder), gradients(expected, encoder), strict=True)
    for found, wanted in pairs:
        scale = max(wanted.abs().max().item(), 0.01)
        torch.testing.assert_close(found, wanted.expand_as(found), rtol=0, atol=0.15 * scale)


def test_for_a_code_of_one_unit_a_probe_is_exact():
    encoder, x = spread(dense((4, 5, 1), "tanh", "logistic")), torch.randn(6, 4)
    weight = torch.tensor([0.5, 2.0, 0.0, 1.0, 1.5, 1.0])

    probed = contraction(encoder, x, method="hutchinson", weight=weight)

    torch.testing.assert_close(probed, by_autograd(encoder, x, weight))
    assert_same_gradients(probed, by_autograd(encoder, x, weight), encoder)


def test_the_recurrent_gradient_is_right_in_single_precision_too():
    double = Recurrent()
    single = Recurrent().float()
    single.load_state_dict(double.state_dict())
    x = torch.randn(3, 5, 2)

    torch.manual_seed(1)
    wide = contraction(double, x)
    torch.manual_seed(1)
    narrow = contraction(single, x.float())

    for found, wanted in zip(gradients(narrow, single), gradients(wide, double), strict=True):
        torch.testing.assert_close(found.double(), wanted.expand_as(found), rtol=1e-3, atol=1e-6)


def test_more_probes_scatter_less():
    encoder, x = spread(dense((4, 5, 6), "tanh", "tanh")), torch.randn(2, 4)

    def scatter(n_probes):
        draws = [
            contraction(encoder, x, method="hutchinson", n_probes=n_probes) for _ in range(300)
        ]
        return torch.stack(draws).var().item()

    assert scatter(1) / scatter(8) == pytest.approx(8, rel=0.5)


def test_probes_are_drawn_anew_and_the_seed_decides():
    encoder, x = dense((4, 6), "tanh", "tanh"), torch.randn(3, 4)
    torch.manual_seed(5)
    first = contraction(encoder, x, method="hutchinson")
    second = contraction(encoder, x, method="hutchinson")
    torch.manual_seed(5)

    assert first != second
    assert contraction(encoder, x, method="hutchinson") == first


def test_auto_is_exact_where_that_is_known_and_probes_elsewhere():
    encoder, x = spread(dense((4, 5, 3), "tanh", "linear")), torch.randn(3, 4)

    assert contraction(encoder, x) == contraction(encoder, x, method="exact")
    for make, shape in OTHERS.values():
        other, x = make(), torch.randn(3, *shape)
        assert contraction(other, x) != contraction(other, x)


def test_a_function_is_an_encoder_too():
    penalty = contraction(lambda x: 3 * x[:, :1], torch.randn(4, 2))

    assert penalty.item() == pytest.approx(9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("switch", [torch.no_grad, torch.inference_mode])
def test_without_autograd_the_penalty_is_the_same_and_a_constant(method, switch):
    encoder, x = dense((4, 5, 1), "tanh", "logistic"), torch.randn(3, 4)
    expected = contraction(encoder, x, method=method)

    with switch():
        z, penalty = encode_with_contraction(encoder, x * 1.0, method=method)

    torch.testing.assert_close(penalty, expected.detach())
    assert not z.requires_grad
    assert not penalty.requires_grad


@pytest.mark.parametrize("method", METHODS)
def test_frozen_parameters_and_data_with_a_gradient_are_no_obstacle(method):
    encoder, x = dense((4, 5, 1), "tanh", "logistic"), torch.randn(3, 4)
    expected = contraction(encoder, x, method="exact")
    assert not x.requires_grad
    encoder.requires_grad_(False)
    x.requires_grad_()

    torch.testing.assert_close(contraction(encoder, x, method=method), expected)


def test_the_code_and_the_penalty_share_one_run():
    encoder, x = dense((4, 5, 3), "tanh", "tanh"), torch.randn(3, 4)
    runs = []
    encoder[0].register_forward_hook(lambda *_: runs.append(1))
    for method in METHODS:
        z, penalty = encode_with_contraction(encoder, x, method=method)
        (z.sum() + penalty).backward()

    assert len(runs) == len(METHODS)
    assert not x.requires_grad
    assert x.grad is None


def test_batch_normalisation_has_no_exact_form_in_training_only():
    encoder, x = dense((4, 6, 3), "tanh", "linear", "batch"), torch.randn(5, 4)

    with pytest.raises(SettingError, match="batch normalisation in training"):
        contraction(encoder, x, method="exact")
    encoder.eval()
    torch.testing.assert_close(contraction(encoder, x, method="exact"), by_autograd(encoder, x))


def test_in_training_batch_normalisation_is_probed_as_a_whole():
    encoder, x = dense((4, 6, 3), "tanh", "linear", "batch"), torch.randn(5, 4)
    whole = torch.autograd.functional.jacobian(encoder, x).square().sum() / len(x)

    draws = torch.stack([contraction(encoder, x) for _ in range(500)])

    error = draws.std() / math.sqrt(len(draws))
    assert (draws.mean() - whole).abs() < 4 * error


def test_stacks_that_only_look_dense_are_probed():
    class Masked(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 0.5

    hooked = dense((4, 3), "tanh", "tanh")
    hooked.register_forward_hook(lambda module, args, out: 2 * out)
    for encoder in (nn.Sequential(Masked(4, 3)), hooked, nn.Sequential(nn.Tanh())):
        with pytest.raises(SettingError, match="method='hutchinson'"):
            contraction(encoder, torch.randn(2, 4), method="exact")
        assert contraction(encoder, torch.randn(2, 4)).isfinite()
    with pytest.raises(SettingError, match="from vectors to vectors"):
        contraction(dense((4, 3), "tanh", "tanh"), torch.randn(2, 5, 4), method="exact")


@pytest.mark.parametrize("settings", [{"method": "exactly"}, {"n_probes": 0}])
def test_unknown_methods_and_no_probes_raise(settings):
    with pytest.raises(SettingError, match="at least one probe"):
        contraction(dense((4, 3), "tanh", "tanh"), torch.randn(2, 4), **settings)
