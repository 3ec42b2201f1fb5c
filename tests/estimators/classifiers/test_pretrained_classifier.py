"""A classifier that starts from an autoencoder: laws, second ways, errors."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from espelho import Autoencoder, PretrainedClassifier
from espelho.errors import DataError, SettingError, ShapeError

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "latent_dim": 2}


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def fitted(iris):
    return Autoencoder(**TINY, random_state=0).fit(iris[0])


def classifier(autoencoder=None, **settings):
    settings = {"max_epochs": 3, "random_state": 0, **settings}
    return PretrainedClassifier(autoencoder or Autoencoder(**TINY), **settings)


def encoder_of(model):
    return {name: value.clone() for name, value in model.model_.encoder.state_dict().items()}


def assert_equal_weights(found, expected):
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert torch.equal(value, expected[name]), name


def test_a_head_alone_is_logistic_regression_on_the_codes(iris, fitted):
    X, y = iris
    strength = 0.01
    model = classifier(
        FrozenEstimator(fitted), train_encoder=False, weight_decay=strength,
        max_epochs=3000, batch_size=len(X), learning_rate=0.05, schedule="cosine",
    ).fit(X, y)  # fmt: skip
    # Its own is sum w^2 / (2 C) + sum of the log-losses; ours their mean + strength * sum w^2.
    codes = fitted.transform(X)
    regression = LogisticRegression(C=1 / (2 * strength * len(X)), tol=1e-10, max_iter=10_000)
    expected = regression.fit(codes, y).predict_proba(codes)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-4)


def test_a_head_alone_leaves_the_encoder_as_it_was(iris, fitted):
    model = classifier(FrozenEstimator(fitted), train_encoder=False).fit(*iris)
    assert_equal_weights(encoder_of(model), encoder_of(fitted))


def test_fine_tuning_starts_at_the_encoder_and_moves_a_copy(iris, fitted):
    before, tiny_steps = encoder_of(fitted), {"optimizer": "sgd", "learning_rate": 1e-300}
    still = classifier(FrozenEstimator(fitted), max_epochs=1, **tiny_steps).fit(*iris)
    assert_equal_weights(encoder_of(still), before)
    moved = classifier(FrozenEstimator(fitted)).fit(*iris)
    assert not torch.equal(encoder_of(moved)["0.weight"], before["0.weight"])
    assert_equal_weights(encoder_of(fitted), before)
    assert moved.estimator_ is fitted


def test_fit_pretrains_a_clone(iris):
    X, y = iris
    autoencoder = Autoencoder(**TINY, random_state=5)
    model = classifier(autoencoder, train_encoder=False).fit(X, y)
    assert not hasattr(autoencoder, "model_")
    assert_equal_weights(encoder_of(model), encoder_of(clone(autoencoder).fit(X)))


def test_samples_without_labels_take_part_in_pretraining(iris):
    X, y = iris
    autoencoder = Autoencoder(**TINY, random_state=5)
    few = slice(None, None, 5)
    for unlabelled in (X, csr_matrix(X)):
        model = classifier(autoencoder).fit(X[few], y[few], X_unlabelled=unlabelled)
        together = clone(autoencoder).fit(np.concatenate([X[few], X]))
        np.testing.assert_array_equal(model.estimator_.transform(X), together.transform(X))
    weighted = classifier(autoencoder).fit(
        X[few], y[few], sample_weight=1.0 + (y[few] == 0), X_unlabelled=X
    )
    twice = np.concatenate([1.0 + (y[few] == 0), np.ones(len(X))])
    together = clone(autoencoder).fit(np.concatenate([X[few], X]), sample_weight=twice)
    np.testing.assert_array_equal(weighted.estimator_.transform(X), together.transform(X))


def test_without_pretraining_the_encoder_is_random(iris):
    X, y = iris
    model = classifier(pretrain=False, train_encoder=False).fit(X, y)
    assert len(model.estimator_.history_) == 0
    assert model.estimator_.stop_reason_ == "untrained"
    hardly = Autoencoder(**{**TINY, "max_epochs": 1}, optimizer="sgd", learning_rate=1e-300)
    started = encoder_of(classifier(hardly, train_encoder=False).fit(X, y))
    for name, value in encoder_of(model).items():
        torch.testing.assert_close(value, started[name], rtol=0, atol=1e-200)


def test_rows_held_out_are_not_pretrained_on_and_keep_the_shares_of_the_classes(iris):
    X, y = iris
    seen = []

    class Spy(Autoencoder):
        def fit(self, X, y=None, sample_weight=None):
            seen.append(X)
            return super().fit(X, y, sample_weight)

    rows = np.r_[:50, 50:80, 100:110]
    model = classifier(Spy(**TINY), validation_fraction=0.2).fit(X[rows], y[rows])
    assert len(seen[0]) == 72
    pool = [tuple(row) for row in X[rows]]
    for row in map(tuple, seen[0]):
        pool.remove(row)
    held_out = [y[rows][[tuple(r) == row for r in X[rows]]][0] for row in pool]
    assert np.bincount(held_out).tolist() == [10, 6, 2]
    assert "validation/classify/cross_entropy" in model.history_.records[0]


@pytest.mark.parametrize(
    "label", [lambda y: y, lambda y: np.array(["c", "b", "a"])[y], lambda y: y * 10 - 10,
              lambda y: np.array(["c", "b", "a"], dtype=object)[y], lambda y: y == 1]
)  # fmt: skip
def test_classes_are_whatever_they_are(iris, label):
    X, y = iris
    labels = label(y)
    model = classifier(max_epochs=60, learning_rate=0.02).fit(X, labels)
    np.testing.assert_array_equal(model.classes_, np.unique(labels))
    assert model.predict(X).dtype == labels.dtype
    assert model.score(X, labels) > 0.9
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), proba)
    np.testing.assert_array_equal(model.predict(X), model.classes_[proba.argmax(1)])


@pytest.mark.parametrize("kind", [pd.Series, list, torch.tensor])
def test_labels_come_in_any_container(iris, kind):
    X, y = iris
    expected = classifier().fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(classifier().fit(X, kind(y)).predict_proba(X), expected)


def test_sparse_rows_learn_what_dense_ones_do(iris, fitted):
    X, y = iris
    dense = classifier(FrozenEstimator(fitted)).fit(X, y)
    sparse = classifier(FrozenEstimator(fitted)).fit(csr_matrix(X), y)
    np.testing.assert_allclose(sparse.predict_proba(X), dense.predict_proba(X), rtol=1e-9)


def test_a_weight_of_two_is_a_row_given_twice(iris, fitted):
    X, y = iris
    weight = 1 + (np.arange(len(X)) % 3 == 0)
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "max_epochs": 20, "batch_size": 1000}
    once = classifier(FrozenEstimator(fitted), **settings).fit(X, y, sample_weight=weight)
    rows = np.repeat(np.arange(len(X)), weight)
    # The head is drawn from the seed alone, and one batch a pass has no order.
    twice = classifier(FrozenEstimator(fitted), **settings).fit(X[rows], y[rows])
    np.testing.assert_allclose(once.predict_proba(X), twice.predict_proba(X), rtol=1e-8)


def test_rows_of_weight_zero_have_no_class(iris):
    X, y = iris
    model = classifier().fit(X, y, sample_weight=1.0 * (y < 2))
    assert model.classes_.tolist() == [0, 1]
    with pytest.raises(DataError, match="one class only"):
        classifier().fit(X, y, sample_weight=1.0 * (y < 1))


def test_the_same_seed_gives_the_same_weights(iris):
    X, y = iris
    one, two = classifier().fit(X, y), classifier().fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    other = classifier(random_state=1).fit(X, y)
    assert not np.array_equal(one.estimator_.transform(X), other.estimator_.transform(X))


def test_of_samples_spoiled_whole_only_the_shares_of_the_classes_are_learned(iris, fitted):
    X, y = iris
    blind = {"corruption": "masking", "corruption_count": 4}
    model = classifier(
        FrozenEstimator(fitted), **blind, train_encoder=False,
        max_epochs=300, batch_size=len(X), learning_rate=0.05,
    ).fit(X, y, sample_weight=np.array([1.0, 2.0, 5.0])[y])  # fmt: skip
    middle = model.scaling_.inverse(np.zeros((1, 4)))
    np.testing.assert_allclose(model.predict_proba(middle), [[0.125, 0.25, 0.625]], atol=1e-3)
    assert len(np.unique(model.predict_proba(X)[:, 0])) > 1  # to predict, it sees all


def test_salt_and_pepper_are_the_least_and_the_greatest_value(iris, fitted):
    X, y = iris
    spoiled = {"corruption": "salt_and_pepper", "corruption_level": 1.0}
    model = classifier(FrozenEstimator(fitted), **spoiled).fit(X, y)
    seen = model.model_._corruption(torch.zeros(100, 4, dtype=torch.float64))
    seen = model.scaling_.inverse(seen.numpy())
    low, high = X.min(axis=0), X.max(axis=0)
    np.testing.assert_allclose(seen, np.where(seen > (low + high) / 2, high, low), rtol=1e-6)


def test_it_is_cloned_pickled_searched_and_piped(iris, fitted):
    X, y = iris
    model = classifier(FrozenEstimator(fitted)).fit(X, y)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(model)).predict_proba(X), model.predict_proba(X)
    )
    assert clone(model).fit(X, y).estimator_ is fitted
    search = GridSearchCV(classifier(), {"estimator__latent_dim": [1, 2], "hidden_sizes": [(4,)]})
    search.set_params(cv=2).fit(X, y)
    assert search.best_estimator_.estimator_.latent_dim_ in (1, 2)
    assert search.best_estimator_.model_.head[0].out_features == 4
    piped = make_pipeline(StandardScaler(), classifier()).fit(X, y)
    assert piped.predict(X).shape == y.shape


def test_images_and_tables_are_kept_as_they_are(iris):
    digits = load_digits()
    images = digits.images[:200].astype(np.uint8)
    model = classifier().fit(images, digits.target[:200])
    assert model.scaling_.kind == "range"
    assert model.estimator_.reconstruct(images).shape == images.shape
    flat = classifier(FrozenEstimator(model.estimator_)).fit(
        images.reshape(200, -1), digits.target[:200]
    )
    np.testing.assert_array_equal(flat.predict(images), model.predict(images))
    table = pd.DataFrame(iris[0], columns=list("abcd"))
    named = classifier().fit(table, iris[1])
    assert list(named.feature_names_in_) == list("abcd")
    assert named.estimator_.transform(table).shape == (150, 2)


def test_another_fit_goes_on_where_told(iris):
    X, y = iris
    model = classifier(warm_start=True, train_encoder=False).fit(X, y)
    before = model.estimator_
    first = model.history_.records[0]["classify/cross_entropy"]
    model.fit(X, y)
    assert model.estimator_ is before
    assert model.history_.records[0]["classify/cross_entropy"] < first
    with pytest.raises(DataError, match=r"never came in the data: 0, 1, 2\. Another fit with w"):
        model.fit(X, y + 1)
    with pytest.raises(SettingError, match="train_encoder"):
        model.set_params(train_encoder=True).fit(X, y)


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        (None, DataError, "requires y"),
        (np.zeros(150), DataError, "one class only"),
        (np.zeros(149), ShapeError, r"shape \(150,\), one label a row"),
        (np.linspace(0, 1, 150), DataError, "Unknown label type"),
        (np.full(150, np.nan), DataError, "NaN"),
        (np.zeros((150, 2)), DataError, "1d array"),
    ],
)
def test_labels_that_are_none_are_named(iris, y, error, said):
    with pytest.raises(error, match=said):
        classifier().fit(iris[0], y)


@pytest.mark.parametrize(
    ("estimator", "settings", "said"),
    [
        (LogisticRegression(), {}, "must be an autoencoder"),
        (Autoencoder, {}, "an instance"),
        (FrozenEstimator(LogisticRegression()), {}, "must be an autoencoder"),
        (FrozenEstimator(Autoencoder()), {}, "before it was fitted"),
        (Autoencoder(), {"hidden_sizes": (0,)}, "hidden_sizes"),
        (Autoencoder(), {"corruption_count": 2}, "corruption_count and corruption='none'"),
        (Autoencoder(), {"corruption": "masking", "corruption_level": 2.0}, "from 0 to 1, got 2"),
    ],
)
def test_what_is_no_autoencoder_is_named(iris, estimator, settings, said):
    with pytest.raises(SettingError, match=said):
        PretrainedClassifier(estimator, **settings).fit(*iris)


def test_a_fitted_autoencoder_must_suit(iris, fitted):
    X, y = iris
    frozen = FrozenEstimator(fitted)
    with pytest.raises(ShapeError, match=r"X has 3 features.*fitted with 4"):
        classifier(frozen).fit(X[:, :3], y)
    with pytest.raises(SettingError, match="pretrain=False and a fitted"):
        classifier(frozen, pretrain=False).fit(X, y)
    for settings in ({"autoencoder": frozen}, {"pretrain": False}):
        with pytest.raises(SettingError, match="Leave X_unlabelled out"):
            classifier(**settings).fit(X, y, X_unlabelled=X)
    table = pd.DataFrame(X, columns=list("abcd"))
    named = FrozenEstimator(Autoencoder(**TINY).fit(table))
    with pytest.raises(DataError, match="fitted with a, b, c, d"):
        classifier(named).fit(table.rename(columns={"a": "z"}), y)
    with pytest.raises(DataError, match="NaN"):
        classifier().fit(X, y, X_unlabelled=np.full((2, 4), np.nan))
    with pytest.raises(DataError, match="3 features"):
        classifier().fit(X, y, X_unlabelled=X[:, :3])
