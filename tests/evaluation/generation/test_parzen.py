"""Parzen windows agree with scikit-learn's and SciPy's densities."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from sklearn.neighbors import KernelDensity

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.generation import (
    distances,
    parzen_bandwidth,
    parzen_log_densities,
    parzen_log_likelihood,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("bandwidth", [0.05, 1.0, 30.0])
def test_densities_are_those_of_scikit_learn(rng, bandwidth):
    samples, X = rng.normal(size=(70, 3)), 2 * rng.normal(size=(50, 3))
    expected = KernelDensity(bandwidth=bandwidth).fit(samples).score_samples(X)

    np.testing.assert_allclose(parzen_log_densities(samples, X, bandwidth), expected, rtol=1e-9)


def test_one_sample_is_a_multivariate_normal(rng):
    samples, X = rng.normal(size=(1, 5)), rng.normal(size=(20, 5))
    expected = stats.multivariate_normal(samples[0], 0.49 * np.eye(5)).logpdf(X)

    np.testing.assert_allclose(parzen_log_densities(samples, X, 0.7), expected)


def test_the_density_integrates_to_one(rng):
    samples = rng.normal(size=(7, 1))
    grid = np.linspace(-10, 10, 4001)
    density = np.exp(parzen_log_densities(samples, grid[:, None], 0.3))

    assert integrate.trapezoid(density, grid) == pytest.approx(1)


def test_blocks_do_not_change_the_figure(rng, monkeypatch):
    samples, X = rng.normal(size=(33, 4)), rng.normal(size=(21, 4))
    whole = parzen_log_densities(samples, X, 0.5)
    monkeypatch.setattr(distances, "BLOCK_ROWS", 5)

    np.testing.assert_allclose(parzen_log_densities(samples, X, 0.5), whole, rtol=1e-13)


def test_far_from_the_origin_no_digits_are_lost(rng):
    samples, X = rng.normal(size=(30, 4)), rng.normal(size=(20, 4))
    there = parzen_log_densities(samples + 1e7, X + 1e7, 0.5)

    np.testing.assert_allclose(there, parzen_log_densities(samples, X, 0.5), rtol=1e-6)


def test_nothing_underflows_far_from_all_samples():
    found = parzen_log_densities([[0.0], [1.0]], [[1e6]], 1e-3)

    assert found[0] == pytest.approx(-((1e6 - 1) ** 2) / 2e-6, rel=1e-9)


def test_the_mean_has_its_standard_error(rng):
    samples, X = rng.normal(size=(40, 2, 2)), rng.normal(size=(30, 2, 2))
    values = parzen_log_densities(samples, X, 0.8)
    found = parzen_log_likelihood(samples, X, 0.8)

    assert found.mean == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(stats.sem(values))
    assert found.bandwidth == 0.8
    assert np.isnan(parzen_log_likelihood(samples, X[:1], 0.8).standard_error)


def test_integers_are_the_numbers_they_show():
    samples, X = np.array([[0, 250]], dtype=np.uint8), np.array([[250, 0]], dtype=np.uint8)

    assert parzen_log_densities(samples, X, 100)[0] == pytest.approx(
        parzen_log_densities(samples.astype(float), X.astype(float), 100)[0]
    )


def test_the_bandwidth_chosen_is_the_most_likely_one(rng):
    samples, X = rng.normal(size=(60, 2)), rng.normal(size=(40, 2))
    grid = np.logspace(-1, 0, 10)
    means = [parzen_log_likelihood(samples, X, h).mean for h in grid]

    assert parzen_bandwidth(samples, X) == grid[np.argmax(means)]
    assert parzen_bandwidth(samples, X, [7.0]) == 7


def test_a_device_without_double_precision_is_not_used(rng, monkeypatch):
    monkeypatch.setattr(distances, "find_device", lambda name: torch.device("mps"))

    assert parzen_log_densities([[0.0]], [[1.0]], 1.0)[0] == pytest.approx(stats.norm.logpdf(1))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_gives_the_same_figure(rng, monkeypatch):
    samples, X = rng.normal(size=(300, 4)), rng.normal(size=(200, 4))
    found = parzen_log_densities(samples, X, 0.5)
    monkeypatch.setattr(distances, "find_device", lambda name: torch.device("cpu"))

    np.testing.assert_allclose(found, parzen_log_densities(samples, X, 0.5), rtol=1e-10)


@pytest.mark.parametrize("bandwidth", [0, -1.0, np.nan, np.inf, "wide"])
def test_a_bandwidth_that_is_none_is_refused(bandwidth):
    with pytest.raises(SettingError, match="bandwidth must be a finite number above zero"):
        parzen_log_densities([[0.0]], [[0.0]], bandwidth)


def test_a_grid_without_bandwidths_is_refused():
    with pytest.raises(SettingError, match="at least one bandwidth"):
        parzen_bandwidth([[0.0]], [[0.0]], [])


def test_data_that_cannot_be_compared_is_refused():
    with pytest.raises(ShapeError, match="2 elements in samples and 1 in X"):
        parzen_log_densities([[0.0, 1.0]], [[0.0]], 1)
    with pytest.raises(DataError, match="samples must hold finite numbers only; row 1"):
        parzen_log_densities([[0.0], [np.nan]], [[0.0]], 1)
    with pytest.raises(DataError, match="X must hold at least one sample"):
        parzen_log_densities([[0.0]], np.empty((0, 1)), 1)
