"""A classifier tells samples from data where they differ, and guesses where they do not."""

from functools import partial

import numpy as np
import pytest
from scipy import stats
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.linear_model import Ridge

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.generation import classifier_test

NAMES = ("neighbours", "linear", "network")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_far_apart_is_told_apart(name, rng):
    S, X = rng.normal(size=(40, 2)), rng.normal(6, size=(40, 2))
    found = classifier_test(S, X, classifier=name)

    assert found.accuracy > 0.97
    assert found.p_value < 1e-9
    assert found.n == 80


@pytest.mark.parametrize("name", NAMES)
def test_what_is_of_one_kind_is_not(name, rng):
    S, X = rng.normal(size=(2, 60, 2))

    assert classifier_test(S, X, classifier=name).p_value > 0.05


def test_the_accuracy_of_the_best_classifier_is_one_half_and_half_the_total_variation(rng):
    S, X = rng.normal(size=(4000, 1)), rng.normal(1, size=(4000, 1))
    best = stats.norm.cdf(0.5)  # at the middle between the means

    assert classifier_test(S, X, classifier="linear").accuracy == pytest.approx(best, abs=0.02)


def test_the_p_value_is_twice_that_of_a_coin(rng):
    X = rng.normal(size=(60, 2))

    assert classifier_test(X + 99, X) == (1, pytest.approx(2 * 0.5**60), 120)
    assert classifier_test(X, X).p_value == 1


def test_a_larger_set_does_not_make_guessing_better(rng):
    found = classifier_test(rng.normal(size=(20, 2)), rng.normal(size=(200, 2)))

    assert found.n == 40
    assert found.accuracy < 0.75


def test_other_classifiers_see_other_differences(rng):
    S, X = rng.normal(size=(100, 2)), rng.normal(0, 4, size=(100, 2))
    quadratic = QuadraticDiscriminantAnalysis()

    assert classifier_test(S, X, classifier="linear").accuracy < 0.65
    assert classifier_test(S, X, classifier=quadratic).accuracy > 0.8
    assert not hasattr(quadratic, "means_")


def test_the_same_random_state_gives_the_same_answer(rng):
    S, X = rng.normal(size=(40, 3)), rng.normal(0.3, size=(60, 3))
    found = [classifier_test(S, X, classifier="network", random_state=s) for s in (1, 1, 2)]

    assert found[0] == found[1] != found[2]


@pytest.mark.slow
def test_few_are_told_apart_by_chance(rng):
    pairs = (rng.normal(size=(2, 50, 5)) for _ in range(200))
    run = partial(classifier_test, classifier="linear", random_state=rng)
    found = np.array([run(S, X).p_value for S, X in pairs])

    assert np.mean(found <= 0.05) < 0.06
    assert 0.1 < np.mean(found <= 0.5) < 0.6


def test_what_cannot_classify_is_refused(rng):
    X = rng.normal(size=(10, 2))
    for classifier in ("forest", Ridge(), None):
        with pytest.raises(SettingError, match="classifier must be one of 'neighbours'"):
            classifier_test(X, X, classifier=classifier)


def test_data_that_cannot_be_compared_is_refused(rng):
    X = rng.normal(size=(10, 2))
    with pytest.raises(
        DataError, match="samples must hold at least 10 rows for this figure, got 3"
    ):
        classifier_test(X[:3], X)
    with pytest.raises(ShapeError, match="2 elements in samples and 1 in X"):
        classifier_test(X, X[:, :1])
