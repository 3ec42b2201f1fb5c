"""Layers that draw: by torch's random state in training, and a point in evaluation."""

import pytest
import torch
from torch import nn

from espelho.errors import ShapeError
from espelho.networks.stochastic import AppendNoise, GaussianDraw


def test_draws_have_the_mean_and_the_deviation_that_the_units_say():
    mean = torch.tensor([1.0, -2.0], dtype=torch.float64)
    a = torch.tensor([0.5, -3.0], dtype=torch.float64)
    units = torch.cat([mean, a]).expand(100_000, 4)

    drawn = GaussianDraw()(units)

    deviation = torch.exp(4 * torch.tanh(a / 8))
    assert ((drawn.mean(0) - mean).abs() < 0.02 * deviation).all()
    torch.testing.assert_close(drawn.std(0), deviation, rtol=0.02, atol=0)
    torch.testing.assert_close(GaussianDraw().eval()(units[:1]), mean[None])


def test_a_variance_stays_finite_whatever_the_unit():
    units = torch.tensor([[0.0, 0.0, -1e9, 1e9]])
    assert GaussianDraw()(units).isfinite().all()


def test_the_slope_goes_through_the_mean_and_the_deviation():
    units = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)

    def seeded(values):
        torch.manual_seed(0)
        return GaussianDraw()(values)

    assert torch.autograd.gradcheck(seeded, units)


@pytest.mark.parametrize("shape", [(2, 3), (4,)])
def test_units_that_cannot_be_halved_are_refused(shape):
    with pytest.raises(ShapeError, match=r"must return \(n, 2 \* latent_dim\)"):
        GaussianDraw()(torch.zeros(shape))


def test_noise_stands_behind_the_sample_and_is_zero_in_evaluation():
    x = torch.rand(5000, 3)
    layer = AppendNoise(2)

    noisy, plain = layer(x), layer.eval()(x)

    torch.testing.assert_close(noisy[:, :3], x)
    assert noisy[:, 3:].mean().abs() < 0.05
    assert noisy[:, 3:].std() == pytest.approx(1, abs=0.05)
    torch.testing.assert_close(plain, torch.cat([x, torch.zeros(5000, 2)], 1))


@pytest.mark.parametrize("layer", [GaussianDraw(), AppendNoise(2)])
def test_the_same_random_state_gives_the_same_draws(layer):
    x, found = torch.rand(4, 6), []
    for _ in range(2):
        torch.manual_seed(1)
        found.append(nn.Sequential(layer)(x))
    assert torch.equal(*found)
