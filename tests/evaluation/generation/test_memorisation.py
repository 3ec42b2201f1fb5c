"""Copies are nearer to training rows than held-out rows are."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from espelho.errors import DataError, ShapeError
from espelho.evaluation.generation import distances, memorisation


@pytest.fixture
def data():
    return np.random.default_rng(0).normal(size=(4, 80, 3))


def test_the_nearest_row_is_found(data, monkeypatch):
    monkeypatch.setattr(distances, "BLOCK_ROWS", 9)
    S, train, X, _ = data
    found = memorisation(S, train, X)

    np.testing.assert_array_equal(found.indices, cdist(S, train).argmin(axis=1))
    np.testing.assert_allclose(found.distances, cdist(S, train).min(axis=1))
    np.testing.assert_array_equal(found.held_out_indices, cdist(X, train).argmin(axis=1))
    np.testing.assert_allclose(found.held_out_distances, cdist(X, train).min(axis=1))


@pytest.mark.parametrize("digits", [12, 1])
def test_the_statistic_is_that_of_mann_and_whitney(data, digits):
    S, train, X, _ = data.round(digits)
    found = memorisation(S[:50], train, X)
    a, b = found.distances, found.held_out_distances
    expected = stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic")

    assert found.nearer == pytest.approx(1 - expected.statistic / (50 * 80))
    assert 2 * stats.norm.sf(abs(found.z)) == pytest.approx(expected.pvalue)
    assert np.sign(found.z) == np.sign(0.5 - found.nearer)


def test_copies_are_exactly_at_zero_far_from_the_origin(data):
    _, train, X, _ = data + 1e6
    found = memorisation(train[::2], train, X)

    assert not found.distances.any()
    assert found.copies == found.nearer == 1
    assert found.z < -5
    assert found.held_out_copies < 0.1


def test_near_copies_count_as_copies(data):
    _, train, X, noise = data
    found = memorisation(train + 0.01 * noise, train, X)

    assert found.copies > 0.95
    assert found.nearer > 0.95


def test_new_rows_are_no_nearer_than_held_out_ones(data):
    S, train, X, _ = data
    found = memorisation(S, train, X)

    assert abs(found.z) < 3
    assert found.nearer == pytest.approx(0.5, abs=0.15)
    assert memorisation(X, train, X).nearer == 0.5


def test_samples_far_from_all_data_are_farther(data):
    _, train, X, _ = data
    found = memorisation(X + 50, train, X)

    assert found.nearer == 0
    assert found.z > 5


def test_rows_that_are_all_the_same_tell_nothing():
    same = np.ones((4, 2))

    assert memorisation(same, same, same)[:2] == (0.5, 0)


def test_images_of_bytes_and_booleans_are_compared_as_numbers():
    train = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    found = memorisation(train[::-1], train, 255 - train)

    assert found.distances.tolist() == [0, 0]
    assert found.indices.tolist() == [1, 0]
    assert memorisation(train > 0, train > 0, train > 9).copies == 1


def test_data_that_cannot_be_compared_is_refused():
    with pytest.raises(ShapeError, match="2 elements in samples and 1 in X_train"):
        memorisation([[0.0, 1.0]], [[0.0]], [[0.0]])
    with pytest.raises(ShapeError, match="2 elements in X and 1 in X_train"):
        memorisation([[0.0]], [[0.0]], [[0.0, 1.0]])
    with pytest.raises(DataError, match="X_train must hold finite numbers"):
        memorisation([[0.0]], [[np.nan]], [[0.0]])
