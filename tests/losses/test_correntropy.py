"""Correntropy: closed forms, bounded influence, and a width that outliers do not move."""

import math
import pickle

import numpy as np
import pytest
import torch
from scipy.stats import median_abs_deviation, norm
from sklearn.datasets import load_digits

from espelho.errors import SettingError
from espelho.losses.correntropy import (
    KERNEL_RECONSTRUCTIONS,
    correntropy,
    correntropy_loss,
    median_bandwidth,
)
from espelho.losses.reconstruction import RECONSTRUCTIONS


def pair(*shape):
    return torch.randn(shape, dtype=torch.float64), torch.randn(shape, dtype=torch.float64)


def slope(error, sigma):
    a = torch.tensor(error, dtype=torch.float64, requires_grad=True)
    correntropy_loss(torch.zeros_like(a), a, sigma).sum().backward()
    return a.grad


@pytest.mark.parametrize("sigma", [0.1, 1.0, 7.0])
def test_the_elements_are_minus_the_normal_density_of_the_errors(sigma):
    x, x_hat = pair(6, 2, 3)

    expected = -norm.pdf((x - x_hat).numpy(), scale=sigma)

    torch.testing.assert_close(correntropy(sigma).elements(x, x_hat), torch.tensor(expected))


@pytest.mark.parametrize("sigma", [0.1, 1.0, 7.0])
def test_at_equality_the_loss_is_at_its_least(sigma):
    x, other = pair(5, 4)
    loss = correntropy(sigma)

    best = loss.mean(x, x)

    assert best.item() == pytest.approx(-4 / (math.sqrt(2 * math.pi) * sigma))
    assert best < loss.mean(x, other)
    assert torch.equal(loss.output(x), x)
    assert not loss.unit_interval


@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_the_gradient_is_the_error_times_the_kernel_over_the_squared_width(sigma):
    errors = np.linspace(-5, 5, 41)

    expected = errors * norm.pdf(errors, scale=sigma) / sigma**2

    np.testing.assert_allclose(slope(errors.tolist(), sigma).numpy(), expected, atol=1e-15)


@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_the_influence_of_an_error_is_bounded_and_goes_to_zero(sigma):
    bound = math.exp(-0.5) / (math.sqrt(2 * math.pi) * sigma**2)

    influence = slope(np.linspace(0, 20 * sigma, 2001).tolist(), sigma)

    assert influence.max().item() == pytest.approx(bound)
    assert influence.argmax().item() == 100  # where the error is sigma
    assert (influence[100:].diff() <= 0).all()
    assert influence[-1] < 1e-40
    assert slope([1e30], sigma).item() == 0
    assert torch.equal(slope([1e200], sigma), torch.zeros(1, dtype=torch.float64))


def test_with_a_wide_kernel_it_is_the_squared_error_scaled_and_shifted():
    x, x_hat = pair(7, 3)
    sigma = 1e3

    found = correntropy(sigma).mean(x, x_hat) - correntropy(sigma).mean(x, x)
    expected = RECONSTRUCTIONS["squared_error"].mean(x, x_hat)

    scale = 2 * sigma**3 * math.sqrt(2 * math.pi)
    torch.testing.assert_close(found * scale, expected, rtol=1e-4, atol=0)


@pytest.mark.parametrize("shape", [(7, 3), (7, 2, 4, 5), (1, 1)])
def test_the_loss_is_the_mean_over_samples_of_the_sum_over_their_elements(shape):
    loss, (x, x_hat) = correntropy(0.7), pair(*shape)

    elements = loss.elements(x, x_hat)

    torch.testing.assert_close(loss.total(x, x_hat), elements.sum())
    torch.testing.assert_close(loss.mean(x, x_hat), elements.flatten(1).sum(1).mean())


def test_a_weight_counts_like_repetition():
    loss, (x, x_hat) = correntropy(0.7), pair(4, 2, 3)
    counts = torch.tensor([1, 3, 0, 2])

    repeated = loss.mean(x.repeat_interleave(counts, 0), x_hat.repeat_interleave(counts, 0))

    torch.testing.assert_close(
        loss.mean(x, x_hat, counts.double() / counts.double().mean()), repeated
    )


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.inf, math.nan])
def test_a_width_that_is_no_positive_number_raises(sigma):
    with pytest.raises(SettingError, match="positive number"):
        correntropy(sigma)


def test_the_table_names_what_the_other_does_not():
    assert not set(KERNEL_RECONSTRUCTIONS) & set(RECONSTRUCTIONS)
    x, x_hat = pair(3, 2)
    for make in KERNEL_RECONSTRUCTIONS.values():
        assert make(1.0).mean(x, x) < make(1.0).mean(x, x_hat)


def test_the_width_is_the_median_absolute_deviation_of_columns_alike():
    x = torch.randn(1001, 1)

    expected = median_abs_deviation(x.numpy()[:, 0], scale=1 / 1.4826)

    assert median_bandwidth(x) == pytest.approx(expected, rel=2e-3)


def test_the_width_of_normal_data_is_its_standard_deviation_wherever_its_columns_lie():
    x = 3 * torch.randn(20_001, 5) + torch.arange(5) * 100

    assert median_bandwidth(x) == pytest.approx(3, rel=0.02)
    assert median_bandwidth(x.reshape(20_001, 5, 1)) == median_bandwidth(x)
    assert median_bandwidth(x + 7) == pytest.approx(median_bandwidth(x), rel=1e-4)
    assert median_bandwidth(2 * x) == pytest.approx(2 * median_bandwidth(x), rel=1e-4)


def test_thirty_percent_of_outliers_less_than_double_the_width():
    x = torch.randn(5000, 4)
    spoiled = torch.where(torch.rand(x.shape) < 0.3, 1e6 * torch.randn(x.shape), x)

    clean = median_bandwidth(x)

    assert clean < median_bandwidth(spoiled) < 2 * clean
    assert spoiled.std() > 1e5 * clean


def test_columns_that_never_change_do_not_count():
    digits = torch.tensor(load_digits().data)
    constant = torch.full((len(digits), 500), 3.0, dtype=torch.float64)

    width = median_bandwidth(digits)

    assert width > 0.0
    assert median_bandwidth(torch.cat([digits, constant], dim=1)) == width
    assert median_bandwidth(torch.zeros(5, 2)) == 1.0
    assert median_bandwidth(torch.zeros(1, 2)) == 1.0


def test_the_same_data_gives_the_same_width_and_draws_nothing():
    x = torch.randn(25_000, 2)
    before = torch.get_rng_state()

    assert median_bandwidth(x) == median_bandwidth(x.clone())
    assert torch.equal(torch.get_rng_state(), before)


def test_a_weight_counts_like_the_sample_given_so_often():
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(40, 5, generator=generator, dtype=torch.float64)
    counts = torch.randint(1, 4, (40,), generator=generator)

    assert median_bandwidth(x, counts.double()) == median_bandwidth(x.repeat_interleave(counts, 0))
    assert median_bandwidth(x, torch.ones(40).double()) == median_bandwidth(x)


def test_the_loss_of_a_width_can_be_pickled():
    again = pickle.loads(pickle.dumps(correntropy(0.7)))
    x, x_hat = torch.rand(2, 4, 3)

    assert torch.equal(again.mean(x, x_hat), correntropy(0.7).mean(x, x_hat))
