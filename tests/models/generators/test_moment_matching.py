"""The moment matching model: its plan obeys the laws, and it learns what it is shown."""

from typing import get_args

import pytest
import torch
from scipy.stats import kstest

from espelho.data.images.augmentation import RandomShift
from espelho.estimators import fields
from espelho.losses.discrepancy.kernels import Gaussian, RationalQuadratic
from espelho.losses.discrepancy.mmd import mmd
from espelho.models.generators.moment_matching import Discrepancy, MomentMatchingModel
from espelho.models.generators.noise import NOISES
from espelho.networks.dense import dense
from espelho.testing import check_plan
from espelho.training.batches import Batch, TensorData
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

METHODS = get_args(fields.DiscrepancyName)


def model(noise="uniform", augment=None, normalization="none", **settings):
    settings = {"kernel": Gaussian((1.0, 2.0)), **settings}
    return MomentMatchingModel(
        dense((3, 8, 4), "tanh", "linear", normalization),
        3,
        noise=NOISES[noise],
        discrepancy=Discrepancy(**settings),
        augment=augment,
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("root", [False, True])
def test_its_plan_obeys_the_laws(method, root, weighted):
    made = model(method=method, root=root and method != "linear", n_features=20)
    weight = torch.rand(12) + 0.5 if weighted else None

    check_plan(
        made,
        Batch(torch.randn(12, 4), weight=weight),
        not_means=("match/mmd", "match/squared_mmd"),
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"noise": "gaussian"},
        {"kernel": RationalQuadratic((1.0,))},
        {"augment": RandomShift(1, (2, 2))},
        {"normalization": "batch"},
    ],
)
def test_its_variants_obey_the_laws_too(settings):
    check_plan(model(**settings), Batch(torch.randn(12, 4)))


@pytest.mark.parametrize("root", [False, True])
def test_the_loss_is_the_discrepancy_of_what_it_generates(root):
    made, x = model(root=root), torch.randn(9, 4)
    torch.manual_seed(1)
    terms = made.plan()[0].phases[0].loss(Batch(x))
    torch.manual_seed(1)
    drawn = made.generate(torch.empty(9, 3).uniform_(-1, 1))

    expected = mmd(drawn, x, Gaussian((1.0, 2.0)), root=root)
    assert list(terms) == ["mmd" if root else "squared_mmd"]
    assert torch.equal(*terms.values(), expected)


def test_data_is_changed_in_training_only():
    made, batch = model(augment=lambda x: x + 100), Batch(torch.randn(9, 4))
    (phase,) = made.plan()[0].phases

    changed = phase.loss(batch)["mmd"].detach()
    kept = made.eval().plan()[0].phases[0].loss(batch)["mmd"].detach()

    assert changed > 1.2 * kept


@pytest.mark.parametrize("method", METHODS)
def test_it_learns_a_distribution(method):
    """Two clumps on a line, which no linear map of uniform noise has."""
    made = MomentMatchingModel(
        dense((1, 32, 1), "relu", "linear"),
        1,
        noise=NOISES["uniform"],
        discrepancy=Discrepancy(
            kernel=Gaussian((0.25, 0.5, 1.0, 2.0)), method=method, root=False, n_features=50
        ),
    )
    x = torch.randn(2000, 1) * 0.2 + torch.tensor([-1.0, 1.0]).repeat(1000)[:, None]
    recipe = Recipe(max_epochs=25, batch_size=200, learning_rate=0.01)

    Trainer(made, TensorData(Batch(x)), recipe, seed=0).run()

    with torch.no_grad():
        drawn = made.generate(torch.empty(2000, 1).uniform_(-1, 1))
    left, right = (drawn < -0.4).float().mean(), (drawn > 0.4).float().mean()
    assert 0.35 < left < 0.65
    assert 0.35 < right < 0.65
    assert left + right > 0.8


@pytest.mark.parametrize(
    ("name", "distribution"), [("uniform", ("uniform", (-1, 2))), ("gaussian", ("norm", ()))]
)
def test_noise_of_training_and_of_sampling_have_one_distribution(name, distribution):
    noise, like = NOISES[name], torch.zeros(700, 5, dtype=torch.float64)
    in_training, in_sampling = noise.like(like, 3), noise.sampler(3).sample(700, random_state=0)

    assert in_training.dtype == like.dtype
    for drawn in (in_training.numpy(), in_sampling):
        assert drawn.shape == (700, 3)
        assert kstest(drawn.ravel(), *distribution).pvalue > 1e-3


def test_the_settings_name_the_noises():
    assert get_args(fields.NoiseName) == tuple(NOISES)
