"""Divergences: closed forms against torch's distributions, and bounds that have a slope."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from espelho.losses.divergences import clamp_log_variance, gaussian_kl


def test_the_divergence_of_a_normal_distribution_is_that_of_torch():
    mean, log_variance = torch.randn(2, 20, 3, dtype=torch.float64) * 3

    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))

    torch.testing.assert_close(gaussian_kl(mean, log_variance), expected)


def test_the_divergence_of_the_standard_normal_distribution_is_its_least():
    mean = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    log_variance = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)

    kl = gaussian_kl(mean, log_variance)
    slopes = torch.autograd.grad(kl.sum(), (mean, log_variance))

    assert kl.item() == slopes[0].item() == slopes[1].item() == 0


def test_a_clamped_log_variance_keeps_its_order_its_bounds_and_a_slope():
    a = torch.linspace(-100, 100, 2001, dtype=torch.float64, requires_grad=True)

    clamped = clamp_log_variance(a)
    (slopes,) = torch.autograd.grad(clamped.sum(), a)

    assert clamped.abs().max() <= 10
    assert (slopes > 0).all()
    near = a.detach().abs() < 1
    torch.testing.assert_close(clamped[near].detach(), a[near].detach(), atol=4e-3, rtol=0)


@pytest.mark.parametrize("value", [-1e30, 1e30])
def test_no_number_overflows(value):
    variance = clamp_log_variance(torch.tensor(value)).exp()

    assert 1e-5 < variance < 1e5
