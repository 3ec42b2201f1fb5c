"""Augmentation of all that a discriminator sees: where, how often, and how the chance adapts."""

import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators import augmentation as module
from espelho.models.generators.augmentation import AdaptiveAugmentation, Augmentation
from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder
from espelho.testing import check_plan
from espelho.training.batches import Batch

SHAPE = (3, 5, 4)
ALL = ("color", "translation", "cutout")


def images(n=6, shape=SHAPE):
    return torch.rand(n, *shape, dtype=torch.float64) + 1


def build(augmentation, penalty="r1", game="hinge"):
    *features, last = convolutional_encoder(SHAPE, (3,), 1, "tanh", "linear")
    penalties = {penalty: (GRADIENT_PENALTIES[penalty], 0.1)} if penalty else {}
    return GANModel(
        convolutional_decoder(SHAPE, (3,), 2, "relu", "linear"),
        Discriminator(nn.Sequential(*features), last.in_features),
        2,
        noise=NOISES["uniform"],
        contest=Contest(game=GAMES[game], penalties=penalties),
        augmentation=augmentation,
    ).double()


def phases(model):
    (stage,) = model.plan()
    return {phase.name: phase.loss for phase in stage.phases}


KINDS = {
    "always": lambda: Augmentation(ALL, SHAPE),
    "half": lambda: Augmentation(ALL, SHAPE, chance=0.5),
    "adaptive": lambda: AdaptiveAugmentation(ALL, SHAPE, samples=20, every=2),
}


@pytest.mark.parametrize("penalty", [None, *GRADIENT_PENALTIES])
@pytest.mark.parametrize("game", ["hinge", "relativistic"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_obeys_the_laws(kind, game, penalty):
    bias = ["discriminate/discriminator.score.bias"]
    check_plan(build(KINDS[kind](), penalty, game), Batch(images(8)), unreached=bias)


@pytest.mark.parametrize("of", [Augmentation, AdaptiveAugmentation])
def test_with_no_chance_nothing_changes(of):
    change, x = of(ALL, SHAPE), images()
    change.chance.zero_()
    assert torch.equal(change(x), x)


def test_in_evaluation_mode_nothing_changes():
    x = images()
    assert Augmentation(ALL, SHAPE).eval()(x) is x


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_each_change_has_its_chance(chance):
    x = images(4000, (1, 4, 4))
    for name in ("translation", "cutout"):
        found = Augmentation([name], (4, 4), chance=chance)(x)
        # One translation in nine moves nothing.
        seen = (found != x).flatten(1).any(1).double().mean()
        assert abs(seen - chance * (8 / 9 if name == "translation" else 1)) < 0.03


@pytest.mark.parametrize("shape", [(5, 4), (1, 5, 4), (3, 5, 4)])
def test_flat_rows_are_changed_as_images_are(shape):
    x = images(6, shape)
    change = Augmentation(ALL, shape)
    torch.manual_seed(0)
    found = change(x)
    torch.manual_seed(0)
    torch.testing.assert_close(change(x.flatten(1)), found.flatten(1))


def test_the_discriminator_sees_nothing_unchanged(monkeypatch):
    marked = {"mark": (lambda x, _: torch.cat([x[:, :1] * 0 - 9, x[:, 1:]], dim=1),)}
    monkeypatch.setattr(module, "AUGMENTATIONS", marked)
    seen = []
    for penalty in GRADIENT_PENALTIES:
        model = build(Augmentation(["mark"], SHAPE), penalty, "relativistic")
        model.discriminator.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
        for loss in phases(model).values():
            loss(Batch(images()))
    assert len(seen) == 5 * len(GRADIENT_PENALTIES)
    for penalty, x in zip((n for n in GRADIENT_PENALTIES for _ in range(5)), seen, strict=True):
        if penalty != "dragan":  # near changed samples, not at them
            torch.testing.assert_close(x[:, 0], torch.full_like(x[:, 0], -9))
        assert (x[:, 0] < 0).all()


def test_the_generator_learns_through_the_changes():
    model, data = build(Augmentation(["color"], SHAPE), None, "wasserstein"), Batch(images())
    torch.manual_seed(0)
    loss = phases(model)["generate"](data)["fool"]
    found = torch.autograd.grad(loss, list(model.generator.parameters()))
    torch.manual_seed(0)
    z = torch.empty(6, 2, dtype=torch.float64).uniform_(-1, 1)
    made = model.generator(z)
    expected = -model.discriminator(model.augmentation(made)).mean()
    expected = torch.autograd.grad(expected, list(model.generator.parameters()))
    torch.testing.assert_close(found, expected)
    assert all(gradient.abs().sum() > 0 for gradient in found)


def follow(change, *scores, weight=None):
    for score in scores:
        change.follow(torch.tensor(score, dtype=torch.float64), weight)
    return round(float(change.chance), 9)


def adaptive(**more):
    settings = {"target": 0.5, "samples": 100, "every": 2, **more}
    return AdaptiveAugmentation(ALL, SHAPE, **settings).double()


def test_the_chance_rises_where_the_discriminator_is_sure_and_falls_where_not():
    change = adaptive()
    sure, unsure = [3.0, 0.2, 5.0, 1.0], [1.0, -1.0, -2.0, 0.1]
    assert follow(change, sure) == 0
    assert follow(change, sure) == 0.08  # 8 of 100 samples
    assert follow(change, sure, unsure) == 0.08  # on the target: the mean sign is 1/2
    assert follow(change, unsure, unsure) == 0
    assert follow(change, unsure, unsure) == 0  # no chance is below 0
    assert follow(change, *[sure] * 60) == 1


def test_the_mean_sign_is_weighted():
    score = [1.0, -1.0]
    assert follow(adaptive(), score, score, weight=torch.tensor([1.9, 0.1]).double()) == 0.04
    assert follow(adaptive(), score, score, weight=torch.tensor([0.1, 1.9]).double()) == 0
    assert follow(adaptive(target=0.0), score, score, weight=torch.zeros(2).double()) == 0


def test_held_out_data_does_not_move_the_chance():
    change = adaptive(every=1).eval()
    assert follow(change, [1.0, 1.0]) == 0
    assert change.updates == 0


def test_a_fixed_chance_follows_nothing():
    change = Augmentation(ALL, SHAPE, chance=0.25)
    assert follow(change, [1.0] * 8, [1.0] * 8) == 0.25


@pytest.mark.parametrize(
    "game", [name for name in GAMES if GAMES[name].bounded and name != "relativistic"]
)
def test_the_chance_follows_on_which_side_of_the_games_boundary_scores_are(game, monkeypatch):
    boundary = {"least-squares": 0.5}.get(game, 0.0)
    model, found = build(adaptive(), None, game), []
    monkeypatch.setattr(model.augmentation, "follow", lambda ahead, _: found.append(ahead.sign()))
    model.discriminator.register_forward_hook(lambda _, __, score: found.append(score))
    phases(model)["discriminate"](Batch(images()))
    real, _, sign = found
    torch.testing.assert_close(sign, (real - boundary).sign())
