"""CycleGAN's plan keeps the laws, and its losses are the formulas."""

import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.models.generators.past_fakes import PastFakes
from espelho.models.translators.augmentation import CropAndFlip
from espelho.models.translators.cyclegan import CycleGANModel, CycleWeights
from espelho.networks.dense import dense
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.patch import PatchDiscriminator
from espelho.networks.images.residual import ResidualNetwork
from espelho.testing import check_plan
from espelho.training.batches import Batch


def judge(channels):
    return PatchDiscriminator(channels, (16, 16), patch="16x16", channels=2)


def images(**options):
    weights = CycleWeights(**options.pop("weights", {}))
    return CycleGANModel(
        ResidualNetwork(1, 1, (2, 3), 1),
        ResidualNetwork(1, 1, (2, 3), 1),
        judge(1),
        judge(1),
        game=GAMES[options.pop("game", "least-squares")],
        weights=weights,
        **options,
    )


def batch(n=6, m=6):
    return Batch(torch.randn(n, 1, 16, 16), torch.randn(m, 1, 16, 16))


def terms_of(model, batch):
    return {k: v for phase in model.plan()[0].phases for k, v in phase.loss(batch).items()}


@pytest.mark.parametrize("game", GAMES)
def test_the_plan_keeps_the_laws_by_any_game(game):
    d, k = 3, 2
    model = CycleGANModel(
        dense((d, 4, k), "tanh", "linear"),
        dense((k, 4, d), "tanh", "linear"),
        Discriminator(dense((d, 4, 4), "tanh", "tanh"), 4),
        Discriminator(dense((k, 4, 4), "tanh", "tanh"), 4),
        game=GAMES[game],
        weights=CycleWeights(identity=0),
    )
    check_plan(model, Batch(torch.randn(8, d), torch.randn(8, k)))


@pytest.mark.parametrize(
    "options", [{}, {"weights": {"identity": 0.0}}, {"augment": CropAndFlip(16, flips=True)}]
)
def test_the_plan_of_images_keeps_the_laws(options):
    pools = {"past_A": PastFakes(3, torch.empty(1, 16, 16)), "past_B": None}
    check_plan(images(**options, **pools), batch())


def test_the_losses_are_the_formulas():
    model, sets = images(weights={"adversarial": 3, "cycle": 7, "identity": 2}).eval(), batch()
    a, b = sets.x, sets.y
    made_a, made_b = model.to_A(b), model.to_B(a)

    terms = terms_of(model, sets)

    def squares(of, samples, aim):
        return (of(samples).flatten(1) - aim).square().mean(1).mean() / 2

    def differ(one, other):
        return (one - other).abs().flatten(1).mean(1).mean()

    d_a, d_b = model.discriminator_A, model.discriminator_B
    expected = {
        "real_A": squares(d_a, a, 1),
        "fake_A": squares(d_a, made_a, 0),
        "real_B": squares(d_b, b, 1),
        "fake_B": squares(d_b, made_b, 0),
        "fool_A": 3 * squares(d_a, made_a, 1),
        "fool_B": 3 * squares(d_b, made_b, 1),
        "cycle_A": 7 * differ(model.to_A(made_b), a),
        "cycle_B": 7 * differ(model.to_B(made_a), b),
        "identity_A": 2 * differ(model.to_A(a), a),
        "identity_B": 2 * differ(model.to_B(b), b),
    }
    assert terms.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(terms[name], value, msg=name)


def test_networks_that_change_nothing_pay_nothing_for_the_cycle():
    model = CycleGANModel(
        nn.Identity(),
        nn.Identity(),
        judge(1),
        judge(1),
        game=GAMES["least-squares"],
        weights=CycleWeights(),
    )
    terms = terms_of(model, batch())
    assert all(terms[f"{kind}_{name}"] == 0 for kind in ("cycle", "identity") for name in "AB")
    assert terms["fool_A"] > 0


@pytest.mark.parametrize("game", GAMES)
def test_batches_of_both_sets_may_differ_in_size(game):
    assert all(value.isfinite() for value in terms_of(images(game=game), batch(5, 2)).values())


def test_discriminators_are_shown_past_translations_and_generators_pay_for_new_ones():
    pool = PastFakes(2, torch.empty(1, 16, 16))
    model = images(past_B=pool)
    seen = []
    model.discriminator_B.register_forward_hook(lambda _, x, __: seen.append(x[0].clone()))
    for _ in range(3):
        first = batch()
        terms_of(model, first)

    assert int(pool.count) == 2
    shown, paid_for = seen[-2], seen[-1]
    assert torch.allclose(paid_for, model.to_B(first.x), atol=1e-6)
    assert not torch.equal(shown, paid_for)


def test_it_translates_to_the_set_that_is_named():
    model, sets = images().eval(), batch()
    assert torch.equal(model.translate(sets.x), model.to_B(sets.x))
    assert torch.equal(model.translate(sets.x, "A"), model.to_A(sets.x))


def test_each_phase_owns_its_own_networks_and_nothing_else():
    model = images()
    discriminate, generate = model.plan()[0].phases
    judges, makers = (
        {id(p) for network in networks for p in network.parameters()}
        for networks in (
            (model.discriminator_A, model.discriminator_B),
            (model.to_A, model.to_B),
        )
    )

    assert set(discriminate.parameters()) == judges
    assert set(generate.parameters()) == makers
