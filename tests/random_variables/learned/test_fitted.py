"""What is fitted to points has their moments, their clusters and their likely bandwidth."""

import numpy as np
import pytest

from espelho.errors import DataError, SettingError
from espelho.random_variables import GaussianMixture, KernelDensity, Sampler, Scaled
from espelho.random_variables.learned.fitted import fit_kernel_density, fit_mixture
from espelho.random_variables.learned.kernel_density import likely_bandwidth

POINTS = np.random.default_rng(0).normal(size=(400, 3)) * [1.0, 5.0, 0.1] + [0.0, 2.0, 7.0]
FITS = [fit_kernel_density, fit_mixture]


def test_the_variance_of_a_kernel_density_is_that_of_the_points_plus_that_of_the_noise():
    density = fit_kernel_density(POINTS, bandwidth=0.5)
    drawn = density.sample(40_000, random_state=0)

    assert isinstance(density, Sampler)
    np.testing.assert_allclose((drawn.mean(0) - POINTS.mean(0)) / POINTS.std(0), 0, atol=0.02)
    np.testing.assert_allclose(drawn.var(0), 1.25 * POINTS.var(0), rtol=0.03)


def test_no_bandwidth_gives_the_points_again():
    drawn = KernelDensity(POINTS, 0.0).sample(50, random_state=0)

    assert (drawn[:, np.newaxis] == POINTS).all(-1).any(-1).all()
    np.testing.assert_array_equal(drawn, KernelDensity(POINTS, 0.0).sample(50, random_state=0))


def test_the_likely_bandwidth_is_near_the_best_for_normal_points_and_small_for_clusters():
    """For normal points that of Silverman (1986) is known: (4 / (d + 2) n) ^ (1 / (d + 4))."""
    known = (4 / (5 * 400)) ** (1 / 7)
    normal = np.random.default_rng(2).normal(size=(400, 3))
    clusters = np.random.default_rng(1).integers(0, 2, size=(400, 3)) * 2 - 1 + 0.02 * normal

    assert likely_bandwidth(normal) == pytest.approx(known, rel=0.4)
    assert likely_bandwidth(clusters) < 0.1 * known
    assert likely_bandwidth(np.repeat(normal, 3, axis=0)) == likely_bandwidth(normal)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(
    "points", [np.ones((5, 2)), np.ones((1, 2)), np.arange(6.0).reshape(3, 2)]
)
def test_few_or_equal_points_are_enough(fit, points):
    points = np.column_stack([points, np.full(len(points), 1e9)])
    drawn = fit(points).sample(200, random_state=0)

    assert drawn.shape == (200, 3)
    constant = np.ptp(points, axis=0) == 0
    assert (drawn[:, constant] == points[0, constant]).all()
    assert (drawn[:, ~constant].std(axis=0) > 0).all()


@pytest.mark.parametrize("n", [0, -1, 1.5, True])
@pytest.mark.parametrize("fit", FITS)
def test_a_number_of_samples_is_whole_and_at_least_one(fit, n):
    with pytest.raises(SettingError, match="n must be a whole number of at least 1"):
        fit(POINTS).sample(n)


def test_the_mixture_finds_what_points_were_drawn_from():
    covariances = np.array([[[1.0, 0.8], [0.8, 0.73]], [[0.04, 0.0], [0.0, 4.0]]])
    means, weights = np.array([[0.0, 0.0], [20.0, 5.0]]), np.array([0.25, 0.75])
    truth = GaussianMixture(means=means, covariances=covariances, weights=weights)

    found = fit_mixture(truth.sample(20_000, random_state=0), 2)

    order = np.argsort(found.base.weights)
    scale = found.scale
    np.testing.assert_allclose(np.asarray(found.base.weights)[order], weights, atol=0.02)
    own = found.shift + scale * np.asarray(found.base.means)[order]
    np.testing.assert_allclose(own, means, atol=0.1)
    squares = np.asarray(found.base.covariances)[order] * np.outer(scale, scale)
    np.testing.assert_allclose(squares, covariances, atol=0.15)


def test_components_are_as_many_as_the_points_can_tell():
    assert len(fit_mixture(POINTS).base.weights) == 10
    assert len(fit_mixture(POINTS[:100]).base.weights) == 2
    assert len(fit_mixture(POINTS[:30]).base.weights) == 1
    with pytest.raises(DataError, match="31 components cannot be fitted to 30 points"):
        fit_mixture(POINTS[:30], 31)


@pytest.mark.parametrize("fit", FITS)
def test_arrays_are_all_there_is_to_keep(fit):
    fitted = fit(POINTS)
    arrays = fitted.to_arrays()

    again = Scaled.from_arrays(type(fitted.base), arrays)

    assert all(values.dtype == np.float64 for values in arrays.values())
    drawn = fitted.sample(9, random_state=0)
    np.testing.assert_array_equal(again.sample(9, random_state=0), drawn)
