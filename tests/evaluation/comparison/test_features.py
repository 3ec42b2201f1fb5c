"""Samples are compared through features where these say more than pixels."""

import numpy as np
import pytest
from scipy import ndimage
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits

from espelho import GAN, LSTMAutoencoder
from espelho.data.scaling import Scaling
from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import (
    compare_samples,
    evaluate,
    frechet_distance,
    kernel_distance,
    precision_recall,
    sliced_wasserstein,
)
from espelho.evaluation.comparison.features import labelled_rows
from espelho.evaluation.comparison.sets import draw_sets

ROWS = ["mmd", "energy", "classifier", "frechet", "kernel", "precision", "recall", "density"]
ROWS += ["coverage", "sliced_8x8", "parzen"]


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    return X[order].reshape(-1, 8, 8), y[order]


def columns_and_rows(images):
    return np.hstack([images.mean(axis=1), images.mean(axis=2)])


def names(found):
    return [row.name for row in found.rows]


def test_images_are_seen_through_a_classifier_where_they_have_classes(digits):
    X, y = digits
    found = compare_samples(X[:300], X[300:600], X_train=X[600:], y=y[300:600], y_train=y[600:])

    assert names(found) == [*ROWS, "nearer", "copies"]
    assert "64 features of a classifier of the labels, right about 9" in found["frechet"].note
    assert "learned from rows measured here" not in found["frechet"].note
    assert found.outcome == "alike"
    assert found["precision"].label == "precision, on features"
    for row in found.rows:
        assert set(row.values) == {"model", "real", "gaussian"}
        assert np.isfinite(list(row.values.values())).all()


def test_every_figure_on_features_says_how_sure_it_is(digits):
    X, _ = digits
    found = compare_samples(X[:60], X[60:160])

    assert "95 % interval without it" in found["frechet"].note
    for name in ("kernel", "precision", "recall", "density", "coverage", "sliced_8x8"):
        assert "; standard error " in found[name].note


def test_images_without_classes_are_seen_through_a_random_network(digits):
    X, _ = digits
    found = [
        compare_samples(X[:60], X[60:160], y=labels)
        for labels in (None, np.zeros(100), np.linspace(0, 1, 100), np.arange(100))
    ]

    for one in found:
        assert names(one) == ROWS
        assert "224 random convolutional features" in one["frechet"].note
        assert one["frechet"].value == found[0]["frechet"].value


def test_what_is_no_image_is_seen_as_it_is_unless_asked(digits):
    X, y = digits
    flat = X.reshape(-1, 64)
    plain = compare_samples(flat[:200], flat[200:600], y=y[200:600])
    asked = compare_samples(flat[:200], flat[200:600], y=y[200:600], features="classifier")

    assert "frechet" not in plain
    assert names(asked) == [name for name in ROWS if name != "sliced_8x8"]
    assert asked["frechet"].note.count("which learned from rows measured here") == 1


def test_flat_rows_may_be_images(digits):
    X, _ = digits
    flat = X.reshape(-1, 64)
    found = compare_samples(flat[:100], flat[100:400], sample_shape=(1, 8, 8))

    assert found["frechet"].value == compare_samples(X[:100], X[100:400])["frechet"].value


def test_features_can_be_left_out(digits):
    X, y = digits
    found = compare_samples(X[:100], X[100:300], y=y[100:300], features="none")

    assert names(found) == [
        name for name in ROWS if name not in ("frechet", "kernel", "sliced_8x8")
    ]
    assert found["precision"].label == "precision"


def test_figures_on_features_are_those_of_the_features(digits):
    X, _ = digits
    S = X[:200] + np.random.default_rng(0).normal(size=(200, 8, 8))
    found = compare_samples(S, X[200:600], features=columns_and_rows)
    sets = draw_sets(S, X[200:600], None, np.random.default_rng(0))
    seen = [columns_and_rows(r.reshape(-1, 8, 8)) for r in (sets.columns["model"], sets.reference)]

    assert found["frechet"].value == frechet_distance(*seen).distance
    assert found["kernel"].value == pytest.approx(kernel_distance(*seen).distance)
    assert found["precision"].value == precision_recall(*seen).precision
    images = (sets.columns["model"].reshape(-1, 8, 8), sets.reference.reshape(-1, 8, 8))
    level = sliced_wasserstein(*images, random_state=sets.seed)[0]
    assert found["sliced_8x8"].value == pytest.approx(level.distance)
    assert "16 features of your own" in found["frechet"].note


def test_blurred_images_are_found_where_pixels_say_little(digits):
    X, _ = digits
    blurred = ndimage.gaussian_filter(X[:400], (0, 0.6, 0.6))
    found = compare_samples(blurred, X[400:800], X_train=X[800:])

    assert found["frechet"].value > 3 * found["frechet"].baselines["real"]
    assert found["sliced_8x8"].best == {"real"}
    assert "Many lie where no data is" in found.verdict


def test_a_classifier_learns_from_rows_that_are_not_measured(digits):
    X, y = digits
    sets = draw_sets(X[:50], X[50:100], X[100:], np.random.default_rng(0))
    labelled = labelled_rows(sets, (X[50:100], y[50:100]), (X[100:], y[100:]))
    real = {row.tobytes() for row in sets.columns["real"]}

    assert len(labelled.spare) == len(X) - 150
    assert real.isdisjoint(row.tobytes() for row in labelled.rows[labelled.spare])
    few = labelled_rows(sets, (X[50:100], y[50:100]), (X[100:], None))
    assert len(few.spare) == len(few.rows) == 50


def test_what_features_cannot_be_is_refused(digits):
    X, y = digits
    pair = X[:50], X[50:100]
    with pytest.raises(SettingError, match="features must be one of 'classifier', 'random'"):
        compare_samples(*pair, features="inception")
    with pytest.raises(SettingError, match="features must be a function"):
        compare_samples(*pair, features=3)
    with pytest.raises(SettingError, match="learns from labels"):
        compare_samples(*pair, features="classifier")
    with pytest.raises(ShapeError, match="y must have a label per row, got 7 labels for 50 rows"):
        compare_samples(*pair, y=y[:7])
    with pytest.raises(ShapeError, match="sample_shape=\\(9, 9\\)"):
        compare_samples(*pair, sample_shape=(9, 9))
    with pytest.raises(ShapeError, match="at least 4 x 4 pixels"):
        compare_samples(X[:50, :3, :3], X[50:100, :3, :3], features="random")


class Drawn(BaseEstimator):
    """A generator of images that gives back what it was fitted to."""

    fit_seconds_, latent_dim_ = 0.0, 1

    def __init__(self, X):
        self.X = X
        self.sample_shape_ = (1, 8, 8)
        self.scaling_ = Scaling.fit(X.reshape(len(X), -1), "minmax", sample_shape=(1, 8, 8))

    def sample(self, n, *, random_state=None):
        return self.X[np.random.default_rng(random_state).integers(len(self.X), size=n)]


def test_generators_of_images_are_measured_on_features(digits):
    X, y = digits
    model = Drawn(X[:900])
    parts = {"X_train": X[:900], "y_train": y[:900]}
    found = evaluate(model, X[900:1300], y[900:1300], **parts)
    plain = evaluate(model, X[900:1300], X_train=X[:900], features="none")

    assert {"frechet", "sliced_8x8"} <= set(names(found))
    assert "classifier of the labels" in found["frechet"].note
    assert "frechet" not in plain


def test_labels_that_are_none_leave_the_random_network(digits):
    X, _ = digits
    labels = np.full(400, np.nan)

    assert "random" in evaluate(Drawn(X[:900]), X[900:1300], labels)["frechet"].note


def test_features_of_ones_own_see_the_units_of_the_data(digits):
    X, _ = digits
    seen = []

    def features(images):
        seen.append((images.shape[1:], float(images.max())))
        return columns_and_rows(images[:, 0])

    evaluate(Drawn(X[:900]), X[900:1300], X_train=X[:900], features=features)
    assert {shape for shape, _ in seen} == {(1, 8, 8)}
    assert [largest for _, largest in seen[:2]] == [pytest.approx(16)] * 2


def test_errors_of_ones_own_features_are_not_hidden(digits):
    X, _ = digits
    with pytest.raises(DataError, match="finite numbers only"):
        evaluate(Drawn(X[:100]), X[100:200], features=lambda images: images[:, 0, 0] * np.nan)


def test_sequences_are_not_taken_for_images():
    X = np.random.default_rng(0).normal(size=(60, 6, 5))
    settings = {"latent": "gaussian", "latent_dim": 2, "hidden_sizes": (4,), "max_epochs": 1}
    model = LSTMAutoencoder(**settings, random_state=0).fit(X)

    assert "frechet" not in evaluate(model, X)


def test_a_gan_of_small_images_is_measured_on_features(digits):
    X, y = digits
    model = GAN(channels=(4,), max_epochs=1, random_state=0).fit(X[:300])

    assert "frechet" in evaluate(model, X[300:400], y[300:400])
