"""Precision, recall, density and coverage are their definitions, and what theory expects."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.generation import (
    density_coverage,
    distances,
    expected_coverage,
    precision_recall,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def _balls(A, B, k):
    """Return which rows of A are in which balls of B."""
    radii = np.sort(cdist(B, B), axis=1)[:, k]
    return cdist(A, B) <= radii


def test_all_four_are_their_definitions(rng, monkeypatch):
    monkeypatch.setattr(distances, "BLOCK_ROWS", 7)
    S, X = rng.normal(size=(40, 2)), rng.normal(0.7, 1.5, size=(55, 2))
    found = precision_recall(S, X, n_neighbors=2)
    others = density_coverage(S, X, n_neighbors=4)

    assert found.precision == pytest.approx(_balls(S, X, 2).any(axis=1).mean())
    assert found.recall == pytest.approx(_balls(X, S, 2).any(axis=1).mean())
    assert others.density == pytest.approx(_balls(S, X, 4).sum() / (4 * 40))
    assert others.coverage == pytest.approx(_balls(S, X, 4).any(axis=0).mean())


def test_precision_and_recall_change_places_with_the_sets(rng):
    S, X = rng.normal(size=(30, 3)), rng.normal(0.5, size=(40, 3))

    assert precision_recall(S, X) == precision_recall(X, S)[::-1]


@pytest.mark.parametrize("copies", [1, 3])
def test_a_set_reaches_all_of_itself(rng, copies):
    X = np.repeat(rng.normal(size=(40, 3)), copies, axis=0) + 1000

    assert precision_recall(X, X) == (1, 1)
    assert density_coverage(X, X).coverage == 1
    if copies == 1:  # each ball holds its k neighbours and its centre
        assert density_coverage(X, X, n_neighbors=5).density == pytest.approx(6 / 5)


def test_sets_far_apart_reach_nothing_of_each_other(rng):
    S, X = rng.normal(size=(40, 3)), rng.normal(100, size=(40, 3))

    assert precision_recall(S, X) == (0, 0)
    assert density_coverage(S, X) == (0, 0)


def test_a_missing_mode_lowers_recall_and_coverage_only(rng):
    X = rng.normal(size=(200, 2)) + np.repeat([[0], [50]], 100, axis=0)
    S = rng.normal(size=(200, 2))

    assert precision_recall(S, X).precision > 0.9
    assert precision_recall(S, X).recall < 0.55
    assert density_coverage(S, X).density > 0.7
    assert density_coverage(S, X).coverage < 0.55


@pytest.mark.parametrize("sizes", [(40, 40, 3), (20, 60, 5)])
def test_density_and_coverage_of_one_kind_are_as_expected(rng, sizes):
    n, m, k = sizes
    drawn = ((rng.normal(size=(n, 3)), rng.normal(size=(m, 3))) for _ in range(150))
    found = np.array([density_coverage(S, X, n_neighbors=k) for S, X in drawn])
    errors = 4 * found.std(axis=0) / np.sqrt(len(found))

    assert found[:, 0].mean() == pytest.approx(1, abs=errors[0])
    assert found[:, 1].mean() == pytest.approx(expected_coverage(n, m, k), abs=errors[1])


def test_neighbours_that_are_not_there_are_refused():
    few, many = np.zeros((3, 2)), np.zeros((9, 2))
    for k in (0, 1.5, True):
        with pytest.raises(SettingError, match="n_neighbors must be a whole number"):
            precision_recall(many, many, n_neighbors=k)
    with pytest.raises(DataError, match="samples must hold more rows than n_neighbors=3, got 3"):
        precision_recall(few, many)
    with pytest.raises(DataError, match="X must hold more rows than n_neighbors=5, got 3"):
        density_coverage(many, few)
    with pytest.raises(ShapeError, match="2 elements in samples and 3 in X"):
        density_coverage(many, np.zeros((9, 3)))
