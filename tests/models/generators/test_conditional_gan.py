"""The conditional network's models: the laws, and that both players know the labels."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.conditional_gan import AuxiliaryGANModel, ConditionalGANModel
from espelho.models.generators.contest import Contest
from espelho.models.generators.noise import NOISES
from espelho.networks.condition import condition_rows
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.testing import check_plan
from espelho.training.batches import Batch

N, D, SIZES, TOLD = 8, 3, (2, 0), 3
JUDGES = {
    "projection": lambda: ProjectionDiscriminator(dense((D, 6), "tanh", "tanh"), 6, told=TOLD),
    "concatenation": lambda: ConcatenatingDiscriminator(dense((D + TOLD, 6), "tanh", "tanh"), 6),
    "auxiliary": lambda: AuxiliaryDiscriminator(dense((D, 6), "tanh", "tanh"), 6, told=TOLD),
}
Y = torch.stack([torch.arange(N) % 2, torch.linspace(-1, 1, N)], dim=1).double()


def build(kind, game="non-saturating", penalty="r1", weight=0.7, **rules):
    ways = {
        "sizes": SIZES,
        "noise": NOISES["gaussian"],
        "contest": Contest(
            game=GAMES[game], penalties={penalty: (GRADIENT_PENALTIES[penalty], 0.5)}, **rules
        ),
    }
    maker = LabelledGenerator(dense((2 + TOLD, 5, D), "tanh", "linear"))
    if kind == "auxiliary":
        return AuxiliaryGANModel(maker, JUDGES[kind](), 2, weight=weight, **ways).double()
    return ConditionalGANModel(maker, JUDGES[kind](), 2, **ways).double()


def batch():
    return Batch(torch.rand(N, D, dtype=torch.float64), Y)


@pytest.mark.parametrize("game", ["hinge", "relativistic"])
@pytest.mark.parametrize("penalty", ["r1", "wasserstein"])
@pytest.mark.parametrize("kind", JUDGES)
def test_it_obeys_the_laws(kind, penalty, game):
    check_plan(build(kind, game, penalty), batch())


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("kind", JUDGES)
def test_every_term_changes_with_every_column_of_labels(kind, column):
    model = build(kind)
    (stage,) = model.plan()
    other = Y.clone()
    other[:, column] = 1 - Y[:, column]
    data = batch()
    for phase in stage.phases:
        found = []
        for seen in (data, Batch(data.x.clone(), other)):
            torch.manual_seed(0)
            found.append(phase.loss(seen))
        unlike = {name for name in found[0] if found[0][name] != found[1][name]}
        # An auxiliary discriminator sees no label beside data, only those of what is made.
        blind = {"real", "r1"} if kind == "auxiliary" else set()
        assert unlike == found[0].keys() - blind


def test_samples_are_judged_beside_the_labels_they_were_made_for():
    model, seen = build("projection"), []
    for network in (model.generator, model.discriminator):
        network.register_forward_pre_hook(lambda _, args: seen.append(args[1]))
    (stage,) = model.plan()
    for phase in stage.phases:
        phase.loss(batch())
    assert len(seen) == 6
    assert all(torch.equal(rows, condition_rows(Y, SIZES)) for rows in seen)


def test_guesses_of_data_and_of_samples_are_paid_for_and_named():
    model = build("auxiliary")
    (stage,) = model.plan()
    discriminate, generate = (phase.loss(batch()) for phase in stage.phases)
    assert list(discriminate) == ["real", "fake", "labels_of_real", "labels_of_fake", "r1"]
    assert list(generate) == ["fool", "labels_of_made"]


class Fixed(nn.Module):
    """A generator that makes what it is told, whatever the noise."""

    def __init__(self, made):
        super().__init__()
        self.made = nn.Parameter(made)

    def forward(self, z, rows):
        return 1 * self.made


@pytest.mark.parametrize("phase", ["discriminate", "generate"])
def test_the_gradient_of_guesses_is_that_of_the_closed_form(phase):
    """Linear features: cross-entropy and squared error, by hand."""
    model, weight = build("auxiliary", weight=0.7), 0.7
    model.discriminator = judge = AuxiliaryDiscriminator(nn.Identity(), D, told=TOLD).double()
    model.generator = maker = Fixed(torch.rand(N, D, dtype=torch.float64))
    data = batch()
    (stage,) = model.plan()
    own = next(one for one in stage.phases if one.name == phase)
    terms = own.loss(data)
    sum(term for name, term in terms.items() if name.startswith("labels_of")).backward()

    def slope(x):
        """Return the slope of the cost of each guess with respect to the guess."""
        guess = (x @ judge.labels.weight.T + judge.labels.bias).detach()
        chances = guess[:, :2].softmax(1) - F.one_hot(Y[:, 0].long(), 2)
        return weight * torch.cat([chances, 2 * (guess[:, 2:] - Y[:, 1:])], dim=1) / N

    made = maker.made.detach()
    if phase == "generate":
        torch.testing.assert_close(maker.made.grad, slope(made) @ judge.labels.weight.detach())
    else:
        expected = slope(data.x).T @ data.x + slope(made).T @ made
        torch.testing.assert_close(judge.labels.weight.grad, expected)
        assert maker.made.grad is None


def test_scores_of_an_auxiliary_discriminator_are_the_same_whatever_the_labels():
    model, x = build("auxiliary"), batch().x
    assert torch.equal(model.scores(x, Y), model.scores(x, Y.flip(0)))
    assert model.guesses(x).shape == (N, TOLD)


def test_the_discriminator_guesses_what_it_sees_with_instance_noise_on():
    model = build("auxiliary", instance_noise=0.5)
    x = batch()
    torch.manual_seed(0)
    noisy = model._discriminate(x)["labels_of_real"]
    model.noise_level = 0.0
    torch.manual_seed(0)
    assert noisy != model._discriminate(x)["labels_of_real"]
