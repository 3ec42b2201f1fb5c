"""Sparsity: the Bernoulli divergence in closed form, finite and with a slope everywhere."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, kl_divergence

from espelho.losses.penalties.running_mean import RunningMean
from espelho.losses.penalties.sparsity import (
    ACTIVITIES,
    batch_mean,
    dead_units,
    kl_sparsity,
    l1_sparsity,
    target_kl,
    unit_activity,
)
from espelho.networks.activations import ACTIVATIONS

TARGETS = [0.01, 0.05, 0.5, 0.9]
LOWEST = {"logistic": 0, "tanh": -1, "relu": 0, "selu": -1.7580993408473766, "elu": -1}


def codes(name, *, requires_grad=False):
    z = ACTIVATIONS[name].build()(torch.randn(30, 6, dtype=torch.float64)).detach()
    return z.requires_grad_(requires_grad)


def value_and_slope(mean, target):
    q = torch.as_tensor(mean).requires_grad_()
    value = target_kl(q, target)
    return value.detach(), torch.autograd.grad(value.sum(), q)[0]


@pytest.mark.parametrize("target", TARGETS)
def test_inside_it_is_the_divergence_of_bernoulli_variables(target):
    q = torch.linspace(1.1e-3 * target, 1 - 1.1e-3 * (1 - target), 5001, dtype=torch.float64)
    q.requires_grad_()
    expected = kl_divergence(Bernoulli(torch.tensor(target, dtype=q.dtype)), Bernoulli(q))

    value, slope = value_and_slope(q.detach(), target)

    torch.testing.assert_close(value, expected.detach(), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(slope, torch.autograd.grad(expected.sum(), q)[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("target", TARGETS)
def test_at_its_ends_and_beyond_value_and_slope_are_finite_and_lead_back(target, dtype):
    tiny = torch.finfo(dtype).tiny
    q = torch.tensor([-3.0, 0.0, tiny, 1 - 1e-7, 1.0, 1e6], dtype=dtype)

    value, slope = value_and_slope(q, target)

    assert value.isfinite().all()
    assert slope.isfinite().all()
    assert (slope[:3] < -100).all()
    assert (slope[3:] > 100).all()
    assert slope.abs().max() < 1001


@pytest.mark.parametrize("target", TARGETS)
def test_it_is_convex_smooth_and_least_where_the_mean_is_the_target(target):
    q = torch.linspace(-0.5, 1.5, 20_001, dtype=torch.float64)

    value, slope = value_and_slope(q, target)
    best, level = value_and_slope(torch.tensor([target], dtype=torch.float64), target)

    assert best.item() == pytest.approx(0, abs=1e-14)
    assert level.item() == pytest.approx(0, abs=1e-12)
    assert (value >= -1e-14).all()
    assert (slope.diff() >= -1e-9).all()
    edges = torch.tensor([1e-3 * target, 1 - 1e-3 * (1 - target)], dtype=torch.float64)
    for a, b in zip(
        value_and_slope(edges - 1e-12, target),
        value_and_slope(edges + 1e-12, target),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=0)


def test_every_activation_says_what_rest_is():
    assert set(ACTIVITIES) == set(ACTIVATIONS)
    assert {name: ACTIVITIES[name].rest for name in LOWEST} == LOWEST


@pytest.mark.parametrize("name", ACTIVITIES)
def test_activities_are_between_zero_at_rest_and_one(name):
    sums = torch.linspace(-200, 200, 4001, dtype=torch.float64)
    z = ACTIVATIONS[name].build()(sums)
    activity = ACTIVITIES[name]

    found = activity(z)

    assert activity(torch.tensor([activity.rest])).item() == 0
    assert (found >= 0).all()
    assert (found <= 1 + 1e-12).all()
    assert (activity(z[sums > 0]).diff() >= 0).all()
    assert found.max() > 0.99
    if name not in ("linear", "leaky-relu"):
        # Rest is what it goes to for very negative sums.
        assert activity(ACTIVATIONS[name].build()(torch.tensor([-1e4]))).item() < 1e-6
    if math.isinf(activity.span):
        u = torch.tensor([0.0, 1.0, 3.0, float("inf")])
        torch.testing.assert_close(activity(u + activity.rest), torch.tensor([0, 0.5, 0.75, 1]))
    else:
        torch.testing.assert_close(activity(z), (z - activity.rest) / activity.span)


@pytest.mark.parametrize("name", ACTIVITIES)
def test_the_penalty_is_the_sum_of_the_units_divergences(name):
    z = codes(name)
    q = ACTIVITIES[name](z).mean(0)

    expected = sum(
        kl_divergence(Bernoulli(torch.tensor(0.2, dtype=z.dtype)), Bernoulli(v)) for v in q
    )

    torch.testing.assert_close(kl_sparsity(z, 0.2, ACTIVITIES[name]), expected)


@pytest.mark.parametrize("name", ["logistic", "tanh", "selu", "linear"])
def test_its_gradient_is_that_of_finite_differences(name):
    z = codes(name, requires_grad=True)

    assert torch.autograd.gradcheck(lambda z: kl_sparsity(z, 0.2, ACTIVITIES[name]), (z,))


def test_a_dead_unit_with_a_slope_is_pushed_up_and_a_full_one_down():
    a = torch.tensor([[-40.0, 40.0]] * 3)

    for name in ("logistic", "tanh", "elu", "selu", "relu"):
        z = ACTIVATIONS[name].build()(a).detach().requires_grad_()
        kl_sparsity(z, 0.05, ACTIVITIES[name]).backward()
        assert (z.grad[:, 0] < -100).all()
        assert (z.grad[:, 1] > 1e-3).all()


@pytest.mark.parametrize("huge", [1e30, 3e38, float("inf")])
def test_no_value_of_a_unit_makes_the_penalty_or_its_gradient_infinite(huge):
    z = torch.tensor([[huge, 0.0, -1.0], [huge, 0.0, 1.0]], requires_grad=True)

    penalty = kl_sparsity(z, 0.05, ACTIVITIES["selu"])
    penalty.backward()

    assert penalty.isfinite()
    assert z.grad.isfinite().all()


@pytest.mark.parametrize("penalty", ["kl", "l1"])
def test_a_weight_counts_like_repetition(penalty):
    z, activity = codes("tanh")[:4], ACTIVITIES["tanh"]
    counts = torch.tensor([1, 3, 0, 2])

    def cost(z, weight=None):
        if penalty == "l1":
            return l1_sparsity(z, activity, weight=weight)
        return kl_sparsity(z, 0.1, activity, weight=weight)

    weight = counts.double() / counts.double().mean()
    torch.testing.assert_close(cost(z, weight), cost(z.repeat_interleave(counts, 0)))
    torch.testing.assert_close(cost(z, torch.ones(4, dtype=z.dtype)), cost(z))


def test_a_mean_of_weights_that_do_not_average_one_stays_a_mean():
    values = torch.tensor([[0.2], [0.9]])

    assert batch_mean(values, torch.tensor([3.0, 3.0])).item() == pytest.approx(0.55)
    assert batch_mean(values, torch.zeros(2)).item() == 0


def test_another_mean_takes_the_place_of_the_batch():
    z, activity = codes("logistic"), ACTIVITIES["logistic"]
    rest = codes("logistic")

    def over_processes(values, weight):
        return (values.sum(0) + activity(rest).sum(0)) / (len(values) + len(rest))

    together = kl_sparsity(torch.cat([z, rest]), 0.1, activity)

    torch.testing.assert_close(kl_sparsity(z, 0.1, activity, mean=over_processes), together)


@pytest.mark.parametrize("name", ["relu", "tanh", "selu", "linear"])
def test_l1_is_the_mean_absolute_distance_from_rest(name):
    z, rest = codes(name), ACTIVITIES[name].rest

    expected = torch.linalg.vector_norm(z - rest, ord=1, dim=1).mean()

    torch.testing.assert_close(l1_sparsity(z, ACTIVITIES[name]), expected)


@pytest.mark.parametrize(("name", "low"), [("relu", 0.0), ("tanh", -1.0), ("elu", -1.0)])
def test_a_dead_unit_is_one_that_never_leaves_its_low_value(name, low):
    z = torch.full((20, 4), low)
    z[:, 1] += 0.5
    z[7, 2] += 0.5
    z[:, 3] += 1e-6

    dead = dead_units(z, ACTIVITIES[name])

    assert dead.tolist() == [True, False, False, True]
    assert dead_units(z, ACTIVITIES[name], tolerance=0.0).tolist() == [True, False, False, False]
    activity = unit_activity(z, ACTIVITIES[name])
    assert activity[0] == 0
    assert activity[1] == pytest.approx(20 * activity[2].item(), rel=1e-5)


def test_a_running_mean_is_the_average_with_falling_weights():
    batches = torch.rand(7, 5, 3)
    mean, decay = RunningMean(3, decay=0.8), 0.8

    found = [mean(batch) for batch in batches][-1]

    weights = decay ** torch.arange(6, -1, -1.0)
    expected = (weights[:, None] * batches.mean(1)).sum(0) / weights.sum()
    torch.testing.assert_close(found, expected)


def test_without_a_past_a_running_mean_is_the_mean_of_the_batch():
    x, weight = torch.rand(5, 3), torch.tensor([1.0, 3, 0, 0, 1])

    torch.testing.assert_close(RunningMean(3)(x, weight), batch_mean(x, weight))
    forgetful = RunningMean(3, decay=0.0)
    forgetful(torch.rand(5, 3))
    torch.testing.assert_close(forgetful(x), x.mean(0))


def test_the_gradient_of_a_running_mean_goes_through_the_present():
    mean, x = RunningMean(2, decay=0.9), torch.rand(4, 2, requires_grad=True)
    for _ in range(3):
        mean(torch.rand(4, 2, requires_grad=True))

    mean(x).sum().backward()

    torch.testing.assert_close(x.grad, torch.full((4, 2), 0.1 / (1 - 0.9**4) / 4))


def test_a_running_mean_is_saved_with_the_model_and_rests_in_evaluation():
    mean, other = RunningMean(2), RunningMean(2)
    mean(torch.rand(4, 2))
    other.load_state_dict(mean.state_dict())
    x = torch.rand(4, 2)
    before = {name: value.clone() for name, value in mean.state_dict().items()}

    mean.eval()
    torch.testing.assert_close(mean(x), x.mean(0))
    assert all(torch.equal(before[name], mean.state_dict()[name]) for name in before)

    mean.train()
    assert torch.equal(mean(x), other(x))


def test_a_running_mean_takes_the_place_of_the_batch_in_the_penalty():
    activity, mean = ACTIVITIES["logistic"], RunningMean(6)
    first, second = codes("logistic").float(), codes("logistic").float()
    mean(activity(first))

    found = kl_sparsity(second, 0.1, activity, mean=mean)

    q = (0.9 * first.mean(0) + second.mean(0)) / 1.9
    torch.testing.assert_close(found, target_kl(q, 0.1).sum())
