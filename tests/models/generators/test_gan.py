"""The generative adversarial network's model: two phases, and what each pays."""

import numpy as np
import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES, slopes
from espelho.models.generators.contest import Contest
from espelho.models.generators.fading_noise import FadingNoise
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.networks.dense import dense
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder
from espelho.networks.spectral_norm import normalise_spectrum
from espelho.testing import check_plan
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

N, D = 8, 3
BATCH_TERMS = ("discriminate/real", "discriminate/fake", "generate/fool")


def build(
    game="non-saturating", *, penalty=None, deviation=False, spectral=False, batch=False, **rules
):
    judge = Discriminator(dense((D, 6), "tanh", "tanh"), 6, minibatch_deviation=deviation)
    if spectral:
        normalise_spectrum(judge)
    penalties = {} if penalty is None else {penalty: (GRADIENT_PENALTIES[penalty], 0.5)}
    return GANModel(
        dense((2, 5, D), "tanh", "linear", "batch" if batch else "none"),
        judge,
        2,
        noise=NOISES["gaussian"],
        contest=Contest(game=GAMES[game], penalties=penalties, **rules),
    ).double()


def images():
    *features, last = convolutional_encoder((1, 5, 4), (3,), 1, "leaky-relu", "linear")
    return GANModel(
        convolutional_decoder((1, 5, 4), (3,), 2, "relu", "linear", normalization="batch"),
        Discriminator(nn.Sequential(*features), last.in_features),
        2,
        noise=NOISES["uniform"],
        contest=Contest(game=GAMES["hinge"], penalties={"r1": (GRADIENT_PENALTIES["r1"], 0.1)}),
    ).double()


def batch(*, weighted=False, shape=(D,)):
    generator = torch.Generator().manual_seed(2)
    x = torch.rand(N, *shape, generator=generator, dtype=torch.float64)
    weight = torch.rand(N, generator=generator, dtype=torch.float64) if weighted else None
    return Batch(x, None, weight)


def phases(model):
    (stage,) = model.plan()
    return {phase.name: phase for phase in stage.phases}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("game", GAMES)
def test_every_game_obeys_the_laws(game, weighted):
    check_plan(build(game), batch(weighted=weighted))


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("penalty", GRADIENT_PENALTIES)
def test_every_penalty_obeys_the_laws(penalty, every):
    bias = [f"discriminate/discriminator.{name}" for name in ("score.bias",)]
    check_plan(build(penalty=penalty, penalty_every=every), batch(), unreached=bias)


@pytest.mark.parametrize(
    "settings",
    [
        {"spectral": True},
        {"batch": True},
        {"instance_noise": 0.1},
        {"discriminator_updates": 3, "generator_updates": 2},
        {"discriminator_updates": 2, "alternate": "epoch"},
    ],
)
def test_every_setting_obeys_the_laws(settings):
    check_plan(build(**settings), batch(), not_means=BATCH_TERMS)


def test_minibatch_deviation_obeys_the_laws_but_makes_scores_depend_on_the_batch():
    check_plan(build(deviation=True), batch(), not_means=BATCH_TERMS)


def test_images_obey_the_laws():
    check_plan(images(), batch(shape=(1, 5, 4)))


def test_each_phase_owns_its_network_and_has_its_learning_rate():
    model = build(learning_rates=(0.1, 0.2), discriminator_updates=5)
    found = phases(model)
    assert found["discriminate"].owns == (model.discriminator,)
    assert found["generate"].owns == (model.generator,)
    assert [p.learning_rate for p in found.values()] == [0.1, 0.2]
    assert [p.repeats for p in found.values()] == [5, 1]


def test_terms_are_what_the_formulas_say():
    model, data = build("hinge", penalty="r1"), batch(weighted=True)
    torch.manual_seed(0)
    found = phases(model)["discriminate"].loss(data)
    torch.manual_seed(0)
    fooled = phases(model)["generate"].loss(data)["fool"]
    torch.manual_seed(0)
    made = model.generator(torch.empty(N, 2, dtype=torch.float64).normal_())

    w = data.weight
    slope = slopes(model.discriminator, data.x).square().sum(1)
    expected = {
        "real": (w * (1 - model.discriminator(data.x)).clamp(min=0)).mean(),
        "fake": (w * (1 + model.discriminator(made)).clamp(min=0)).mean(),
        "r1": 0.5 * (w * slope).mean(),
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    torch.testing.assert_close(fooled, -(w * model.discriminator(made)).mean())


def test_a_relativistic_judge_pays_for_pairs():
    model, data = build("relativistic"), batch()
    torch.manual_seed(0)
    found = phases(model)["discriminate"].loss(data)
    torch.manual_seed(0)
    fooled = phases(model)["generate"].loss(data)["fool"]
    torch.manual_seed(0)
    made = model.generator(torch.empty(N, 2, dtype=torch.float64).normal_())
    above = model.discriminator(data.x) - model.discriminator(made)
    torch.testing.assert_close(sum(found.values()), -above.sigmoid().log().mean())
    torch.testing.assert_close(fooled, -(-above).sigmoid().log().mean())


def test_a_lazy_penalty_weighs_more_and_has_the_same_mean():
    eager, lazy = build(penalty="r1"), build(penalty="r1", penalty_every=3)
    lazy.load_state_dict(eager.state_dict())
    each = phases(eager)["discriminate"].loss(batch())["r1"]
    found = [phases(lazy)["discriminate"].loss(batch())["r1"] for _ in range(6)]
    torch.testing.assert_close(torch.stack(found), each * torch.tensor([3, 0, 0, 3, 0, 0]))
    lazy.eval()
    assert phases(lazy)["discriminate"].loss(batch())["r1"] == each


class Levels(Callback):
    def on_step(self, trainer):
        self.seen = [*getattr(self, "seen", []), round(trainer.model.noise_level, 3)]


def test_instance_noise_fades_over_the_epochs():
    model, levels = build(instance_noise=0.4), Levels()
    recipe = Recipe(max_epochs=4, batch_size=N, learning_rate=1e-3)
    Trainer(model, TensorData(batch()), recipe, seed=0, callbacks=[FadingNoise(), levels]).run()
    assert levels.seen == [0.4, 0.225, 0.1, 0.025]
    assert model.noise_level == 0


def test_a_generator_learns_where_the_data_lies():
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.normal(3, 0.5, (200, D)))
    model = build(penalty="r1")
    options = {"betas": (0.5, 0.99)}
    recipe = Recipe(max_epochs=60, batch_size=50, learning_rate=5e-3, optimizer_options=options)
    Trainer(model, TensorData(Batch(x)), recipe, seed=0).run()
    found = model.generate(torch.randn(500, 2, dtype=torch.float64)).detach()
    assert (found.mean(0) - 3).abs().max() < 1


def made_in(model, *updates):
    """Return how often samples are made while phases of a step are paid for, by their places."""
    made = []
    hook = model.generator.register_forward_hook(lambda *_: made.append(1))
    b, phases = batch(), model.plan()[0].phases
    for index in updates:
        phases[index].loss(b)
    hook.remove()
    return len(made)


def test_both_updates_of_a_batch_are_of_the_same_samples():
    model = build().train()

    assert made_in(model, 0, 1) == 1
    assert made_in(model, 1) == 1
    assert made_in(model, 0, 0, 1, 1) == 3


def test_nothing_is_kept_of_other_batches_nor_beyond_training():
    model = build().train()
    first, second = batch(), batch()
    discriminate, generate = model.plan()[0].phases

    discriminate.loss(first)
    generate.loss(second)
    assert model._ahead is None
    discriminate.loss(first)
    model.eval()
    assert model._ahead is None
    assert made_in(model, 0, 1) == 2


def test_the_samples_handed_on_move_the_generator_as_new_ones_do():
    model = build().train()
    discriminate, generate = model.plan()[0].phases
    b, own = batch(), list(model.generator.parameters())
    torch.manual_seed(7)
    discriminate.loss(b)
    found = torch.autograd.grad(sum(generate.loss(b).values()), own)

    torch.manual_seed(7)
    expected = torch.autograd.grad(sum(generate.loss(b).values()), own)

    torch.testing.assert_close(found, expected)
