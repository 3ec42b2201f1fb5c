"""Scores of labels from features."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from espelho.errors import DataError, ShapeError
from espelho.evaluation import knn_score, probe_score

SCORES = [knn_score, probe_score]


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.mark.parametrize(
    ("score", "learner"),
    [(knn_score, KNeighborsClassifier(5)), (probe_score, LogisticRegression(max_iter=100))],
)
def test_without_test_samples_it_is_the_share_predicted_in_five_folds(score, learner, iris):
    X, y = iris
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    predicted = cross_val_predict(make_pipeline(StandardScaler(), learner), X, y, cv=folds)
    found = score(X, y)

    assert found.value == pytest.approx((predicted == y).mean())
    assert found.metric == "accuracy"
    assert found.note == "5-fold cross-validation on 150 rows"
    assert str(found).startswith("accuracy 0.9")


def test_with_test_samples_it_is_the_share_predicted_there(iris):
    X, y = iris
    learner = make_pipeline(StandardScaler(), KNeighborsClassifier(5)).fit(X[::2], y[::2])
    found = knn_score(X[::2], y[::2], X[1::2], y[1::2])

    assert found.value == pytest.approx(learner.score(X[1::2], y[1::2]))
    assert found.note == "trained on 75 rows, tested on 75"


@pytest.mark.parametrize("score", SCORES)
def test_units_of_features_do_not_matter(score, iris):
    X, y = iris

    assert score(X * [1, 10, 1000, 0.01], y).value == score(X, y).value


@pytest.mark.parametrize("score", SCORES)
def test_continuous_targets_get_r_squared(score):
    X = np.linspace(0, 1, 60)[:, None]
    found = score(X, 2 * X[:, 0] + 0.5)

    assert found.metric == "R²"
    assert 0.95 < found.value <= 1


def test_whole_numbers_most_of_which_differ_are_a_continuous_target():
    assert knn_score(np.arange(30.0)[:, None], 3 * np.arange(30)).metric == "R²"


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    "kind",
    [
        lambda y: np.array(["left", "right"])[y],
        lambda y: y.astype(bool),
        lambda y: pd.Series(["a", "b"])[y],
        lambda y: pd.Categorical.from_codes(y, ["a", "b"]),
        lambda y: pl.Series(y),
        lambda y: y[:, None],
        lambda y: y.astype(float),
    ],
)
def test_every_kind_of_label_is_understood(score, kind, iris):
    X, y = iris[0][:100], iris[1][:100]

    assert score(X, kind(y)).value == score(X, y).value == 1


def test_the_smallest_class_decides_the_number_of_folds(iris):
    X, y = iris[0][:53], iris[1][:53]

    assert knn_score(X, y).note == "3-fold cross-validation on 53 rows"


def test_a_class_of_one_is_left_out_of_cross_validation(iris):
    X, y = iris[0][:101], iris[1][:101]

    assert knn_score(X, y).note == "5-fold cross-validation on 100 rows"


def test_neighbours_are_never_more_than_training_samples():
    assert knn_score([[0.0], [1.0], [2.0], [9.0]], [0, 0, 1, 1]).value <= 1
    assert knn_score([[0.0], [9.0]], [0, 1], [[1.0], [8.0]], [0, 1]).value <= 1


def test_samples_are_drawn_where_there_are_too_many(iris):
    X, y = iris

    assert knn_score(X, y, max_samples=60).note == "5-fold cross-validation on 60 rows"
    tested = probe_score(X, y, X, y, max_samples=60)
    assert tested.note == "trained on 60 rows, tested on 60"


def test_a_probe_that_does_not_converge_stays_silent(iris, monkeypatch):
    monkeypatch.setattr("espelho.evaluation.codes.prediction.ITERATIONS", 2)

    assert probe_score(*iris).value > 0.7


def test_r_squared_of_a_single_test_sample_is_not_a_number():
    found = probe_score([[0.0], [1.0], [2.0]], [0.5, 1.5, 2.5], [[1.0]], [1.5])

    assert np.isnan(found.value)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(20), "two different labels"),
        (np.arange(20).astype(str), "two different labels"),
        (np.r_[np.nan, np.arange(19)], "with missing values"),
        (["a", None] * 10, "all text or all finite numbers"),
        (np.zeros((20, 2)), "one label per sample"),
    ],
)
def test_labels_that_cannot_be_predicted_are_refused(score, y, message):
    with pytest.raises(DataError, match=message):
        score(np.arange(20.0)[:, None], y)


def test_labels_and_samples_must_be_as_many(iris):
    with pytest.raises(ShapeError, match="got 150 labels for 149 samples"):
        knn_score(iris[0][:149], iris[1])


@pytest.mark.parametrize("score", [knn_score, probe_score])
@pytest.mark.parametrize("continuous", [False, True])
def test_a_score_is_the_mean_of_what_each_sample_adds(score, continuous):
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3))
    y = X[:, 0] + random.normal(size=60) if continuous else (X[:, 0] > 0).astype(int)
    crossed, tested = score(X, y), score(X, y, X[:20], y[:20])
    assert crossed.value == pytest.approx(crossed.parts.mean())
    assert tested.value == pytest.approx(tested.parts.mean())
    assert (len(crossed.parts), len(tested.parts)) == (60, 20)
