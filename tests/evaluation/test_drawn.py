"""Figures about samples: of what can only sample, and beside those of codes."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from espelho import GAN, LSTMAutoencoder, MomentMatchingNetwork, VariationalAutoencoder, load_data
from espelho.data.scaling import Scaling
from espelho.data.series.sequences import Sequences
from espelho.errors import DataError, SettingError
from espelho.evaluation import evaluate
from espelho.evaluation.reconstruction import forward

SMALL = {"hidden_sizes": (8,), "max_epochs": 2, "random_state": 0}


class Repeating(BaseEstimator):
    """A generator that gives back what it was fitted to."""

    fit_seconds_, latent_dim_ = 0.0, 1

    def __init__(self, X):
        self.X = X
        self.scaling_ = Scaling.fit(X, "standard", sample_shape=X.shape[1:])

    def sample(self, n, *, random_state=None):
        return self.X[np.random.default_rng(random_state).integers(len(self.X), size=n)]


@pytest.fixture(scope="module")
def wine():
    return load_data("wine").X


def test_a_generator_is_measured_by_its_samples(wine):
    model = MomentMatchingNetwork(**SMALL).fit(wine[::2])
    found = evaluate(model, wine[1::2], X_train=wine[::2])
    assert {"mmd", "coverage", "copies", "fit_seconds", "sample_microseconds"} <= {
        row.name for row in found.rows
    }
    assert "reconstruction_error" not in found
    assert found.outcome == "different"
    assert "Samples can be told from data" in found.verdict


def test_one_that_repeats_its_data_is_found_out(wine):
    found = evaluate(Repeating(wine[::2]), wine[1::2], X_train=wine[::2])
    assert found.outcome == "copied"
    assert found["copies"].value == 1


def test_samples_are_compared_in_the_units_of_the_network(wine):
    large = wine * np.logspace(0, 6, wine.shape[1])
    small, other = (evaluate(Repeating(X[::2]), X[1::2])["energy"].value for X in (wine, large))
    assert small == pytest.approx(other)


def test_what_has_codes_and_samples_is_measured_by_both(wine):
    model = VariationalAutoencoder(**SMALL, latent_dim=2).fit(wine[::2])
    found = evaluate(model, wine[1::2], X_train=wine[::2])
    assert {"reconstruction_error", "coverage"} <= {row.name for row in found.rows}
    assert "PCA" in found.verdict
    assert "amples can" in found.verdict
    assert found.outcome in ("better", "worse", "unclear")
    assert len([row for row in found.rows if row.name == "fit_seconds"]) == 1


def test_too_few_rows_are_said_and_an_error_only_where_features_are_asked_for(wine):
    both = VariationalAutoencoder(**SMALL, latent_dim=2).fit(wine)
    only = GAN(discriminator_sizes=(4,), **SMALL).fit(wine)
    for model in (both, only):
        found = evaluate(model, wine[:10])
        assert np.isnan(found["samples"].value)
        assert "at least 20 rows" in found["samples"].note
        with pytest.raises(DataError, match="at least 20 rows"):
            evaluate(model, wine[:10], features=lambda images: images)
    assert "not compared: samples must hold at least 20 rows" in found.verdict


def test_sequences_that_differ_in_length_are_compared_with_nothing():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 1)) for n in rng.integers(4, 8, size=40)]
    model = LSTMAutoencoder(latent="gaussian", latent_dim=2, **SMALL).fit(X)
    assert "differ in length" in evaluate(model, X)["samples"].note


def test_what_has_neither_is_refused(wine):
    with pytest.raises(SettingError, match="neither codes nor samples"):
        evaluate(BaseEstimator(), wine)


class RepeatingSequences(Repeating):
    """A generator that gives back sequences that it was fitted to."""

    def __init__(self, X):
        self.X = X
        self.scaling_ = Scaling.fit(np.concatenate(X), "standard", step_features=1)

    def sample(self, n, *, random_state=None):
        chosen = np.random.default_rng(random_state).integers(len(self.X), size=n)
        return [self.X[i] for i in chosen]


def test_sequences_are_compared_as_the_network_sees_them():
    rng = np.random.default_rng(0)
    X = [rng.normal(9, 1, size=(n, 1)) for n in rng.integers(2, 6, 100)]
    found = evaluate(RepeatingSequences(X[::2]), X[1::2], X_train=X[::2])
    assert found.outcome == "copied"
    model = RepeatingSequences(X)
    for row, x in zip(forward(model, Sequences.of(X)), X, strict=True):
        np.testing.assert_allclose(row[: len(x)], model.scaling_.forward(x)[:, 0])
        assert (row[len(x) :] == 0).all()


def test_a_generator_of_sequences_is_measured_on_any_lengths():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in rng.integers(2, 5, 60)]
    model = GAN(discriminator_sizes=(4,), **SMALL).fit(X)
    longer = [np.concatenate([x, x]) for x in X]
    assert {"mmd", "coverage"} <= {row.name for row in evaluate(model, longer, X_train=X).rows}
    array = np.stack([x[:2] for x in X])
    assert np.isfinite(evaluate(model, array)["mmd"].value)
    model = GAN(structure="recurrent", discriminator_sizes=(4,), **SMALL).fit(array)
    assert np.isfinite(evaluate(model, array)["mmd"].value)
    found = evaluate(model, X)
    assert "differ in length" in found["samples"].note
    assert "not compared: Samples are compared with data of one shape" in found.verdict
