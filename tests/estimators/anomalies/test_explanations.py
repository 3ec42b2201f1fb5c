"""Explanations: parts of scores that add up, in the units and the shape of the data."""

import numpy as np
import pytest
import torch
from sklearn.frozen import FrozenEstimator

from espelho import (
    AnomalyDetector,
    Autoencoder,
    ConvolutionalAutoencoder,
    LSTMAutoencoder,
    RobustAutoencoder,
    VariationalAutoencoder,
)
from espelho.errors import ShapeError
from espelho.estimators.anomalies.attribution import code_by_feature
from espelho.estimators.anomalies.explanation import feature_names
from espelho.losses.divergences import LARGEST_LOG_VARIANCE

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "latent_dim": 2}


def fitted(estimator, X, **settings):
    return AnomalyDetector(estimator, random_state=0, **settings).fit(X)


@pytest.mark.parametrize(
    "estimator",
    [
        Autoencoder(**TINY),
        Autoencoder(loss="absolute_error", **TINY),
        Autoencoder(loss="bernoulli", **TINY),
        Autoencoder(scaling="none", **TINY),
        RobustAutoencoder(**TINY),
        ConvolutionalAutoencoder(channels=(3,), latent_dim=2, max_epochs=2),
    ],
    ids=repr,
)
def test_contributions_of_errors_add_up_to_the_score_exactly(estimator, rows):
    found = fitted(estimator, rows)
    why = found.explain(rows)
    np.testing.assert_array_equal(why.scores, found.score_samples(rows))
    np.testing.assert_array_equal(-why.contributions.sum(axis=1), why.scores)
    assert (why.code == 0).all()
    assert why.shares(7).sum() == pytest.approx(1)
    np.testing.assert_array_equal(why.decisions, found.predict(rows))


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "bernoulli"])
def test_contributions_of_likelihoods_and_of_the_code_add_up_to_the_bound(loss, rows):
    found = fitted(VariationalAutoencoder(loss=loss, **TINY), rows)
    why = found.explain(rows)
    np.testing.assert_allclose(-why.contributions.sum(axis=1) - why.code, why.scores)
    np.testing.assert_allclose(why.scores, found.estimator_.score_samples(rows))
    np.testing.assert_allclose(why.scores, found.score_samples(rows))


def test_of_a_linear_encoder_features_add_half_the_slope_times_the_way(rows):
    found = fitted(VariationalAutoencoder(hidden_sizes=(), max_epochs=3, latent_dim=2), rows)
    model = found.estimator_.model_
    x = torch.randn(5, 4).to(next(model.parameters()))
    with torch.inference_mode():
        ordinary = model.decode(torch.zeros(1, 2).to(x))
        here, there = (model.encoder.heads(part) for part in (x, ordinary))
        mean, log_variance = model.posterior(x).mean, model.posterior(x).log_variance
        by_feature = code_by_feature(model, x)
        assert (code_by_feature(model, ordinary) == 0).all()
    # KL = 1/2 (m^2 + v - 1 - log v), whose means are linear in x, and so is the log-variance
    # before it is kept within its bounds: L tanh(raw / L).
    bounded = 1 - (log_variance / LARGEST_LOG_VARIANCE) ** 2
    spread = 0.5 * (log_variance.exp() - 1) * bounded * (here[1] - there[1])
    way = mean * (here[0] - there[0]) + spread
    torch.testing.assert_close(by_feature.sum(1), 0.5 * way.sum(1))


def test_contributions_are_squares_of_the_residuals_in_scaled_units(rows):
    found = fitted(Autoencoder(**TINY), rows)
    why, scale = found.explain(rows), found.estimator_.scaling_.scale
    np.testing.assert_allclose(why.contributions, (why.residuals / scale) ** 2)
    np.testing.assert_allclose(why.expected, found.estimator_.reconstruct(rows))
    np.testing.assert_allclose(why.residuals, rows - found.estimator_.reconstruct(rows))


def test_the_value_that_is_off_is_named_with_what_was_expected(rows):
    why = fitted(Autoencoder(latent_dim=1, hidden_sizes=(), max_epochs=20), rows).explain(rows)
    first, second = why.largest(7, 2)
    assert first.name == "x2"
    assert first.value == pytest.approx(rows[7, 2])
    assert first.expected < first.value
    assert first.share > second.share
    assert why.residuals[7, 2] == pytest.approx(first.value - first.expected)


def test_residuals_of_integers_are_not_rounded():
    X = np.random.default_rng(0).integers(0, 255, (40, 6)).astype(np.uint8)
    why = fitted(Autoencoder(**TINY), X).explain(X)
    assert (why.residuals % 1 != 0).any()
    np.testing.assert_allclose(why.expected + why.residuals, X)


def test_sequences_are_explained_by_steps(sequences):
    spoiled = [x.copy() for x in sequences]
    spoiled[3][5, 1] += 30
    found = fitted(LSTMAutoencoder(**TINY), sequences)
    why = found.explain(spoiled)
    assert [part.shape for part in why.contributions] == [x.shape for x in sequences]
    sums = [-part.sum() for part in why.contributions]
    np.testing.assert_allclose(sums, why.scores)
    assert why.largest(3, 1)[0].name == "x[5, 1]"
    np.testing.assert_allclose(why.expected[3] + why.residuals[3], spoiled[3])


@pytest.mark.parametrize("latent", ["point", "gaussian"])
def test_padding_explains_nothing(sequences, latent):
    found = fitted(LSTMAutoencoder(latent=latent, **TINY), sequences)
    together, alone = found.explain(sequences), found.explain(sequences[:1])
    np.testing.assert_allclose(together.scores[0], alone.scores[0])
    np.testing.assert_allclose(together.contributions[0], alone.contributions[0])


def test_sequences_of_one_feature_keep_their_shape():
    X = [np.sin(np.arange(n)) for n in (5, 7, 6)]
    why = fitted(LSTMAutoencoder(**TINY), X).explain(X)
    assert [part.shape for part in why.residuals] == [(5,), (7,), (6,)]


def test_a_row_that_comes_back_whole_has_no_shares(rows):
    whole = Autoencoder(**TINY, random_state=0).fit(rows)
    found = AnomalyDetector(FrozenEstimator(whole)).fit(rows)
    why = found.explain(rows)
    silent = type(why)(
        np.zeros(1), np.ones(1), why.expected[:1], why.residuals[:1], 0 * why.contributions[:1],
        np.zeros(1),
    )  # fmt: skip
    assert len(silent) == 1
    assert (silent.shares(0) == 0).all()


def test_names_are_as_many_as_features():
    assert feature_names((2,), ("a", "b")) == ["a", "b"]
    with pytest.raises(ShapeError, match="1 names for 2"):
        feature_names((2,), ("a",))
