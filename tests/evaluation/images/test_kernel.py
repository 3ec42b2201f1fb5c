"""The kernel distance is its definition, unbiased, and knows its error."""

import numpy as np
import pytest

from espelho.errors import DataError, ShapeError
from espelho.evaluation import kernel_distance
from espelho.evaluation.generation import distances


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def by_double_sums(S, X):
    def kernel(A, B):
        return (A @ B.T / A.shape[1] + 1) ** 3

    def within(A):
        values = kernel(A, A)
        return (values.sum() - np.trace(values)) / (len(A) * (len(A) - 1))

    return within(S) + within(X) - 2 * kernel(S, X).mean()


@pytest.mark.parametrize(("n", "m", "d"), [(30, 30, 2), (7, 41, 5), (4, 4, 1)])
def test_it_is_the_direct_double_sum(rng, monkeypatch, n, m, d):
    monkeypatch.setattr(distances, "BLOCK_ROWS", 9)
    S, X = rng.normal(1, 2, size=(n, d)), rng.normal(size=(m, d))

    assert kernel_distance(S, X).distance == pytest.approx(by_double_sums(S, X))


@pytest.mark.parametrize(("n", "m"), [(11, 23), (60, 50)])
def test_the_standard_error_leaves_out_blocks_of_rows(rng, n, m):
    S, X = rng.normal(1, 2, size=(n, 3)), rng.normal(size=(m, 3))
    blocks, again, variance = min(20, n // 2, m // 2), np.random.default_rng(5), 0
    for rows, measure in (
        (S, lambda A: by_double_sums(A, X)),
        (X, lambda A: by_double_sums(S, A)),
    ):
        block = again.permutation(len(rows)) % blocks
        left_out = [measure(rows[block != b]) for b in range(blocks)]
        variance += (blocks - 1) * np.var(left_out)

    found = kernel_distance(S, X, random_state=5)
    assert found.standard_error == pytest.approx(np.sqrt(variance))


def test_sets_of_one_kind_are_around_zero_apart_whatever_their_number(rng):
    for n in (10, 50):
        drawn = rng.normal(size=(150, 2, n, 4))
        found = [kernel_distance(*pair).distance for pair in drawn]

        assert np.mean(found) == pytest.approx(0, abs=4 * np.std(found) / np.sqrt(150))
        assert min(found) < 0


@pytest.mark.parametrize(("shift", "most"), [(1.0, 1.3), (0.0, 1.7)])
def test_the_standard_error_is_that_of_many_draws_or_errs_on_the_safe_side(rng, shift, most):
    drawn = rng.normal([[[shift]], [[0]]], size=(150, 2, 60, 3))
    found = np.array([kernel_distance(*pair) for pair in drawn])
    ratio = np.sqrt((found[:, 1] ** 2).mean()) / found[:, 0].std()

    assert 0.8 < ratio < most


def test_order_and_seed_change_the_error_alone(rng):
    S, X = rng.normal(size=(30, 3)), rng.normal(1, size=(40, 3))
    first, second = kernel_distance(S, X), kernel_distance(S[::-1], X, random_state=1)

    assert first.distance == pytest.approx(second.distance)
    assert first.standard_error != second.standard_error


def test_what_cannot_be_measured_is_refused(rng):
    X = rng.normal(size=(9, 2))
    with pytest.raises(DataError, match="X must hold at least 4 rows"):
        kernel_distance(X, X[:3])
    with pytest.raises(ShapeError, match="2 elements in samples and 1 in X"):
        kernel_distance(X, X[:, :1])
