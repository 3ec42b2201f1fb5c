"""Margins: a mean with what it may be off by."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_iris

from espelho import Autoencoder, evaluate
from espelho.evaluation.margin import Margin


def test_an_interval_is_students():
    level = 0.9
    values = np.random.default_rng(0).normal(size=12)
    expected = stats.ttest_1samp(values, 0).confidence_interval(level)
    assert Margin.of_samples(values).interval(level) == pytest.approx(
        (expected.low, expected.high)
    )


@pytest.mark.parametrize(("values", "side"), [([1, 2, 3], 1), ([-1, -2, -3], -1), ([-3, 4, 0], 0)])
def test_a_side_is_that_of_the_whole_interval(values, side):
    assert Margin.of_samples(np.repeat(values, 5)).side == side


def test_one_value_says_nothing_of_how_sure_it_is():
    margin = Margin.of_samples([3.0])
    assert margin.mean == 3
    assert all(map(math.isnan, margin.interval()))
    assert margin.side == 0


@pytest.fixture(scope="module")
def evaluation():
    X, y = load_iris(return_X_y=True)
    model = Autoencoder(latent_dim=2, hidden_sizes=(8,), max_epochs=2, random_state=0).fit(X)
    return evaluate(model, X, y)


@pytest.mark.parametrize("name", ["reconstruction_error_scaled", "knn_score", "probe_score"])
def test_margins_of_an_evaluation_are_about_its_figures(evaluation, name):
    row = evaluation[name]
    assert row.margins["model"].mean == pytest.approx(row.value)
    for column, value in row.baselines.items():
        assert row.margins[column].mean == pytest.approx(row.value - value)


def test_what_does_not_rebuild_has_figures_of_its_codes_only():
    X, y = load_iris(return_X_y=True)
    model = Autoencoder(latent_dim=2, hidden_sizes=(8,), max_epochs=1, random_state=0).fit(X)

    class Encodes:
        scaling_, latent_dim_, fit_seconds_ = model.scaling_, 2, 0.0
        transform = staticmethod(model.transform)

    found = evaluate(Encodes(), X, y)
    assert "reconstruction_error" not in found
    assert found.verdict == ""
    assert found["knn_score"].value == evaluate(model, X, y)["knn_score"].value
