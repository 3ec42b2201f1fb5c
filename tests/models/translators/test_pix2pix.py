"""Pix2pix's plan keeps the laws, and its losses are the formulas."""

import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.models.translators.augmentation import CropAndFlip
from espelho.models.translators.pix2pix import Pix2PixModel
from espelho.networks.dense import dense
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.patch import PatchDiscriminator
from espelho.networks.images.unet import UNet
from espelho.testing import check_plan
from espelho.training.batches import Batch

GAME = GAMES["non-saturating"]


def images(**options):
    generator = UNet(1, 2, (3, 4), dropout=options.pop("dropout", 0.0))
    judge = PatchDiscriminator(3, (16, 16), patch="16x16", channels=2)
    return Pix2PixModel(generator, judge, game=GAME, **options)


def batch(n=6, side=16):
    return Batch(torch.randn(n, 1, side, side), torch.randn(n, 2, side, side))


@pytest.mark.parametrize("game", GAMES)
def test_the_plan_keeps_the_laws_by_any_game(game):
    generator = dense((3, 4, 2), "tanh", "linear")
    judge = Discriminator(dense((5, 4, 4), "tanh", "tanh"), 4)
    model = Pix2PixModel(generator, judge, game=GAMES[game])
    check_plan(model, Batch(torch.randn(8, 3), torch.randn(8, 2)))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"dropout": 0.5},
        {"adversarial_weight": 2.0, "absolute_weight": 0.0},
        {"augment": CropAndFlip(flips=True)},
    ],
)
def test_the_plan_of_images_keeps_the_laws(options):
    check_plan(images(**options), batch())


def test_the_losses_are_the_formulas():
    model, pairs = images(adversarial_weight=3.0, absolute_weight=7.0).eval(), batch()
    made = model.generator(pairs.x)
    scores = {
        name: model.discriminator(torch.cat([pairs.x, b], 1)).flatten(1)
        for name, b in (("real", pairs.y), ("made", made))
    }

    judged, generated = (phase.loss(pairs) for phase in model.plan()[0].phases)

    softplus = nn.functional.softplus
    torch.testing.assert_close(judged["real"], softplus(-scores["real"]).mean(1).mean())
    torch.testing.assert_close(judged["fake"], softplus(scores["made"]).mean(1).mean())
    torch.testing.assert_close(generated["fool"], 3 * softplus(-scores["made"]).mean(1).mean())
    errors = (pairs.y - made).abs().flatten(1)
    torch.testing.assert_close(generated["absolute_error"], 7 * errors.mean(1).mean())


def test_the_discriminator_sees_both_of_a_pair():
    model, pairs = images().eval(), batch()
    other = pairs._replace(x=pairs.x.flip(0))

    (first, _), (second, _) = (
        [
            phase.loss(b)["real" if phase.name == "discriminate" else "fool"]
            for phase in model.plan()[0].phases
        ]
        for b in (pairs, other)
    )

    assert first != second


def test_without_an_adversary_there_is_no_adversarial_gradient():
    generator = UNet(1, 1, (2, 3))
    model = Pix2PixModel(generator, None, game=GAME, adversarial_weight=0.0)
    pairs = Batch(torch.randn(4, 1, 8, 8), torch.randn(4, 1, 8, 8))
    (phase,) = model.plan()[0].phases

    terms = phase.loss(pairs)
    found = torch.autograd.grad(sum(terms.values()), list(generator.parameters()))
    error = 100 * (pairs.y - generator(pairs.x)).abs().mean()

    assert list(terms) == ["absolute_error"]
    for a, b in zip(found, torch.autograd.grad(error, list(generator.parameters())), strict=True):
        torch.testing.assert_close(a, b)
    check_plan(model, pairs)


def test_what_was_judged_is_what_the_generator_pays_for():
    model, pairs = images(dropout=0.5), batch()
    calls = []
    model.generator.register_forward_hook(lambda *_: calls.append(1))
    discriminate, generate = model.plan()[0].phases

    discriminate.loss(pairs)
    generate.loss(pairs)
    assert len(calls) == 1
    generate.loss(pairs)
    assert len(calls) == 2
    discriminate.loss(pairs)
    model.train()
    generate.loss(pairs)
    assert len(calls) == 4


def test_each_phase_owns_its_own_network_and_nothing_else():
    model = images()
    discriminate, generate = model.plan()[0].phases

    assert set(discriminate.parameters()) == {id(p) for p in model.discriminator.parameters()}
    assert set(generate.parameters()) == {id(p) for p in model.generator.parameters()}
