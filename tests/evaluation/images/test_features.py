"""Extractors give one finite row of features a sample, the same every time."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_iris

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import ClassifierFeatures, RandomFeatures, frechet_distance
from espelho.evaluation.images import classifier
from espelho.evaluation.images.extraction import extract


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X.reshape(-1, 8, 8), y


@pytest.fixture(scope="module")
def trained(digits):
    return ClassifierFeatures(max_epochs=5).fit(*digits)


@pytest.fixture(scope="module")
def both(digits, trained):
    return {"classifier": trained, "random": RandomFeatures().fit(digits[0])}


@pytest.mark.parametrize("name", ["classifier", "random"])
def test_they_are_one_finite_row_a_sample(both, digits, name):
    features, X = both[name], digits[0]
    found = features(X[:50])

    assert found.shape == (50, features.n_features_)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert (found.std(axis=0) > 0).mean() > 0.9


@pytest.mark.parametrize("name", ["classifier", "random"])
def test_a_sample_has_the_same_features_in_any_company(both, digits, name):
    features, X = both[name], digits[0]
    whole = features(X)

    np.testing.assert_allclose(features(X[3:5]), whole[3:5], atol=1e-5)
    np.testing.assert_array_equal(features(X), whole)
    np.testing.assert_array_equal(features(X.reshape(-1, 64)), whole)


@pytest.mark.parametrize("kind", [ClassifierFeatures, RandomFeatures])
def test_a_seed_gives_the_same_features_and_another_others(digits, kind):
    X, y = digits[0][:200], digits[1][:200]
    small = {"channels": (4,)} | ({"max_epochs": 2} if kind is ClassifierFeatures else {})
    found = [kind(**small, random_state=seed).fit(X, y)(X[:9]) for seed in (1, 1, 2)]

    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])


@pytest.mark.parametrize("kind", [ClassifierFeatures, RandomFeatures])
def test_the_random_state_of_the_caller_stays(digits, kind):
    before = torch.get_rng_state()
    kind(channels=(4,)).fit(digits[0][:40], digits[1][:40])

    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("kind", [ClassifierFeatures, RandomFeatures])
@pytest.mark.parametrize("shape", [(4, 4), (3, 5, 9), (2, 4, 7), (6, 5, 3), (1, 16, 12)])
def test_images_of_any_size_and_channels_have_features(rng, kind, shape):
    X = rng.integers(256, size=(30, *shape)).astype(np.uint8)
    small = {"max_epochs": 1} if kind is ClassifierFeatures else {}
    features = kind(channels=(4, 8), **small).fit(X, np.arange(30) % 2)

    assert features(X).shape == (30, features.n_features_)


@pytest.mark.parametrize("kind", [ClassifierFeatures, RandomFeatures])
def test_channels_may_come_last(rng, kind):
    X = rng.normal(size=(40, 5, 8, 3))
    small = {"max_epochs": 1} if kind is ClassifierFeatures else {}
    last, first = (
        kind(channels=(4,), **small).fit(images, np.arange(40) % 2)(images)
        for images in (X, np.moveaxis(X, -1, 1))
    )

    np.testing.assert_allclose(last, first, atol=1e-5)


def test_the_units_of_images_do_not_matter_to_random_features(digits):
    X = digits[0][:100]
    found, scaled = (RandomFeatures().fit(images)(images) for images in (X, 1000 * X + 5))

    np.testing.assert_allclose(found, scaled, atol=1e-3)


def test_random_features_of_a_level_have_mean_zero_and_variance_one_on_average(both, digits):
    found = both["random"](digits[0])
    levels = np.split(found.var(axis=0), np.cumsum([16, 16, 32, 32, 64]))

    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose([level.mean() for level in levels], 1)


def test_features_of_a_classifier_have_variance_one_on_average(trained, digits):
    found = trained(digits[0])

    np.testing.assert_allclose(found.mean(axis=0), 0, atol=0.1)
    assert found.var(axis=0).mean() == pytest.approx(1, abs=0.05)


def test_constant_images_have_features(rng):
    assert np.isfinite(RandomFeatures().fit(np.ones((5, 8, 8)))(rng.normal(size=(5, 8, 8)))).all()


@pytest.mark.parametrize("name", ["classifier", "random"])
def test_worse_images_are_farther(both, digits, rng, name):
    features, X = both[name], digits[0]
    noise = rng.normal(size=X.shape)
    real = features(X[::2])
    found = [
        frechet_distance(features(X[1::2] + amount * noise[1::2]), real, n_bootstrap=0).distance
        for amount in (0, 4, 8)
    ]

    assert found == sorted(found)
    assert found[1] > 2 * found[0]


def test_the_classifier_finds_classes_that_it_has_not_seen_the_rows_of(trained):
    assert trained.accuracy_ > 0.9
    assert trained.n_rows_ == 1617
    assert list(trained.classes_) == list(range(10))


def test_a_classifier_of_nothing_knows_that_it_guesses(rng):
    features = ClassifierFeatures(hidden_sizes=(), n_features=4, max_epochs=2)

    assert features.fit(rng.normal(size=(600, 3)), np.arange(600) % 2).accuracy_ < 0.7


def test_vectors_and_any_labels_are_learned_from():
    X, y = load_iris(return_X_y=True, as_frame=True)
    features = ClassifierFeatures(n_features=8).fit(X, y.map({0: "a", 1: "b", 2: "c"}))

    assert features.accuracy_ > 0.8
    assert list(features.classes_) == ["a", "b", "c"]
    assert features(X).shape == (150, 8)


def test_many_rows_are_drawn_from_and_many_elements_looked_at_less_often(digits, monkeypatch):
    seen = []
    monkeypatch.setattr(classifier, "Trainer", lambda *args, **_: seen.append(args) or Idle())
    features = ClassifierFeatures(max_rows=100, max_elements=64 * 90 * 3).fit(*digits)

    assert features.n_rows_ == 90
    assert seen[0][2].max_epochs == 3


class Idle:
    def run(self):
        return "finished"


def test_an_interruption_is_the_callers(digits, monkeypatch):
    monkeypatch.setattr(Idle, "run", lambda self: "interrupted")
    monkeypatch.setattr(classifier, "Trainer", lambda *_, **__: Idle())
    with pytest.raises(KeyboardInterrupt):
        ClassifierFeatures().fit(*digits)


def test_bad_data_and_settings_are_refused(digits, both):
    X, y = digits
    with pytest.raises(ShapeError, match="at least 4 x 4 pixels"):
        RandomFeatures().fit(X[:, :3, :3])
    with pytest.raises(ShapeError, match="RandomFeatures takes images"):
        RandomFeatures().fit(X.reshape(-1, 64))
    with pytest.raises(ShapeError, match="sample_shape=\\(9, 8\\), 72 elements each"):
        RandomFeatures(sample_shape=(9, 8)).fit(X)
    with pytest.raises(SettingError, match="channels must name"):
        RandomFeatures(channels=()).fit(X)
    with pytest.raises(SettingError, match="n_features must be at least 1, got 0"):
        ClassifierFeatures(n_features=0).fit(X, y)
    with pytest.raises(DataError, match="X must hold at least 20 rows"):
        ClassifierFeatures().fit(X[:19], y[:19])
    with pytest.raises(DataError, match="one class only"):
        ClassifierFeatures().fit(X, np.zeros(len(X)))
    with pytest.raises(ShapeError, match="one label a row"):
        ClassifierFeatures().fit(X, y[:9])
    for features in (RandomFeatures(), ClassifierFeatures()):
        with pytest.raises(SettingError, match="call fit"):
            features(X)
    for features in both.values():
        with pytest.raises(ShapeError, match="fitted on samples of shape \\(8, 8\\)"):
            features(X[:, :7])
        with pytest.raises(DataError, match="finite numbers only"):
            features(np.full((2, 8, 8), np.nan))


def test_an_extractor_of_ones_own_sees_samples_in_their_shape(rng, monkeypatch):
    monkeypatch.setattr("espelho.evaluation.samples.BLOCK_ELEMENTS", 200)
    rows, seen = rng.integers(256, size=(30, 20)).astype(np.uint8), []

    def mean_and_largest(images):
        seen.append(images.shape)
        return torch.from_numpy(np.stack([images.mean(axis=(1, 2)), images.max(axis=(1, 2))], 1))

    found = extract(mean_and_largest, rows, (4, 5))
    np.testing.assert_allclose(found, np.stack([rows.mean(axis=1), rows.max(axis=1)], 1))
    assert seen == [(10, 4, 5)] * 3


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        ("random", SettingError, "features must be a function"),
        (lambda X: X[:, 0], ShapeError, "of shape \\(9, d\\) for 9 samples; got shape \\(9,\\)"),
        (lambda X: X[1:], ShapeError, "got shape \\(8, 4\\)"),
        (lambda X: X[:, :0], ShapeError, "got shape \\(9, 0\\)"),
        (lambda X: X / 0, DataError, "finite numbers only"),
        (lambda X: X.astype(str), DataError, "finite numbers only, got dtype <U"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_an_extractor_that_gives_something_else_is_refused(features, error, message):
    with pytest.raises(error, match=message):
        extract(features, np.arange(36.0).reshape(9, 4), (4,))


def test_an_extractor_that_changes_its_mind_is_refused(rng, monkeypatch):
    monkeypatch.setattr("espelho.evaluation.samples.BLOCK_ELEMENTS", 4)
    widths = iter([1, 2, 2])
    with pytest.raises(ShapeError, match="got 1 of some samples and 2 of others"):
        extract(lambda X: np.ones((1, next(widths))), rng.normal(size=(3, 4)), (4,))
