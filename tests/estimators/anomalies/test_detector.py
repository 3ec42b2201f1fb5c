"""The detector: scores, thresholds and decisions, over any autoencoder."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

from espelho import (
    AdversarialAutoencoder,
    AnomalyDetector,
    Autoencoder,
    ConvolutionalAutoencoder,
    DenoisingAutoencoder,
    LSTMAutoencoder,
    RobustAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
)
from espelho.errors import DataError, SettingError, ShapeError

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "latent_dim": 2}


def detector(estimator=None, **settings):
    return AnomalyDetector(
        Autoencoder(**TINY) if estimator is None else estimator, random_state=0, **settings
    )


AUTOENCODERS = [
    Autoencoder(**TINY),
    Autoencoder(loss="absolute_error", **TINY),
    Autoencoder(loss="bernoulli", **TINY),
    AdversarialAutoencoder(discriminator_sizes=(8,), **TINY),
    DenoisingAutoencoder(**TINY),
    RobustAutoencoder(**TINY),
    StackedAutoencoder(**TINY),
    VariationalAutoencoder(**TINY),
    VariationalAutoencoder(loss="bernoulli", **TINY),
    ConvolutionalAutoencoder(channels=(3,), latent_dim=2, max_epochs=2),
    ConvolutionalAutoencoder(channels=(3,), latent="gaussian", latent_dim=2, max_epochs=2),
    LSTMAutoencoder(**TINY),
    LSTMAutoencoder(latent="gaussian", **TINY),
]


@pytest.mark.parametrize("autoencoder", AUTOENCODERS, ids=repr)
def test_the_row_that_differs_is_the_strangest_for_any_autoencoder(autoencoder, rows):
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    found = detector(autoencoder, contamination=0.01).fit(rows)
    scores = found.score_samples(rows)
    # A likelihood of zeros and ones is no measure of how far off a number is.
    assert scores.argmin() == 7 or autoencoder.loss == "bernoulli"
    np.testing.assert_array_equal(found.decision_function(rows), scores - found.offset_)
    np.testing.assert_array_equal(found.predict(rows), np.where(scores < found.offset_, -1, 1))
    assert (found.predict(rows) == -1).sum() == 2


def test_the_default_finds_it_too(rows):
    found = AnomalyDetector(contamination=0.005, random_state=0).fit(rows)
    assert np.flatnonzero(found.predict(rows) == -1).tolist() == [7]
    assert found.estimator_.loss == "absolute_error"


def test_the_same_seed_gives_the_same_scores_and_leaves_the_autoencoder_alone(rows):
    first, second = (detector(validation_fraction=0.3).fit(rows) for _ in range(2))
    np.testing.assert_array_equal(first.score_samples(rows), second.score_samples(rows))
    assert first.offset_ == second.offset_
    assert not hasattr(first.estimator, "model_")
    seeded = AnomalyDetector(Autoencoder(random_state=0, **TINY), validation_fraction=0.3)
    assert clone(seeded).fit(rows).offset_ == seeded.fit(rows).offset_


def test_of_squared_errors_units_of_columns_do_not_matter(rows):
    scaled = rows * (1, 1e-3, 1e3, 7)
    one, other = (detector().fit(X).score_samples(X) for X in (rows, scaled))
    np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("latent", ["point", "gaussian"])
def test_scores_are_the_autoencoders_own(rows, latent):
    autoencoder = Autoencoder(latent=latent, scaling="none", loss="absolute_error", **TINY)
    found = detector(autoencoder).fit(rows / 1000)
    expected = found.estimator_.score_samples(rows / 1000)
    np.testing.assert_allclose(found.score_samples(rows / 1000), expected)


def test_rows_held_out_are_not_learned_from_and_alone_decide_the_threshold(rows):
    found = detector(validation_fraction=0.25, contamination=0.2).fit(rows)
    changed = rows.copy()
    order = np.random.default_rng(found.seed_).permutation(200)[150:]
    changed[order] += 1
    again = detector(validation_fraction=0.25, contamination=0.2).fit(changed)
    np.testing.assert_array_equal(again.score_samples(rows), found.score_samples(rows))
    assert (found.predict(rows[order]) == -1).sum() == 10
    assert again.offset_ != found.offset_


def test_a_fitted_autoencoder_is_taken_as_it_is(rows):
    fitted = Autoencoder(random_state=0, **TINY).fit(rows)
    found = detector(FrozenEstimator(fitted)).fit(rows[:100])
    assert found.estimator_ is fitted
    assert clone(found).estimator.estimator is fitted
    with pytest.raises(DataError, match="X has 3 features"):
        found.fit(rows[:, :3])


def test_labelled_rows_choose_the_threshold(rows):
    labels = np.where(np.arange(200) == 7, -1, 1)
    found = detector(threshold="validation").fit(rows, X_validation=rows, y_validation=labels)
    np.testing.assert_array_equal(found.predict(rows), labels)


def test_extremes_choose_the_threshold(rows):
    found = detector(threshold="extreme-value", risk=1e-3).fit(rows)
    assert np.flatnonzero(found.predict(rows) == -1).tolist() == [7]
    assert detector(threshold="extreme-value").fit(rows).offset_ == found.offset_
    with pytest.raises(DataError, match=r"extreme-value.*needs at least 10"):
        found.fit(rows[:50])


def test_rows_of_weight_zero_are_no_rows(rows):
    weight = np.ones(200)
    weight[150:] = 0
    found = detector().fit(rows, sample_weight=weight)
    assert found.offset_ == pytest.approx(detector().fit(rows[:150]).offset_)


def test_it_is_cloned_pickled_searched_and_piped(rows):
    found = detector().fit(rows)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict(rows), found.predict(rows))
    assert found.get_params()["estimator__latent_dim"] == 2
    labels = np.where(np.arange(200) == 7, -1, 1)
    search = GridSearchCV(detector(), {"estimator__latent_dim": [1, 2]}, scoring="f1", cv=2)
    assert search.fit(rows, labels).best_estimator_.estimator_.latent_dim_ in (1, 2)
    pipeline = make_pipeline(RobustScaler(), detector()).fit(rows)
    assert pipeline.predict(rows).shape == (200,)
    assert pipeline.score_samples(rows).argmin() == 7


def test_images_tables_and_sparse_rows_are_taken_as_they_are(rows):
    pandas = pytest.importorskip("pandas")
    images = load_digits().images[:60].astype(np.uint8)
    convolutional = ConvolutionalAutoencoder(channels=(3,), latent_dim=2, max_epochs=2)
    found = detector(convolutional).fit(images)
    assert found.explain(images).residuals.shape == images.shape
    frame = pandas.DataFrame(rows, columns=["a", "b", "c", "d"])
    table = detector().fit(frame)
    assert table.feature_names_in_.tolist() == list("abcd")
    assert table.explain(frame).largest(7, 1)[0].name == "c"
    assert not hasattr(table.fit(rows), "feature_names_in_")
    from scipy.sparse import csr_array

    np.testing.assert_allclose(table.score_samples(csr_array(rows)), table.score_samples(rows))


@pytest.mark.parametrize("latent", ["point", "gaussian"])
@pytest.mark.parametrize("ragged", [True, False])
def test_sequences_score_per_step(sequences, latent, ragged):
    X = sequences if ragged else np.stack([x[:5] for x in sequences])
    found = detector(LSTMAutoencoder(latent=latent, scaling="none", **TINY)).fit(X)
    lengths = np.array([len(x) for x in X])
    whole = found.estimator_.score_samples(X)
    np.testing.assert_allclose(found.score_samples(X) * lengths, whole)


def test_sequences_may_differ_in_length(sequences):
    found = detector(LSTMAutoencoder(**TINY)).fit(sequences)
    scores = found.score_samples(sequences)
    alone = np.concatenate([found.score_samples([x]) for x in sequences])
    np.testing.assert_allclose(scores, alone)
    assert found.predict(sequences).shape == (24,)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"contamination": 0.0}, SettingError, "contamination"),
        ({"contamination": 0.6}, SettingError, "contamination"),
        ({"threshold": "guess"}, SettingError, "threshold"),
        ({"threshold": "validation"}, SettingError, "labelled rows"),
        ({"threshold": "extreme-value", "risk": 0.2}, SettingError, "less than tail"),
        ({"step": 3}, SettingError, "window"),
        ({"window": 3, "step": 4}, SettingError, "at most their length"),
        ({"window": 300}, SettingError, "longer than the series"),
        ({"validation_fraction": 0.999}, DataError, "leaves none to learn from"),
    ],
)
def test_settings_that_cannot_work_are_named(rows, settings, error, said):
    with pytest.raises(error, match=said):
        detector(**settings).fit(rows)


@pytest.mark.parametrize("estimator", [RobustScaler(), Autoencoder, "autoencoder"])
def test_what_is_no_autoencoder_is_named(rows, estimator):
    with pytest.raises(SettingError, match="estimator of AnomalyDetector must be an autoencoder"):
        AnomalyDetector(estimator).fit(rows)


def test_what_is_frozen_must_be_fitted_and_has_no_rows_to_hold_out(rows):
    with pytest.raises(SettingError, match="frozen before it was fitted"):
        detector(FrozenEstimator(Autoencoder())).fit(rows)
    fitted = FrozenEstimator(Autoencoder(**TINY).fit(rows))
    with pytest.raises(SettingError, match="nothing is trained"):
        detector(fitted, validation_fraction=0.1).fit(rows)


@pytest.mark.parametrize("window", [None, 5])
def test_constant_data_has_no_outliers(window):
    X = np.full((30, 4), 3.0)
    with pytest.raises(DataError, match="score alike, as where data is constant"):
        detector(window=window).fit(X)


def test_rows_to_find_a_threshold_by_must_have_weight(rows):
    found = detector(validation_fraction=0.25).fit(rows)
    aside = np.random.default_rng(found.seed_).permutation(200)[150:]
    weight = np.ones(200)
    weight[aside] = 0
    with pytest.raises(DataError, match="All of 0 samples to find a threshold by"):
        found.fit(rows, sample_weight=weight)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"X_validation": np.ones((2, 4))}, SettingError, "without y_validation"),
        ({"y_validation": [1, -1]}, SettingError, "without X_validation"),
        ({"X_validation": np.ones((2, 4)), "y_validation": [0, 1]}, DataError, r"1 - 2 \* y"),
        ({"X_validation": np.ones((2, 4)), "y_validation": [1, 1]}, DataError, "one class, 1"),
        ({"X_validation": np.ones((2, 4)), "y_validation": [1, -1, 1]}, ShapeError, r"\(3,\)"),
    ],
)
def test_labels_that_are_none_are_named(rows, given, error, said):
    with pytest.raises(error, match=said):
        detector(threshold="validation").fit(rows, **given)


def test_labels_have_no_part_in_other_thresholds(rows):
    labels = {"X_validation": rows, "y_validation": np.where(rows[:, 0] > 5, 1, -1)}
    with pytest.raises(SettingError, match="threshold='quantile' and X_validation"):
        detector().fit(rows, **labels)
    with pytest.raises(SettingError, match="the threshold comes from X_validation"):
        detector(threshold="validation", validation_fraction=0.1).fit(rows, **labels)


def test_other_features_are_named(rows):
    found = detector().fit(rows)
    with pytest.raises(DataError, match="X has 3 features"):
        found.predict(rows[:, :3])
