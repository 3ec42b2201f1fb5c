"""The adversarial autoencoder's model: three phases that own what they should."""

import numpy as np
import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.adversarial_autoencoder import AdversarialAutoencoderModel
from espelho.models.autoencoders.autoencoder import Objective
from espelho.networks.dense import dense
from espelho.networks.stochastic import AppendNoise, GaussianDraw
from espelho.random_variables import GaussianMixture, Normal
from espelho.testing import check_plan
from espelho.training.batches import Batch, TensorData
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

N, D, K = 10, 5, 3
ENCODERS = {
    "deterministic": lambda drop: dense((D, 7, 2), "tanh", "linear", dropout=drop),
    "gaussian": lambda drop: nn.Sequential(
        *dense((D, 7, 4), "tanh", "linear", dropout=drop), GaussianDraw()
    ),
    "universal": lambda drop: nn.Sequential(
        AppendNoise(3), *dense((D + 3, 7, 2), "tanh", "linear", dropout=drop)
    ),
}


def build(kind="deterministic", game="non-saturating", *, labels=0, dropout=0.0, **settings):
    objective = {"name": "squared_error", "reconstruction": RECONSTRUCTIONS["squared_error"]}
    own = {k: settings.pop(k) for k in ("prior", "learning_rates") if k in settings}
    return AdversarialAutoencoderModel(
        ENCODERS[kind](dropout),
        dense((2, 7, D), "tanh", "linear", dropout=dropout),
        Objective(**{**objective, **settings}),
        discriminator=dense((2 + (labels + 1) * bool(labels), 6, 1), "relu", "linear"),
        game=GAMES[game],
        n_labels=labels,
        **{"prior": GaussianMixture.circle(labels) if labels else Normal(2), **own},
    ).double()


def batch(*, labels=False, weighted=False):
    generator = torch.Generator().manual_seed(2)
    x = torch.rand(N, D, generator=generator, dtype=torch.float64)
    weight = torch.rand(N, generator=generator, dtype=torch.float64) if weighted else None
    return Batch(x, torch.arange(N) % (K + 1) - 1 if labels else None, weight)


def phases(model):
    (stage,) = model.plan()
    return {phase.name: phase for phase in stage.phases}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("game", GAMES)
def test_every_game_weighted_or_not_obeys_the_laws(game, weighted):
    check_plan(build(game=game), batch(weighted=weighted))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("labels", [0, K])
@pytest.mark.parametrize("kind", ENCODERS)
def test_every_encoder_with_labels_or_not_obeys_the_laws(kind, labels, dropout):
    model = build(kind, labels=labels, dropout=dropout, weight_decay=0.01, contraction=0.1)
    check_plan(model, batch(labels=bool(labels)))


def test_samples_that_are_spoiled_and_moved_obey_the_laws():
    def noisy(x):
        return x + 0.1 * torch.randn_like(x)

    check_plan(build(corruption=noisy, augment=noisy), batch())


def test_each_phase_owns_its_networks():
    model = build()
    owned = {name: tuple(phase.owns) for name, phase in phases(model).items()}
    assert owned == {
        "reconstruct": (model.encoder, model.decoder),
        "discriminate": (model.discriminator,),
        "confuse": (model.encoder,),
    }


def test_phases_have_learning_rates_of_their_own():
    rates = [p.learning_rate for p in phases(build(learning_rates=(0.1, 0.2))).values()]
    assert rates == [None, 0.1, 0.2]


def test_terms_are_what_the_formulas_say():
    model, data = build(game="hinge"), batch(weighted=True)
    torch.manual_seed(3)
    terms = {name: dict(phase.loss(data)) for name, phase in phases(model).items()}

    torch.manual_seed(3)
    drawn = model.prior.sample(
        N, random_state=np.random.default_rng(int(torch.randint(2**63 - 1, ())))
    )
    real = model.discriminator(torch.from_numpy(drawn))[:, 0]
    fake = model.discriminator(model.encoder(data.x))[:, 0]
    expected = {
        "real": (data.weight * (1 - real).clamp(min=0)).mean(),
        "fake": (data.weight * (1 + fake).clamp(min=0)).mean(),
    }
    assert terms["discriminate"].keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(terms["discriminate"][name], value)
    torch.testing.assert_close(terms["confuse"]["fool"], -(data.weight * fake).mean())
    assert list(terms["reconstruct"]) == ["squared_error"]


def test_codes_of_clean_samples_are_judged():
    def spoiled(x):
        return x + 100

    plain, denoising = build(), build(corruption=spoiled)
    denoising.load_state_dict(plain.state_dict())
    data = batch()
    for name in ("discriminate", "confuse"):
        found = []
        for model in (plain, denoising):
            torch.manual_seed(0)
            found.append(sum(phases(model)[name].loss(data).values()))
        assert found[0] == found[1]


def test_the_judge_sees_labels_beside_codes_and_an_extra_class_for_none():
    model, z = build(labels=K), torch.rand(4, 2, dtype=torch.float64)
    model.discriminator = nn.Identity()
    model.discriminator.forward = lambda seen: seen[:, 2:].argmax(1, keepdim=True)

    assert model.scores(z, torch.tensor([-1, 0, 1, 2])).tolist() == [3, 0, 1, 2]
    assert model.scores(z).tolist() == [3, 3, 3, 3]


def test_draws_of_a_labelled_sample_come_from_its_component():
    means = [[0.0, 0.0], [100.0, 0.0], [200.0, 0.0]]
    model = build(labels=K, prior=GaussianMixture(means, scales=0.1))
    seen = []
    model.discriminator.register_forward_pre_hook(lambda _, args: seen.append(args[0].detach()))
    y = torch.tensor([0, 1, 2, 2, 1, 0, -1, -1, -1, -1])

    phases(model)["discriminate"].loss(batch()._replace(y=y))

    components = (seen[0][:, 0] / 100).round().long()
    assert components[:6].tolist() == y[:6].tolist()
    assert len(set(components[6:].tolist())) > 1
    assert torch.equal(seen[0][:, 2:], seen[1][:, 2:])


def test_what_is_drawn_in_training_comes_from_torchs_random_state():
    model, data, found = build(), batch(), []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        found.append(phases(model)["discriminate"].loss(data)["real"].item())
    assert found[0] == found[1] != found[2]


def test_dense_networks_keep_their_gradient_by_hand():
    assert phases(build())["reconstruct"].gradient is not None
    assert phases(build(dropout=0.1))["reconstruct"].gradient is None
    assert phases(build("gaussian"))["reconstruct"].gradient is None


def test_codes_of_one_component_learn_where_it_lies():
    """A judge that sees labels puts each label's codes into its component."""
    rng = np.random.default_rng(0)
    y = torch.from_numpy(rng.integers(0, 2, 200))
    x = torch.from_numpy(rng.normal(size=(200, D)) + 3 * y.numpy()[:, None])
    prior = GaussianMixture([[-3.0, 0.0], [3.0, 0.0]], scales=0.5)
    model = build(labels=2, prior=prior)
    recipe = Recipe(max_epochs=60, batch_size=50, learning_rate=5e-3)

    Trainer(model, TensorData(Batch(x, y)), recipe, seed=0).run()

    z = model.encode(x).detach()
    assert (z[y == 0, 0] < 0).double().mean() > 0.95
    assert (z[y == 1, 0] > 0).double().mean() > 0.95
