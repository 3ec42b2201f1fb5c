"""Likelihoods: they are those of their distributions, constants and all."""

import math

import pytest
import torch
from scipy import stats
from torch.distributions import Laplace, Normal

from espelho.losses.likelihoods import DRAWS, LIKELIHOODS, discretized_logistic, gaussian, laplace


def drawn(*shape):
    x, output, log_variance = torch.randn(3, *shape, dtype=torch.float64)
    return x, output, log_variance[0]


@pytest.mark.parametrize("shape", [(7, 3), (5, 2, 4)])
def test_the_gaussian_one_is_a_normal_distribution_of_that_variance(shape):
    x, output, log_variance = drawn(*shape)

    expected = -Normal(output, (0.5 * log_variance).exp()).log_prob(x)

    torch.testing.assert_close(gaussian(x, output, log_variance), expected)


def test_the_squared_error_weighs_one_over_twice_the_variance():
    x, output, _ = drawn(4, 3)
    other = output + 1

    weighed = [gaussian(x, o, torch.tensor(0.3).double().log()).sum() for o in (output, other)]
    squares = [(x - o).square().sum() for o in (output, other)]

    torch.testing.assert_close(weighed[1] - weighed[0], (squares[1] - squares[0]) / 0.6)


def test_laplaces_has_that_variance():
    x, output, log_variance = drawn(7, 3)
    b = (log_variance.exp() / 2).sqrt()

    torch.testing.assert_close(laplace(x, output, log_variance), -Laplace(output, b).log_prob(x))
    torch.testing.assert_close(Laplace(output, b).variance[0], log_variance.exp())


@pytest.mark.parametrize("log_variance", [-18.0, -6.0, -1.0, 3.0])
@pytest.mark.parametrize("mean", [-0.2, 0.0, 0.3, 1.0, 5.0])
def test_the_probabilities_of_all_256_pixels_sum_to_1(mean, log_variance):
    pixels = torch.arange(256, dtype=torch.float64)[None] / 255
    spread = torch.tensor(log_variance, dtype=torch.float64)

    costs = discretized_logistic(pixels, torch.full_like(pixels, mean), spread)

    assert costs.neg().exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_a_pixel_has_the_mass_of_its_bin():
    pixel, mean, variance = 100 / 255, 0.45, 0.01
    scale = math.sqrt(3 * variance) / math.pi
    logistic = stats.logistic(mean, scale)
    assert logistic.var() == pytest.approx(variance)

    found = discretized_logistic(
        torch.tensor([[pixel]]).double(),
        torch.tensor([[mean]]).double(),
        torch.tensor(variance).double().log(),
    )

    mass = logistic.cdf(pixel + 1 / 510) - logistic.cdf(pixel - 1 / 510)
    assert found.item() == pytest.approx(-math.log(mass), rel=1e-6)


def test_a_pixel_far_out_has_a_finite_cost_and_a_slope():
    mean = torch.tensor([[30.0]], requires_grad=True)

    cost = discretized_logistic(torch.tensor([[0.2]]), mean, torch.tensor(-9.0))
    cost.sum().backward()

    assert cost.isfinite().all()
    assert mean.grad.item() > 1


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_data_is_most_probable_at_the_decoders_output(name):
    x = torch.full((1, 1), 100 / 255, dtype=torch.float64)
    away = torch.linspace(0, 1, 11, dtype=torch.float64)

    costs = [LIKELIHOODS[name](x, x + a, torch.tensor(-3.0)).item() for a in away]

    assert costs == sorted(costs)


@pytest.mark.parametrize(
    ("loss", "scipys"),
    [
        ("squared_error", stats.norm(0.3, math.sqrt(0.5))),
        ("absolute_error", stats.laplace(0.3, math.sqrt(0.25))),
    ],
)
def test_draws_are_of_the_distribution_whose_likelihood_it_is(loss, scipys):
    mean, log_variance = torch.full((40_000,), 0.3).double(), torch.tensor(0.5).double().log()

    found = DRAWS[loss](mean, log_variance, torch.Generator().manual_seed(0))

    assert stats.kstest(found.numpy(), scipys.cdf).pvalue > 0.01


@pytest.mark.parametrize("mean", [0.02, 0.4, 1.0])
def test_drawn_pixels_come_as_often_as_they_are_likely(mean):
    log_variance, n = torch.tensor(0.004).double().log(), 20_000
    values = torch.arange(256).double() / 255

    found = DRAWS["discretized_logistic"](
        torch.full((n,), mean).double(), log_variance, torch.Generator().manual_seed(0)
    )

    likely = torch.exp(-discretized_logistic(values, torch.full_like(values, mean), log_variance))
    counts = torch.bincount((found * 255).round().long(), minlength=256)
    common = n * likely >= 5
    came, expected = counts[common].numpy(), (n * likely[common]).numpy()
    assert stats.chisquare(came, expected * came.sum() / expected.sum()).pvalue > 0.01
    assert came.sum() > 0.97 * n


def test_drawn_zeros_and_ones_have_their_probabilities():
    mean = torch.tensor([0.0, 0.25, 1.0]).repeat(4000, 1)

    found = DRAWS["bernoulli"](mean, torch.zeros(()), torch.Generator().manual_seed(0))

    assert set(found.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(found.mean(0), mean[0], atol=0.03, rtol=0)
    assert found[:, 0].sum() == 0
    assert found[:, 2].sum() == 4000
