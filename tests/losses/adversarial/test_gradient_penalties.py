"""Gradient penalties: of each sample by itself, over all of its elements together."""

import pytest
import torch
from torch import nn

from espelho.losses.adversarial.gradient_penalties import (
    GRADIENT_PENALTIES,
    gradient_penalty,
    slopes,
)
from espelho.networks.dense import dense

W = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)


def linear(x):
    return x.flatten(1) @ W + 7


def samples(n, shape=(4,)):
    return torch.rand(2, n, *shape, dtype=torch.float64)


@pytest.mark.parametrize("shape", [(4,), (1, 2, 2)])
@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("name", ["wasserstein", "dragan"])
def test_of_a_linear_critic_it_is_how_far_the_slope_is_off_one(name, n, shape):
    found = gradient_penalty(GRADIENT_PENALTIES[name], linear, *samples(n, shape))
    torch.testing.assert_close(found, (W.norm() - 1).square())


@pytest.mark.parametrize("shape", [(4,), (1, 2, 2)])
@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("name", ["r1", "r2"])
def test_of_a_linear_critic_it_is_the_square_of_the_slope(name, n, shape):
    found = gradient_penalty(GRADIENT_PENALTIES[name], linear, *samples(n, shape))
    torch.testing.assert_close(found, W.square().sum())


def test_points_are_where_each_penalty_says():
    real, fake = samples(50)
    points = {name: p.points(real, fake) for name, p in GRADIENT_PENALTIES.items()}
    assert torch.equal(points["r1"], real)
    assert torch.equal(points["r2"], fake)
    share = (points["wasserstein"] - fake) / (real - fake)
    torch.testing.assert_close(share, share[:, :1].expand_as(share))  # one for each sample
    assert (share > 0).all()
    assert (share < 1).all()
    assert len(share[:, 0].unique()) == 50
    near = points["dragan"] - real
    assert (near >= 0).all()
    assert (near <= real.std(correction=0) / 2).all()


@pytest.mark.parametrize("name", GRADIENT_PENALTIES)
def test_its_gradient_by_the_weights_is_right(name):
    critic = dense((4, 5, 1), "tanh", "linear").double()
    real, fake = samples(6)

    def penalty(first, *_):
        with torch.random.fork_rng():
            torch.manual_seed(0)

            def score(x):
                return torch.func.functional_call(critic, {"0.weight": first}, (x,))[:, 0]

            return gradient_penalty(GRADIENT_PENALTIES[name], score, real, fake)

    assert torch.autograd.gradcheck(penalty, (critic[0].weight,))


def test_slopes_are_those_of_each_sample_and_need_no_gradients_to_be_on():
    critic = nn.Sequential(*dense((4, 5, 1), "tanh", "linear").double(), nn.Flatten(0))
    x, _ = samples(3)
    with torch.no_grad():
        found = slopes(critic, x)
    for row, slope in zip(x, found, strict=True):
        expected = torch.autograd.functional.jacobian(critic, row[None])[0, 0]
        torch.testing.assert_close(slope, expected)
    assert not x.requires_grad


def test_a_flat_critic_has_a_finite_gradient():
    scale = torch.zeros((), dtype=torch.float64, requires_grad=True)
    real, fake = samples(3)

    def flat(x):
        return scale * x.sum(1)

    gradient_penalty(GRADIENT_PENALTIES["wasserstein"], flat, real, fake).backward()
    assert scale.grad.isfinite()


def test_the_mean_is_weighted():
    weight = torch.tensor([0.5, 1.5], dtype=torch.float64)
    real = torch.tensor([[1.0], [2.0]], dtype=torch.float64)

    def square(x):
        return x.square().sum(1)

    found = gradient_penalty(GRADIENT_PENALTIES["r1"], square, real, real, weight)
    assert found.item() == (0.5 * 2**2 + 1.5 * 4**2) / 2
