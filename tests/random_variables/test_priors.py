"""Priors with components: their distributions, their labels, and what they refuse."""

import numpy as np
import pytest
from scipy import stats

from espelho.errors import DataError, SettingError
from espelho.random_variables import GaussianMixture, LabelledSampler, Normal, Sampler, SwissRoll

PRIORS = {
    "circle": GaussianMixture.circle(6),
    "common covariance": GaussianMixture([[0, 0], [9, 9]], covariances=[[2, 1], [1, 3]]),
    "own scales": GaussianMixture([[0, 0], [9, 0], [0, 9]], scales=[1, 2, 3]),
    "roll": SwissRoll(noise=0.1, parts=4),
}


@pytest.mark.parametrize("name", PRIORS)
def test_every_prior_is_a_sampler_with_labels_and_repeats_itself(name):
    prior = PRIORS[name]
    assert isinstance(prior, Sampler)
    assert isinstance(prior, LabelledSampler)
    assert not isinstance(Normal(2), LabelledSampler)
    first, again = (prior.sample(5, random_state=3) for _ in range(2))
    assert first.shape == (5, 2)
    np.testing.assert_array_equal(first, again)
    assert prior == PRIORS[name]
    assert hash(prior) == hash(PRIORS[name])


@pytest.mark.parametrize("name", PRIORS)
def test_samples_of_every_label_together_are_samples_of_the_whole(name):
    """Along each axis, by Kolmogorov and Smirnov."""
    prior, n = PRIORS[name], 6000
    labels = np.arange(n) % prior.n_labels
    labelled = prior.sample_labelled(labels, random_state=0)
    whole = prior.sample(n, random_state=1)
    for axis in (0, 1):
        assert stats.ks_2samp(labelled[:, axis], whole[:, axis]).pvalue > 0.001


@pytest.mark.parametrize("name", ["circle", "common covariance", "own scales"])
def test_a_component_has_its_mean_and_covariance(name):
    prior, n = PRIORS[name], 40_000
    for label in range(prior.n_labels):
        found = prior.sample_labelled(np.full(n, label), random_state=label)
        if prior.covariances is None:
            expected = np.eye(2) * prior.scales[label] ** 2
        else:
            every = np.broadcast_to(prior.covariances, (prior.n_labels, 2, 2))
            expected = every[label]
        spread = np.sqrt(np.trace(expected))
        np.testing.assert_allclose(found.mean(axis=0), prior.means[label], atol=0.03 * spread)
        np.testing.assert_allclose(np.cov(found.T), expected, atol=0.05 * spread**2)


def test_components_on_a_circle_lie_along_its_radii():
    prior = GaussianMixture.circle(8, radius=5, along=1, across=0.1)
    angles = 2 * np.pi * np.arange(8) / 8
    for label, angle in enumerate(angles):
        out = np.array([np.cos(angle), np.sin(angle)])
        np.testing.assert_allclose(prior.means[label], 5 * out, atol=1e-12)
        covariance = np.asarray(prior.covariances[label])
        np.testing.assert_allclose(covariance @ out, out, atol=1e-12)
        side = np.array([-out[1], out[0]])
        np.testing.assert_allclose(covariance @ side, 0.01 * side, atol=1e-12)


def test_components_are_drawn_as_often_as_their_weights_say():
    prior = GaussianMixture([[0.0], [10.0], [20.0]], scales=0.1, weights=[1, 0, 3])
    found = (prior.sample(4000, random_state=0).ravel() / 10).round().astype(int)
    counts = np.bincount(found, minlength=3)
    assert counts[1] == 0
    assert stats.binomtest(int(counts[2]), 4000, 0.75).pvalue > 0.001


def test_a_swiss_roll_is_a_spiral_whose_length_is_evenly_covered():
    roll = SwissRoll(radius=3, turns=2)
    x, y = roll.sample(20_000, random_state=0).T
    radius = np.hypot(x, y)
    np.testing.assert_allclose(np.cos(4 * np.pi * radius / 3), x / radius, atol=1e-9)
    # Beyond the first half turn, where the arc's length grows as the square of the radius.
    outer = radius[radius > 0.75]
    share = (outer**2 - 0.75**2) / (9 - 0.75**2)
    assert stats.kstest(share, "uniform").pvalue > 0.001


def test_parts_of_a_swiss_roll_follow_each_other_from_the_inside():
    roll = SwissRoll(radius=1, parts=5)
    radius = np.linalg.norm(roll.sample_labelled(np.repeat(np.arange(5), 500)), axis=1)
    parts = radius.reshape(5, 500)
    assert (parts.max(axis=1)[:-1] <= parts.min(axis=1)[1:]).all()
    noisy = SwissRoll(radius=1, noise=0.5).sample(2000, random_state=0)
    assert np.linalg.norm(noisy, axis=1).max() > 1.5


@pytest.mark.parametrize("labels", [[0, 6], [-2], [0.5], [[0]], [], "0"])
@pytest.mark.parametrize("prior", [PRIORS["circle"], SwissRoll(parts=6)])
def test_what_is_no_label_is_refused(prior, labels):
    with pytest.raises(DataError, match=r"labels must be .* from 0 to 5, or -1"):
        prior.sample_labelled(labels)


@pytest.mark.parametrize("prior", [PRIORS["circle"], SwissRoll()])
@pytest.mark.parametrize("n", [0, -1])
def test_a_number_of_samples_is_positive(prior, n):
    with pytest.raises(SettingError, match="n must be a whole number"):
        prior.sample(n)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"means": [1, 2]}, "means must be the centres"),
        ({"means": []}, "means must be the centres"),
        ({"means": [["a"]]}, "means must be finite numbers"),
        ({"means": [[1], [2, 3]]}, "means must be finite numbers"),
        ({"scales": 0}, "scales must be one number above 0, or 2"),
        ({"scales": [1, 2, 3]}, "scales must be one number above 0, or 2"),
        ({"covariances": [1, 2]}, r"covariances must have the shape \(1, 1\), or \(2, 1, 1\)"),
        ({"covariances": [[-1.0]]}, "symmetric and positive definite"),
        ({"weights": [1, 2, 3]}, "weights must be 2 numbers"),
        ({"weights": [0, 0]}, "weights must be 2 numbers"),
        ({"weights": [-1, 2]}, "weights must be 2 numbers"),
        ({"weights": [np.inf, 2]}, "weights must be finite numbers"),
    ],
)
def test_a_mixture_says_what_does_not_fit(settings, said):
    with pytest.raises(SettingError, match=said):
        GaussianMixture(**{"means": [[0], [1]], **settings})


def test_an_asymmetric_matrix_is_no_covariance():
    with pytest.raises(SettingError, match="symmetric"):
        GaussianMixture([[0, 0]], covariances=[[1, 0.5], [0, 1]])
