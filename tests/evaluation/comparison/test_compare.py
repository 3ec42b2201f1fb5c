"""The comparison of samples with data finds what is wrong with them, and nothing else."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris

from espelho import evaluation
from espelho.errors import DataError, ShapeError
from espelho.evaluation import compare_samples
from espelho.evaluation.comparison.sets import draw_sets, gaussian_like


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def digits(rng):
    X = load_digits().data
    X = X[rng.permutation(len(X))]
    return X[:300], X[300:600], X[600:]


NAMES = ["mmd", "energy", "classifier", "precision", "recall", "density", "coverage", "parzen"]


def test_real_data_is_found_to_be_data(digits):
    found = compare_samples(digits[0], digits[1], X_train=digits[2])

    assert [row.name for row in found.rows] == [*NAMES, "nearer", "copies"]
    assert found.outcome == "alike"
    assert found.n_samples == 300
    assert found.held_out
    assert found.verdict.endswith("They do not repeat training rows.")
    for row in found.rows:
        assert set(row.values) == {"model", "real", "gaussian"}
        assert np.isfinite(list(row.values.values())).all()
        assert "300" in row.note


def test_it_reads_as_text_and_as_json(digits):
    found = compare_samples(digits[0], digits[1])
    head = found.to_text().splitlines()[2]

    assert "real data" in head
    assert "Gaussian" in head
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["outcome"] == "alike"


def test_a_gaussian_is_told_from_digits(digits, rng):
    found = compare_samples(gaussian_like(digits[2], 300, rng), digits[1], X_train=digits[2])

    assert found.outcome == "different"
    assert found.verdict.startswith("Samples can be told from data (p = ")
    assert "Many lie where no data is" in found.verdict
    for name in ("precision", "coverage", "parzen"):
        assert found[name].best == {"real"}


def test_missing_classes_are_found(rng):
    X, y = load_digits(return_X_y=True)
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    found = compare_samples(X[:900][y[:900] < 3], X[900:])

    assert found.outcome == "different"
    assert "They miss parts of the data" in found.verdict
    assert "Many lie" not in found.verdict
    assert found["recall"].value < found["recall"].baselines["real"]


def test_copies_are_found(digits, rng):
    found = compare_samples(digits[2][:300], digits[1], X_train=digits[2])

    assert found.outcome == "copied"
    assert "They repeat training rows: 100% are copies, of held-out rows 0%." in found.verdict
    assert found["copies"].value == 1
    assert found["nearer"].value == 1


def test_smooth_samples_are_near_without_being_copies(rng):
    train, X = rng.normal(size=(400, 5)), rng.normal(size=(300, 5))
    found = compare_samples(0.3 * rng.normal(size=(300, 5)), X, X_train=train)

    assert found.outcome == "different"
    assert "They are no copies, but nearer to training rows" in found.verdict


def test_without_training_rows_half_of_the_data_stands_for_it(digits):
    found = compare_samples(digits[0], digits[1])

    assert [row.name for row in found.rows] == NAMES
    assert found.n_samples == 150
    assert not found.held_out
    assert found.verdict.endswith("was not measured, without X_train.")


def test_the_same_random_state_gives_the_same_table(digits):
    found = [compare_samples(*digits[:2], random_state=seed).to_dict() for seed in (1, 1, 2)]

    assert found[0] == found[1] != found[2]


def test_no_row_is_in_two_sets(rng):
    X = np.arange(1000.0)[:, None]
    sets = draw_sets(X + 0.5, X, None, rng)

    assert len(set(sets.reference.ravel()) | set(sets.columns["real"].ravel())) == 1000
    assert sets.n == 500


def test_wide_rows_are_fewer(rng, monkeypatch):
    monkeypatch.setattr("espelho.evaluation.comparison.sets.MOST_ELEMENTS", 300)
    sets = draw_sets(*rng.normal(size=(3, 60, 10)), rng)

    assert sets.n == 30
    assert len(sets.train) == 60


def test_the_gaussian_has_the_mean_and_covariance_of_the_data(rng):
    X = rng.exponential(size=(300, 3)) @ rng.normal(size=(3, 3)) + 5
    drawn = gaussian_like(X, 40_000, rng)

    np.testing.assert_allclose(drawn.mean(axis=0), X.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(X.T), rtol=0.05, atol=0.05)


def test_images_tables_and_constants_are_compared(rng):
    table = load_iris(as_frame=True).data
    images = np.zeros((60, 1, 3, 3), dtype=np.uint8)

    assert compare_samples(table.sample(50, random_state=0), table).outcome == "alike"
    assert compare_samples(images, images, X_train=images)["mmd"].value == 0


def test_data_that_cannot_be_compared_is_refused(rng):
    X = rng.normal(size=(50, 2))
    with pytest.raises(DataError, match="samples must hold at least 20 rows"):
        compare_samples(X[:19], X)
    with pytest.raises(DataError, match="X must hold at least 40 rows"):
        compare_samples(X, X[:39])
    with pytest.raises(DataError, match="X_train must hold at least 20 rows"):
        compare_samples(X, X, X_train=X[:19])
    with pytest.raises(ShapeError, match="2 elements in X and 1 in X_train"):
        compare_samples(X, X, X_train=X[:, :1])
    with pytest.raises(DataError, match="samples must hold finite numbers only; row 3"):
        compare_samples(np.where(np.arange(50)[:, None] == 3, np.inf, X), X)


def test_what_compares_samples_is_imported_when_asked_for():
    assert callable(evaluation.mmd_test)
    assert all(hasattr(evaluation, name) for name in evaluation.__all__)
    assert set(evaluation.__all__) >= evaluation._SAMPLES
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = evaluation.nothing
