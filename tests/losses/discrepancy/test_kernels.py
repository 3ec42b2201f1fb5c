"""Kernels: their values and slopes, what they are the Fourier transform of, and their widths."""

import math
from typing import get_args

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

from espelho.errors import SettingError
from espelho.estimators import fields
from espelho.losses.discrepancy.kernels import FACTORS, KERNELS, Gaussian, RationalQuadratic
from espelho.losses.discrepancy.median_distance import median_distance

DOUBLE = torch.float64
MIXTURES = [
    Gaussian((1.0,)),
    Gaussian(FACTORS),
    Gaussian([math.sqrt(s) for s in (2, 5, 10, 20, 40, 80)]),
    Gaussian((1.0, 1.0, 1.3)),
    RationalQuadratic((1.0,)),
    RationalQuadratic((0.5, 2.0), powers=(0.3, 4.0)),
]


def squared():
    return torch.linspace(0, 30, 12, dtype=DOUBLE).reshape(3, 4)


def by_formula(kernel, d2):
    if isinstance(kernel, Gaussian):
        return sum(np.exp(-d2 / (2 * s**2)) for s in kernel.bandwidths)
    pairs = [(s, a) for s in kernel.bandwidths for a in kernel.powers]
    return sum((1 + d2 / (2 * a * s**2)) ** -a for s, a in pairs)


@pytest.mark.parametrize("kernel", MIXTURES)
def test_the_values_are_the_formulas(kernel):
    expected = torch.from_numpy(by_formula(kernel, squared().numpy()))

    torch.testing.assert_close(kernel(squared()), expected)
    assert float(kernel(torch.zeros(1))) == kernel.at_zero


@pytest.mark.parametrize("kernel", MIXTURES)
@pytest.mark.parametrize("with_slopes", [True, False])
def test_what_is_written_are_values_and_minus_their_slopes(kernel, with_slopes):
    values, slopes, work = (torch.full((3, 4), torch.nan, dtype=DOUBLE) for _ in range(3))
    kernel.write(squared(), values, slopes if with_slopes else None, work)

    d2 = squared().requires_grad_()
    expected = kernel(d2)
    (slope,) = torch.autograd.grad(expected.sum(), d2)
    torch.testing.assert_close(values, expected.detach(), rtol=1e-12, atol=0)
    if with_slopes:
        torch.testing.assert_close(slopes, -slope, rtol=1e-12, atol=0)
    else:
        assert slopes.isnan().all()


@pytest.mark.parametrize("kernel", MIXTURES)
def test_waves_of_the_frequencies_are_the_kernel_in_the_mean(kernel):
    x = torch.tensor([[0.3, -1.0, 0.5]], dtype=DOUBLE)

    frequencies = kernel.frequencies(20_000, like=x)

    waves = torch.cos(x @ frequencies.t()).mean() * kernel.at_zero
    expected = float(kernel(x.square().sum(1)))
    assert frequencies.dtype == DOUBLE
    assert float(waves) == pytest.approx(expected, abs=0.03 * kernel.at_zero)


@pytest.mark.parametrize("cls", KERNELS.values())
@pytest.mark.parametrize("widths", [(), (0.0,), (1.0, -1.0), (math.inf,), (math.nan,)])
def test_widths_are_positive_numbers(cls, widths):
    with pytest.raises(SettingError, match="bandwidths of a kernel must be one or more positive"):
        cls(widths)


def test_powers_are_positive_numbers():
    with pytest.raises(SettingError, match="powers of a kernel must be one or more positive"):
        RationalQuadratic((1.0,), powers=(0.0,))


def test_the_settings_name_the_kernels():
    assert get_args(fields.KernelName) == tuple(KERNELS)


@pytest.mark.parametrize("n", [2, 3, 40])
def test_the_median_distance_is_the_median_of_all_distances(n):
    x = torch.randn(n, 2, 3, dtype=DOUBLE)

    distances = np.sort(pdist(x.flatten(1).numpy()))

    assert median_distance(x) == pytest.approx(distances[(len(distances) - 1) // 2])


def test_weights_count_like_samples_given_so_often():
    x, counts = torch.randn(8, 2, dtype=DOUBLE), torch.tensor([1, 2, 1, 1, 3, 1, 1, 2])

    assert median_distance(x, counts.double()) == median_distance(x.repeat_interleave(counts, 0))


def test_samples_given_twice_are_no_distance():
    assert median_distance(torch.tensor([[1.0], [1.0], [1.0], [4.0]])) == 3.0
    assert median_distance(torch.ones(5, 2)) == 1.0


def test_many_samples_are_thinned_evenly():
    x = torch.linspace(0, 1, 5000, dtype=DOUBLE)[:, None]

    assert median_distance(x) == pytest.approx(1 - math.sqrt(0.5), abs=2e-3)
