"""A pool of past fakes: nothing is lost, nothing is new that was not made, all are shown."""

import pytest
import torch

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.conditional_gan import AuxiliaryGANModel, ConditionalGANModel
from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.models.generators.past_fakes import PastFakes
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    Discriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.testing import check_plan
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.weight_averaging import WeightAveraging
from espelho.training.environment.processes import Processes
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer
from espelho.training.weights import agree_on_buffers

D, K = 3, 2


def pool_of(size):
    return PastFakes(size, torch.empty(2), torch.zeros((), dtype=torch.int64)).double()


def batches(count, n):
    """Give samples that are numbered, each beside its number."""
    for start in range(0, count * n, n):
        number = torch.arange(start, start + n)
        yield number[:, None] * torch.ones(2, dtype=torch.float64), number


@pytest.mark.parametrize("size", [1, 3, 7, 50])
@pytest.mark.parametrize("n", [1, 4, 12])
def test_what_belongs_to_a_sample_stays_beside_it(size, n):
    pool = pool_of(size)
    for x, number in batches(10, n):
        found, beside = pool(x, number)
        assert torch.equal(found, beside[:, None] * torch.ones(2, dtype=torch.float64))
        assert beside.max() <= number.max()


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("n", [1, 4, 12])
def test_a_full_pool_shows_each_sample_once_or_still_holds_it(size, n):
    pool = pool_of(size)
    pool(*next(batches(1, size)))
    shown = []
    for x, number in batches(9, n):
        shown += (pool(x, number + size)[1]).tolist()
    assert sorted(shown + pool.kept_1.tolist()) == list(range(size + 9 * n))


def test_until_it_is_full_new_samples_are_shown_and_kept():
    pool = pool_of(9)
    for i, (x, number) in enumerate(batches(4, 2)):
        assert torch.equal(pool(x, number)[1], number)
        assert pool.kept_1[: 2 * i + 2].tolist() == list(range(2 * i + 2))
        assert pool.count == 2 * i + 2


def test_half_of_what_is_shown_is_older_and_as_old_as_the_pool_is_large():
    size, n = 20, 10
    pool, ages = pool_of(size), []
    for x, number in batches(400, n):
        ages += (number - pool(x, number)[1]).tolist()
    ages = torch.tensor(ages[size:], dtype=torch.float64)
    older = ages != 0
    assert abs(older.double().mean() - 0.5) < 0.03
    # Each of the two n samples that it takes to exchange n has the chance 1 / size to leave.
    assert abs(ages[older].mean() - 2 * size) < 4


def test_in_evaluation_mode_nothing_is_exchanged():
    pool = pool_of(2).eval()
    for x, number in batches(3, 4):
        found = pool(x, number)
        assert found[0] is x
        assert found[1] is number
    assert pool.count == 0


def test_its_samples_carry_no_gradient_and_keep_the_type_of_what_came():
    pool = PastFakes(2, torch.empty(2))
    for _ in range(4):
        x = torch.rand(5, 2, dtype=torch.float64, requires_grad=True) * 2
        (found,) = pool(x)
        assert found.dtype == torch.float64
        assert not found.requires_grad
    assert pool.kept_0.dtype == torch.float32


def build(size, *, labelled="", penalty="r2"):
    x, one = torch.empty(D), torch.ones(())
    ways = {
        "noise": NOISES["gaussian"],
        "contest": Contest(
            game=GAMES["hinge"], penalties={penalty: (GRADIENT_PENALTIES[penalty], 0.5)}
        ),
    }
    if not labelled:
        return GANModel(
            dense((2, 5, D), "tanh", "linear"),
            Discriminator(dense((D, 6), "tanh", "tanh"), 6),
            2,
            **ways,
            past=PastFakes(size, x, one),
        ).double()
    ways |= {"sizes": (K,), "past": PastFakes(size, x, one, torch.zeros(1))}
    maker = LabelledGenerator(dense((2 + K, 5, D), "tanh", "linear"))
    features = dense((D, 6), "tanh", "tanh")
    if labelled == "auxiliary":
        judge = AuxiliaryDiscriminator(features, 6, told=K)
        return AuxiliaryGANModel(maker, judge, 2, weight=0.5, **ways).double()
    return ConditionalGANModel(
        maker, ProjectionDiscriminator(features, 6, told=K), 2, **ways
    ).double()


def batch(n=8, *, weighted=False):
    weight = torch.rand(n, dtype=torch.float64) if weighted else None
    y = (torch.arange(n) % K)[:, None].double()
    return Batch(torch.rand(n, D, dtype=torch.float64), y, weight)


@pytest.mark.parametrize("penalty", ["r2", "wasserstein"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("labelled", ["", "projection", "auxiliary"])
@pytest.mark.parametrize("size", [1, 5, 50])
def test_a_model_with_a_pool_obeys_the_laws(size, labelled, weighted, penalty):
    check_plan(build(size, labelled=labelled, penalty=penalty), batch(weighted=weighted))


def test_guesses_of_past_fakes_are_held_against_the_labels_they_were_made_for():
    model, made, guesses = build(4, labelled="auxiliary"), {}, []
    model.contest.penalties.clear()
    model.generator.register_forward_hook(
        lambda _, args, x: made.update((tuple(r.tolist()), y) for r, y in zip(x, args[1]))  # noqa: B905
    )
    model.discriminator.register_forward_hook(
        lambda _, args, said: guesses.append((args[0], said[1]))
    )
    for _ in range(4):
        data = batch()._replace(y=torch.randint(K, (8, 1)).double())
        found = discriminate(model)(data)["labels_of_fake"]
    x, guess = guesses[-1]
    y = torch.stack([made[tuple(row.tolist())] for row in x])
    expected = 0.5 * torch.nn.functional.cross_entropy(guess, y)
    torch.testing.assert_close(found, expected)


def discriminate(model):
    (stage,) = model.plan()
    return stage.phases[0].loss


def test_the_discriminator_is_shown_past_fakes_with_their_labels_and_weights():
    model = build(4, labelled="projection")
    model.contest.penalties.clear()
    made, shown = [], []
    model.generator.register_forward_hook(lambda _, args, x: made.append((x, args[1][:, 1])))
    model.discriminator.register_forward_pre_hook(
        lambda _, args: shown.append((args[0], args[1][:, 1]))
    )
    weights = {}
    for _ in range(6):
        data = batch(weighted=True)._replace(y=torch.randint(K, (8, 1)).double())
        discriminate(model)(data)
        for x, y, w in zip(*made[-1], data.weight, strict=True):
            weights[tuple(x.tolist())] = (y.item(), w.item())
    x, y = shown[-1]
    assert all(weights[tuple(row.tolist())][0] == label for row, label in zip(x, y, strict=True))
    assert not torch.equal(x, made[-1][0])

    torch.manual_seed(0)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    found = discriminate(model)(data)["fake"]
    for row, new in zip(made[-1][0], zip(data.y, data.weight, strict=True), strict=True):
        weights[tuple(row.tolist())] = tuple(part.item() for part in new)
    x, y = shown[-1]
    rows = torch.stack([1 - y, y], dim=1)
    w = torch.tensor([weights[tuple(row.tolist())][1] for row in x], dtype=torch.float64)
    torch.testing.assert_close(found, (w * (1 + model.discriminator(x, rows)).clamp(min=0)).mean())
    assert any(not torch.equal(state[n], v) for n, v in model.state_dict().items())


def test_penalties_are_at_what_is_made_now():
    model = build(4)
    seen = []
    model.generator.register_forward_hook(lambda _, args, x: seen.append(x))
    for _ in range(4):
        found = discriminate(model)(batch())["r2"]
    x = seen[-1].requires_grad_()
    (slope,) = torch.autograd.grad(model.discriminator(x).sum(), x)
    torch.testing.assert_close(found, 0.5 * slope.square().sum(1).mean())


def trained(size, *callbacks):
    torch.manual_seed(0)
    model = build(size)
    recipe = Recipe(max_epochs=5, batch_size=4, learning_rate=1e-2)
    Trainer(model, TensorData(batch()), recipe, seed=0, callbacks=callbacks).run()
    return model.past


@pytest.mark.parametrize("size", [3, 6])
def test_an_average_of_the_weights_leaves_the_pool_alone(size):
    averaged, last = trained(size, WeightAveraging(half_life=5)), trained(size)
    for name, value in last.state_dict().items():
        assert torch.equal(averaged.state_dict()[name], value)


def test_processes_keep_pools_of_their_own(monkeypatch):
    monkeypatch.setattr(Processes, "mean", lambda self, tensor: tensor.zero_())
    past = trained(3)
    agree_on_buffers(past, Processes(0, 2))
    assert past.kept_0.abs().sum() > 0
    norm = torch.nn.BatchNorm1d(2)
    agree_on_buffers(norm, Processes(0, 2))
    assert norm.running_var.sum() == 0
