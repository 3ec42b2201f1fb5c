"""The conditional network's model: the laws, and that both players see the labels."""

import pytest
import torch

from espelho.losses.games import GAMES
from espelho.losses.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.conditional_gan import ConditionalGANModel
from espelho.models.gan import Contest
from espelho.models.noise import NOISES
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    ConcatenatingDiscriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.testing import check_plan
from espelho.training.batches import Batch

N, D, K = 8, 3, 2
JUDGES = {
    "projection": lambda: ProjectionDiscriminator(dense((D, 6), "tanh", "tanh"), 6, n_labels=K),
    "concatenation": lambda: ConcatenatingDiscriminator(
        dense((D + K, 6), "tanh", "tanh"), 6, n_labels=K
    ),
}
Y = torch.arange(N) % K


def build(kind, game="non-saturating", penalty="r1"):
    return ConditionalGANModel(
        LabelledGenerator(dense((2 + K, 5, D), "tanh", "linear"), K),
        JUDGES[kind](),
        2,
        noise=NOISES["gaussian"],
        contest=Contest(game=GAMES[game], penalties={penalty: (GRADIENT_PENALTIES[penalty], 0.5)}),
    ).double()


def batch():
    return Batch(torch.rand(N, D, dtype=torch.float64), Y)


@pytest.mark.parametrize("game", ["hinge", "relativistic"])
@pytest.mark.parametrize("penalty", ["r1", "wasserstein"])
@pytest.mark.parametrize("kind", JUDGES)
def test_it_obeys_the_laws(kind, penalty, game):
    check_plan(build(kind, game, penalty), batch())


@pytest.mark.parametrize("kind", JUDGES)
def test_every_term_changes_with_the_labels(kind):
    model = build(kind)
    (stage,) = model.plan()
    data, other = batch(), batch()._replace(y=1 - Y)
    other = other._replace(x=data.x)
    for phase in stage.phases:
        found = []
        for seen in (data, other):
            torch.manual_seed(0)
            found.append(phase.loss(seen))
        assert all(found[0][name] != found[1][name] for name in found[0])


def test_samples_are_judged_beside_the_labels_they_were_made_for():
    model, seen = build("projection"), []
    for network in (model.generator, model.discriminator):
        network.register_forward_pre_hook(lambda _, args: seen.append(args[1]))
    (stage,) = model.plan()
    for phase in stage.phases:
        phase.loss(batch())
    assert len(seen) == 6
    assert all(torch.equal(labels, Y) for labels in seen)
