"""The gradient by hand is autograd's, for every activation, loss, weight and tie."""

import pytest
import torch
from torch import nn

from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.models.autoencoders.backpropagation import DenseBackpropagation
from espelho.networks.activations import ACTIVATIONS
from espelho.networks.dense import dense, tied
from espelho.training.batches import Batch

BY_HAND = ("linear", "relu", "logistic", "tanh", "selu", "elu")


def model(activation="tanh", code="linear", last="linear", loss="squared_error", **settings):
    tie = settings.pop("tie", False)
    encoder = dense((5, 7, 3), activation, code)
    decoder = tied(encoder, activation, last) if tie else dense((3, 6, 5), activation, last)
    settings = {"name": loss, "reconstruction": RECONSTRUCTIONS[loss], **settings}
    return AutoencoderModel(encoder, decoder, Objective(**settings)).double()


def by_both_ways(model, batch):
    (phase,) = model.plan()[0].phases
    terms = phase.loss(batch)
    sum(terms.values()).backward()
    automatic = [p.grad.clone() for p in model.parameters()]
    for p in model.parameters():
        p.grad.fill_(float("nan"))
    return terms, automatic, phase.gradient(batch), [p.grad for p in model.parameters()]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("tie", [False, True])
@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
@pytest.mark.parametrize("activation", BY_HAND)
def test_it_is_autograds(activation, loss, tie, weighted):
    last = "linear" if loss == "bernoulli" else activation
    made = model(activation, activation, last, loss, tie=tie, weight_decay=0.3)
    x = torch.rand(9, 5, dtype=torch.float64)
    batch = Batch(x, weight=torch.rand(9, dtype=torch.float64) if weighted else None)
    terms, automatic, terms_by_hand, by_hand = by_both_ways(made, batch)
    assert list(terms) == list(terms_by_hand)
    for name in terms:
        torch.testing.assert_close(terms[name], terms_by_hand[name])
    for found, expected in zip(by_hand, automatic, strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("tie", [False, True])
@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
def test_without_gradients_the_loss_is_the_same_and_writes_none(loss, tie, weighted):
    made = model(loss=loss, tie=tie, weight_decay=0.3)
    x = torch.rand(9, 5, dtype=torch.float64)
    batch = Batch(x, weight=torch.rand(9, dtype=torch.float64) if weighted else None)
    terms, _, by_hand, gradients = by_both_ways(made, batch)
    before = [gradient.clone() for gradient in gradients]

    with torch.no_grad():
        found = made.plan()[0].phases[0].loss(batch)

    torch.testing.assert_close(found, {name: term.detach() for name, term in terms.items()})
    assert all(torch.equal(found[name], by_hand[name]) for name in terms)
    assert all(map(torch.equal, gradients, before))


def test_batches_of_other_sizes_in_turn_do_not_disturb_each_other():
    made = model()
    big, small = (Batch(torch.rand(n, 5, dtype=torch.float64)) for n in (8, 3))
    first = [g.clone() for g in by_both_ways(made, big)[3]]
    by_both_ways(made, small)
    made.zero_grad()
    for found, expected in zip(by_both_ways(made, big)[3], first, strict=True):
        torch.testing.assert_close(found, expected)


def test_the_data_is_not_written_to():
    made, x = model(), torch.rand(4, 5, dtype=torch.float64)
    before = x.clone()
    made.plan()[0].phases[0].gradient(Batch(x))
    assert torch.equal(x, before)


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - set(BY_HAND)))
def test_other_activations_are_left_to_autograd(activation):
    assert model(activation).plan()[0].phases[0].gradient is None


class Doubled(nn.Sequential):
    """A network that looks dense and does something else besides."""

    def forward(self, x):
        return 2 * super().forward(x)


def watched():
    network = nn.Sequential(nn.Linear(5, 5))
    network[0].register_forward_hook(lambda module, args, output: 3 * output)
    return network


@pytest.mark.parametrize(
    "network",
    [
        Doubled(nn.Linear(5, 5)),
        watched(),
        nn.Linear(5, 5),
        nn.Sequential(nn.Linear(5, 5, bias=False)),
        nn.Sequential(nn.Linear(5, 5), nn.Dropout()),
        nn.Sequential(nn.Linear(5, 5), nn.ReLU(), nn.ReLU()),
        nn.Sequential(nn.ReLU(), nn.Linear(5, 5)),
        nn.Sequential(nn.Linear(5, 5)).requires_grad_(False),
    ],
)
def test_other_networks_are_left_to_autograd(network):
    assert DenseBackpropagation.of([network], "squared_error", 0.0) is None


def test_a_loss_that_is_not_known_is_left_to_autograd():
    network = nn.Sequential(nn.Linear(5, 5))
    assert DenseBackpropagation.of([network], "correntropy", 0.0) is None


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Linear(5, 5), nn.ELU(0.5)),
        nn.Sequential(*[nn.Linear(5, 5), nn.Tanh()] * 2),
    ],
)
def test_unusual_slopes_and_layers_used_twice_are_left_to_autograd(network):
    assert DenseBackpropagation.of([network], "squared_error", 0.0) is None


def test_networks_with_dropout_are_left_to_autograd():
    encoder, decoder = (dense(s, "relu", "linear", dropout=0.2) for s in ((5, 7, 3), (3, 6, 5)))
    assert DenseBackpropagation.of((encoder, decoder), "squared_error", 0.0) is None
