"""Packs: samples judged at once, each counted once, whatever the size of a batch."""

import pytest
import torch

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES, slopes
from espelho.models.generators.conditional_gan import AuxiliaryGANModel, ConditionalGANModel
from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.models.generators.packs import completed, opened, packed, weights_of_packs
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    Discriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.testing import check_plan
from espelho.training.batches import Batch

D, K = 3, 2
BIAS = ("discriminate/discriminator.score.bias",)


def build(packing, penalty="r1", game="non-saturating"):
    return GANModel(
        dense((2, 5, D), "tanh", "linear"),
        Discriminator(dense((packing * D, 6), "tanh", "tanh"), 6),
        2,
        noise=NOISES["gaussian"],
        contest=Contest(
            game=GAMES[game],
            penalties={penalty: (GRADIENT_PENALTIES[penalty], 0.5)},
            packing=packing,
        ),
    ).double()


def labelled(packing, kind):
    features, told = dense((packing * D, 6), "tanh", "tanh"), packing * K
    judge = {
        "projection": lambda: ProjectionDiscriminator(features, 6, told=told),
        "concatenation": lambda: ConcatenatingDiscriminator(
            dense((packing * (D + K), 6), "tanh", "tanh"), 6
        ),
        "auxiliary": lambda: AuxiliaryDiscriminator(features, 6, told=told),
    }[kind]()
    maker = LabelledGenerator(dense((2 + K, 5, D), "tanh", "linear"))
    penalties = {"r1": (GRADIENT_PENALTIES["r1"], 0.5)}
    ways = {
        "sizes": (K,),
        "noise": NOISES["gaussian"],
        "contest": Contest(game=GAMES["hinge"], penalties=penalties, packing=packing),
    }
    if kind == "auxiliary":
        return AuxiliaryGANModel(maker, judge, 2, weight=0.5, **ways).double()
    return ConditionalGANModel(maker, judge, 2, **ways).double()


def rows(n, *shape):
    return torch.rand(n, *shape, dtype=torch.float64)


def losses(model):
    (stage,) = model.plan()
    return {phase.name: phase.loss for phase in stage.phases}


@pytest.mark.parametrize("shape", [(3,), (2, 4, 5), (1, 4, 4)])
def test_samples_of_a_pack_are_side_by_side_and_opening_undoes_packing(shape):
    x = rows(6, *shape)
    packs = packed(x, 3)
    for k, pack in enumerate(packs):
        assert torch.equal(pack, torch.cat([x[3 * k], x[3 * k + 1], x[3 * k + 2]]))
    assert torch.equal(opened(packs, 3), x)
    assert packed(torch.arange(6), 2).tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("n", [1, 2, 4, 5, 6, 7])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_last_pack_is_completed_with_the_first_samples(n, size):
    found = completed(torch.arange(n), size)
    assert len(found) % size == 0
    assert len(found) - n < size
    assert found.tolist() == [i % n for i in range(len(found))]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_a_mean_over_packs_counts_each_sample_once(n, weighted):
    x, size = rows(n, D), 3
    weight = rows(n) if weighted else None
    of_packs = torch.randn(-(-n // size), dtype=torch.float64)
    mean = weights_of_packs(weight, size, x)
    mean = of_packs.mean() if mean is None else mean.dot(of_packs) / len(of_packs)
    own = torch.ones(n, dtype=torch.float64) if weight is None else weight
    expected = sum(own[i] * of_packs[i // size] for i in range(n)) / n
    torch.testing.assert_close(mean, expected)


def test_the_score_of_a_sample_is_that_of_its_pack():
    model, x = build(2), rows(5, D)
    found = model.scores(x)
    assert found.shape == (5,)
    for pair in ([0, 1], [2, 3], [4, 0]):
        expected = model.discriminator(torch.cat([x[i] for i in pair])[None])
        torch.testing.assert_close(found[pair[0]], expected[0])
    assert found[0] == found[1]
    assert found[2] == found[3]


@pytest.mark.parametrize("penalty", GRADIENT_PENALTIES)
@pytest.mark.parametrize("game", ["hinge", "relativistic"])
def test_packs_obey_the_laws(game, penalty):
    check_plan(build(2, penalty, game), Batch(rows(8, D)), unreached=BIAS)
    weight = rows(8) + 0.5
    check_plan(build(2, penalty, game), Batch(rows(8, D), None, weight), unreached=BIAS)


@pytest.mark.parametrize("size", [3, 8, 11])
def test_packs_that_are_not_full_obey_the_laws_but_that_of_halves(size):
    terms = ("discriminate/real", "discriminate/fake", "discriminate/r1", "generate/fool")
    check_plan(build(size), Batch(rows(8, D)), not_means=terms)


def labels(n):
    return (torch.arange(n) % K)[:, None].double()


@pytest.mark.parametrize("kind", ["projection", "concatenation", "auxiliary"])
def test_labels_in_packs_obey_the_laws(kind):
    check_plan(labelled(2, kind), Batch(rows(8, D), labels(8)))


def test_each_sample_of_a_pack_has_its_own_guess():
    model, x = labelled(2, "auxiliary"), rows(5, D)
    found = model.guesses(x)
    assert found.shape == (5, K)
    for first, pair in ((0, [0, 1]), (2, [2, 3]), (4, [4, 0])):
        _, both = model.discriminator(torch.cat([x[i] for i in pair])[None])
        torch.testing.assert_close(found[first], both[0, :K])
        if first < 4:
            torch.testing.assert_close(found[first + 1], both[0, K:])


@pytest.mark.parametrize("kind", ["projection", "concatenation"])
def test_a_pack_knows_whose_label_is_which(kind):
    model, x = labelled(2, kind), rows(2, D)
    found = model.scores(x, labels(2))
    other = model.scores(x, 1 - labels(2))
    assert not torch.isclose(found, other).any()


@pytest.mark.parametrize("weighted", [False, True])
def test_a_pack_weighs_the_mean_of_its_samples_and_is_penalised_as_one(weighted):
    model, x = build(2), rows(6, D)
    weight = rows(6) if weighted else None
    found = losses(model)["discriminate"](Batch(x, None, weight))
    packs = x.reshape(3, 2 * D)
    w = torch.ones(3) if weight is None else weight.reshape(3, 2).mean(1)
    costs = torch.nn.functional.softplus(-model.discriminator(packs))
    torch.testing.assert_close(found["real"], (w * costs).mean())
    slope = slopes(model.discriminator, packs).square().sum(1)
    torch.testing.assert_close(found["r1"], 0.5 * (w * slope).mean())


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_batch_of_any_size_has_finite_terms_and_gradients(n):
    model = build(3, "wasserstein")
    for loss in losses(model).values():
        sum(loss(Batch(rows(n, D))).values()).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
