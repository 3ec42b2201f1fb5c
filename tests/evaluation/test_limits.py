"""Limits: figures that cost more than a pass are measured on as many rows as may be."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from espelho import ConditionalGAN, VariationalAutoencoder
from espelho.errors import DataError, SettingError
from espelho.evaluation import compare_samples, evaluate
from espelho.evaluation.comparison import features
from espelho.evaluation.comparison.sets import draw_sets
from espelho.evaluation.samples import draw, take

X, y = load_digits(return_X_y=True)
TRAIN, TEST = slice(0, 400), slice(400, 700)
TINY = {"hidden_sizes": (8,), "max_epochs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def variational():
    return VariationalAutoencoder(latent_dim=2, **TINY).fit(X[TRAIN])


@pytest.fixture(scope="module")
def limited(variational):
    return evaluate(variational, X[TEST], y[TEST], X_train=X[TRAIN], max_samples=80, max_drawn=50)


def test_every_figure_about_rows_says_on_how_many_it_was_measured(limited):
    found = {row.name: row.n_samples for row in limited.rows}
    for name in ("reconstruction_error", "reconstruction_error_scaled", "variance_explained"):
        assert found[name] == 300
    for name in ("trustworthiness", "continuity", "knn_score", "probe_score", "code_distance"):
        assert found[name] == 80
    for name in ("mmd", "energy", "classifier", "precision", "recall", "coverage", "copies"):
        assert found[name] == 50
    assert found["fit_seconds"] is None


def test_a_limit_changes_no_figure_that_is_a_mean_over_all_rows(limited, variational):
    whole = evaluate(variational, X[TEST], y[TEST], X_train=X[TRAIN], max_drawn=40)
    assert limited["reconstruction_error"] == whole["reconstruction_error"]
    assert whole["knn_score"].n_samples == 300


def test_figures_within_a_limit_are_those_of_the_rows_drawn(limited, variational):
    index = draw(300, 80)
    drawn = evaluate(
        variational, take(X[TEST], index), y[TEST][index], X_train=X[TRAIN], max_drawn=40
    )
    for name in ("trustworthiness", "knn_score", "probe_score"):
        assert drawn[name].values == limited[name].values


def test_samples_of_a_label_are_as_few():
    model = ConditionalGAN(**TINY).fit(X[TRAIN], y[TRAIN])
    found = evaluate(model, X[TEST], y[TEST], X_train=X[TRAIN], max_drawn=50)["recognised"]
    assert found.n_samples == 200  # twenty of each label at least
    assert "learned from 88 real rows" in found.note


@pytest.mark.parametrize(("limit", "share"), [(100, 0.05), (1000, 0.5), (5000, 1.0)])
def test_a_classifier_that_sees_samples_learns_from_fewer_rows_too(monkeypatch, limit, share):
    learned = []

    def fit(self, rows, labels):
        learned.append((len(rows), self.max_elements))
        raise DataError("enough")

    monkeypatch.setattr(features.ClassifierFeatures, "fit", fit)
    sets = draw_sets(X[:300], X[TEST], X[700:], np.random.default_rng(0), limit)
    labelled = features.Labelled(X[700:], y[700:], sets.drawn_train)
    monkeypatch.setattr(features, "MOST_LEARNED", 600)
    assert "random" in features.see(sets, (1, 8, 8), None, labelled).what
    assert sets.n == min(limit, 300)
    assert learned == [(600 * share, features.MOST_ELEMENTS * share)]


@pytest.mark.parametrize("name", ["max_samples", "max_drawn"])
def test_a_limit_below_what_figures_need_is_an_error(variational, name):
    with pytest.raises(SettingError, match=f"{name} must be at least 40, got 39"):
        evaluate(variational, X[TEST], **{name: 39})


def test_too_few_samples_to_compare_are_an_error():
    with pytest.raises(SettingError, match="max_samples must be at least 20, got 19"):
        compare_samples(X[:50], X[50:100], max_samples=19)
