"""The Frechet distance obeys its closed forms, and knows how much of it is chance."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import sqrtm

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import frechet_distance


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def distance(S, X):
    return frechet_distance(S, X, n_bootstrap=0).distance


def gaussian_rows(rng, n, mean, covariance):
    """Return rows whose sample mean and covariance are the given ones, exactly."""
    Z = rng.normal(size=(n, len(mean)))
    Z = (Z - Z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(Z.T))).T
    return mean + Z @ np.linalg.cholesky(covariance).T


def random_covariance(rng, d):
    A = rng.normal(size=(d, d))
    return A @ A.T + 0.1 * np.eye(d)


@pytest.mark.parametrize(("n", "d"), [(200, 6), (40, 39), (5, 12)])
def test_a_set_has_no_distance_from_itself(rng, n, d):
    X = 100 + 10 * rng.normal(size=(n, d))
    scale = X.var(axis=0).sum()

    assert distance(X, X) == pytest.approx(0, abs=1e-11 * scale)
    assert distance(X, X[rng.permutation(n)]) == pytest.approx(0, abs=1e-11 * scale)


def test_standard_gaussians_are_as_far_as_the_square_of_their_shift(rng):
    mu = rng.normal(size=5)
    S, X = (gaussian_rows(rng, 60, mean, np.eye(5)) for mean in (mu, np.zeros(5)))

    assert distance(S, X) == pytest.approx(mu @ mu)


def test_covariances_that_commute_have_a_closed_form(rng):
    a, b = rng.uniform(0.1, 3, size=(2, 4))
    S, X = (gaussian_rows(rng, 50, np.zeros(4), np.diag(v**2)) for v in (a, b))

    assert distance(S, X) == pytest.approx(((a - b) ** 2).sum())


@pytest.mark.parametrize("d", [1, 3, 10])
def test_it_is_the_formula_with_the_root_of_a_matrix(rng, d):
    S, X = rng.normal(size=(70, d)), rng.normal(1, 2, size=(50, d)) @ random_covariance(rng, d)
    first, second = (np.atleast_2d(np.cov(rows.T)) for rows in (S, X))
    root = np.atleast_2d(sqrtm(first @ second)).real
    means = S.mean(axis=0) - X.mean(axis=0)

    expected = means @ means + np.trace(first + second - 2 * root)
    assert distance(S, X) == pytest.approx(expected)


def test_few_rows_of_many_features_are_measured_like_many(rng):
    S, X = rng.normal(size=(2, 8, 5))
    wide = [np.hstack([rows, np.zeros((8, 20))]) for rows in (S, X)]  # fewer rows than columns

    assert distance(*wide) == pytest.approx(distance(S, X))


def test_rotations_change_nothing_and_scales_count_twice(rng):
    S, X = rng.normal(size=(40, 4)), rng.normal(1, 2, size=(60, 4))
    rotation = stats.ortho_group.rvs(4, random_state=0)

    assert distance(S @ rotation + 7, X @ rotation + 7) == pytest.approx(distance(S, X))
    assert distance(3 * S, 3 * X) == pytest.approx(9 * distance(S, X))
    assert distance(S, X) == pytest.approx(distance(X, S))


def test_far_from_the_origin_no_digits_are_lost(rng):
    S, X = rng.normal(size=(40, 3)), rng.normal(size=(40, 3))

    assert distance(S + 1e6, X + 1e6) == pytest.approx(distance(S, X), rel=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_bootstrap_finds_the_bias_of_few_rows(rng, shift):
    drawn = (rng.normal([[[shift]], [[0]]], size=(2, 100, 8)) for _ in range(20))
    found = [frechet_distance(*pair, n_bootstrap=20) for pair in drawn]
    true = 8 * shift**2

    biased, corrected = (
        np.mean(v) for v in zip(*[(f.distance, f.distance - f.bias) for f in found], strict=True)
    )
    assert biased - true > 0.4
    assert corrected == pytest.approx(true, abs=0.25)


def test_its_interval_holds_what_infinitely_many_rows_would_have(rng):
    drawn = (rng.normal([[[1]], [[0]]], size=(2, 150, 4)) for _ in range(40))
    found = [frechet_distance(*pair, n_bootstrap=30) for pair in drawn]
    spread = np.std([f.distance for f in found])

    assert np.mean([f.low <= 4 <= f.high for f in found]) >= 0.85
    assert np.mean([f.standard_error for f in found]) == pytest.approx(spread, rel=0.3)


def test_the_same_random_state_draws_the_same_rows(rng):
    S, X = rng.normal(size=(2, 30, 3))
    found = [frechet_distance(S, X, n_bootstrap=5, random_state=seed) for seed in (1, 1, 2)]

    assert found[0] == found[1] != found[2]


def test_without_a_bootstrap_there_is_no_interval(rng):
    found = frechet_distance(*rng.normal(size=(2, 9, 2)), n_bootstrap=0)

    assert found.distance > 0
    assert all(map(math.isnan, found[1:]))


def test_what_cannot_be_measured_is_refused(rng):
    X = rng.normal(size=(9, 2))
    for times in (1, -1, 2.0, True):
        with pytest.raises(SettingError, match="n_bootstrap must be a whole number"):
            frechet_distance(X, X, n_bootstrap=times)
    with pytest.raises(SettingError, match="confidence must be"):
        frechet_distance(X, X, confidence=1)
    with pytest.raises(DataError, match="samples must hold at least 2 rows"):
        frechet_distance(X[:1], X)
    with pytest.raises(ShapeError, match="2 elements in samples and 1 in X"):
        frechet_distance(X, X[:, :1])
