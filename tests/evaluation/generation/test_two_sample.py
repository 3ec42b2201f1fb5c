"""Two-sample statistics equal their double sums, and their p-values are those of chance."""

from functools import partial

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist, pdist

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.generation import (
    distances,
    energy_test,
    median_bandwidth,
    mmd_test,
)

TESTS = {"mmd": partial(mmd_test, bandwidth=1.5), "energy": energy_test}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def _gram(A, B, h):
    return np.exp(-cdist(A, B, "sqeuclidean") / (2 * h**2))


def test_mmd_is_the_direct_double_sum(rng):
    S, X = rng.normal(size=(20, 3)), rng.normal(0.5, 2, size=(30, 3))
    own, other, between = _gram(S, S, 1.3), _gram(X, X, 1.3), _gram(S, X, 1.3)
    expected = (own.sum() - 20) / 380 + (other.sum() - 30) / 870 - 2 * between.mean()

    assert mmd_test(S, X, bandwidth=1.3, n_permutations=0).statistic == pytest.approx(expected)


def test_energy_distance_in_one_dimension_is_the_square_of_that_of_scipy(rng):
    S, X = rng.normal(size=25), rng.exponential(size=40)
    found = energy_test(S[:, None], X[:, None], n_permutations=0).statistic

    assert found == pytest.approx(stats.energy_distance(S, X) ** 2)


def test_energy_distance_is_the_direct_double_sum(rng):
    S, X = rng.normal(size=(20, 3)), rng.normal(0.5, 2, size=(30, 3))
    expected = 2 * cdist(S, X).mean() - cdist(S, S).mean() - cdist(X, X).mean()

    assert energy_test(S, X, n_permutations=0).statistic == pytest.approx(expected)


def test_energy_distance_of_a_set_with_itself_is_zero(rng):
    X = rng.normal(size=(30, 2))

    assert energy_test(X, X, n_permutations=0).statistic == pytest.approx(0, abs=1e-6)


def test_the_median_is_that_of_all_pairs(rng):
    S, X = rng.normal(size=(20, 3)), rng.normal(size=(31, 3))

    assert median_bandwidth(S, X) == pytest.approx(np.median(pdist(np.concatenate([S, X]))))
    assert mmd_test(S, X, n_permutations=0).bandwidth == median_bandwidth(S, X)


def test_rows_that_are_all_the_same_are_of_one_kind():
    S, X = np.ones((5, 2)), np.ones((7, 2))

    assert median_bandwidth(S, X) == 1
    assert mmd_test(S, X, n_permutations=20).p_value == 1
    assert energy_test(S, X, n_permutations=20) == (0, 1)


def test_equal_rows_do_not_count_in_the_median(rng):
    X = np.concatenate([np.tile(rng.normal(size=3), (30, 1)), rng.normal(size=(5, 3))]) + 100
    found = pdist(np.concatenate([X, X[:20]]))

    assert np.median(found) == 0
    assert median_bandwidth(X, X[:20]) == pytest.approx(np.median(found[found > 0]))


@pytest.mark.parametrize("name", TESTS)
def test_blocks_do_not_change_the_figures(name, rng, monkeypatch):
    S, X = rng.normal(size=(21, 4)), rng.normal(0.2, size=(34, 4))
    whole = TESTS[name](S, X, n_permutations=50)
    monkeypatch.setattr(distances, "BLOCK_ROWS", 8)

    assert TESTS[name](S, X, n_permutations=50) == pytest.approx(whole)
    assert median_bandwidth(S, X) == pytest.approx(np.median(pdist(np.concatenate([S, X]))))


@pytest.mark.parametrize("name", TESTS)
def test_an_exchange_is_the_statistic_of_the_exchanged_rows(name, rng):
    S, X = rng.normal(size=(12, 2)), rng.normal(0.3, size=(15, 2))
    found = TESTS[name](S, X, n_permutations=40, random_state=3)
    pooled, order = np.concatenate([S, X]), np.random.default_rng(3)
    least, as_large = found.statistic, 1
    for _ in range(40):
        first = order.permutation(27)[:12]
        others = np.setdiff1d(np.arange(27), first)
        exchanged = TESTS[name](pooled[first], pooled[others], n_permutations=0).statistic
        as_large += exchanged >= least

    assert found.p_value == as_large / 41


@pytest.mark.parametrize("name", TESTS)
def test_the_same_random_state_gives_the_same_p_value(name, rng):
    S, X = rng.normal(size=(30, 2)), rng.normal(0.2, size=(30, 2))
    run = partial(TESTS[name], S, X, n_permutations=99)

    assert run(random_state=1) == run(random_state=1)
    assert run(random_state=1).p_value != run(random_state=2).p_value


@pytest.mark.parametrize("name", TESTS)
def test_a_shift_is_found_and_no_shift_is_not(name, rng):
    S, X, Y = rng.normal(size=(3, 80, 2))

    assert TESTS[name](S, Y + 1, n_permutations=199).p_value == 1 / 200
    assert TESTS[name](S, X, n_permutations=199).p_value > 0.05
    assert np.isnan(TESTS[name](S, X, n_permutations=0).p_value)


@pytest.mark.slow
@pytest.mark.parametrize("name", TESTS)
def test_p_values_are_uniform_where_both_are_of_one_kind(name, rng):
    found = []
    for _ in range(400):
        S, X = rng.normal(size=(25, 2)), rng.normal(size=(40, 2))
        found.append(TESTS[name](S, X, n_permutations=99, random_state=rng).p_value)

    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.035)


def _true_mmd(shift, dim, h):
    """Return MMD squared of two standard normal distributions, one of them shifted."""
    scale = (h**2 / (h**2 + 2)) ** (dim / 2)
    return 2 * scale * (1 - np.exp(-dim * shift**2 / (2 * (h**2 + 2))))


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_the_interval_holds_the_true_value_as_often_as_it_says(shift, rng):
    true, inside, values = _true_mmd(shift, 2, 1.5), [], []
    for _ in range(400):
        S, X = rng.normal(size=(100, 2)), rng.normal(shift, size=(150, 2))
        found = mmd_test(S, X, bandwidth=1.5, n_permutations=0, confidence=0.9)
        inside.append(found.low <= true <= found.high)
        values.append(found.statistic)

    assert np.mean(values) == pytest.approx(true, abs=4 * stats.sem(values))
    assert np.mean(inside) == pytest.approx(0.9, abs=0.05)


def test_a_surer_interval_is_wider(rng):
    S, X = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    sure, surer = (mmd_test(S, X, n_permutations=0, confidence=c) for c in (0.8, 0.99))

    assert surer.low < sure.low < sure.statistic < sure.high < surer.high


def test_settings_out_of_bounds_are_refused():
    S = X = np.zeros((3, 2))
    for bandwidth in (0, -2.0, np.nan, np.inf, "median"):
        with pytest.raises(SettingError, match="bandwidth must be a finite number above zero"):
            mmd_test(S, X, bandwidth=bandwidth)
    for permutations in (-1, 2.5, True):
        with pytest.raises(SettingError, match="n_permutations must be a whole number"):
            energy_test(S, X, n_permutations=permutations)
    for confidence in (0, 1, "high"):
        with pytest.raises(SettingError, match="confidence must be a number between 0 and 1"):
            mmd_test(S, X, confidence=confidence)


def test_data_that_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match="samples must hold at least 2 rows"):
        mmd_test([[0.0]], [[0.0], [1.0]])
    with pytest.raises(ShapeError, match="1 elements in samples and 2 in X"):
        energy_test([[0.0]], [[0.0, 1.0]])
    with pytest.raises(DataError, match="X must hold finite numbers only"):
        energy_test([[0.0]], [[np.inf]])
