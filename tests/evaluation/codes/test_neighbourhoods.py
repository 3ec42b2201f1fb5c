"""Neighbourhoods agree with scikit-learn and with the definition."""

import numpy as np
import pytest
from sklearn import manifold

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import continuity, trustworthiness


@pytest.fixture
def data():
    X = np.random.default_rng(0).normal(size=(60, 2, 3))
    return X, X.reshape(60, 6)[:, :2]


def _by_definition(X, Z, k):
    def ranks(points):
        distances = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(distances, -1)
        return distances.argsort(axis=1).argsort(axis=1)

    n, in_data, in_codes = len(X), ranks(X), ranks(Z)
    intruders = (in_codes <= k) & (in_data > k)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * (in_data - k)[intruders].sum()


def test_trustworthiness_is_that_of_scikit_learn(data):
    X, Z = data
    expected = manifold.trustworthiness(X.reshape(60, 6), Z, n_neighbors=7)

    assert trustworthiness(X, Z, n_neighbors=7) == pytest.approx(expected)


def test_both_are_what_their_definition_says(data):
    X, Z = data[0].reshape(60, 6), data[1]

    assert trustworthiness(X, Z) == pytest.approx(_by_definition(X, Z, 5))
    assert continuity(X, Z) == pytest.approx(_by_definition(Z, X, 5))


def test_continuity_is_trustworthiness_with_data_and_codes_swapped(data):
    X, Z = data

    assert continuity(X, Z) == trustworthiness(Z, X)
    assert continuity(X, Z) != trustworthiness(X, Z)


@pytest.mark.parametrize("measure", [trustworthiness, continuity])
def test_a_similarity_keeps_all_neighbours(measure, data):
    X, _ = data

    assert measure(X, 3 * X + 1) == 1


def test_samples_are_drawn_the_same_way_each_time(data):
    X, Z = data
    drawn = [trustworthiness(X, Z, max_samples=20, random_state=seed) for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("n", [3, 4, 9, 10])
def test_few_samples_shrink_the_neighbourhood(n, data):
    X, Z = data
    largest = (n - 1) // 2
    expected = manifold.trustworthiness(X[:n].reshape(n, 6), Z[:n], n_neighbors=min(5, largest))

    assert trustworthiness(X[:n], Z[:n]) == pytest.approx(expected)


def test_what_cannot_be_measured_is_refused(data):
    X, Z = data
    with pytest.raises(DataError, match="at least 3 samples, got 2"):
        trustworthiness(X[:2], Z[:2])
    with pytest.raises(ShapeError, match="got 60 and 59"):
        continuity(X, Z[:59])
    with pytest.raises(SettingError, match="got 0 and 2000"):
        trustworthiness(X, Z, n_neighbors=0)
    with pytest.raises(SettingError, match="got 5 and 2"):
        trustworthiness(X, Z, max_samples=2)
