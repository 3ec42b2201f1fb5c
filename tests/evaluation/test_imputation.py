"""The figure of what fills gaps is the error of what was hidden on purpose."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from espelho import Autoencoder, evaluate
from espelho.evaluation.imputation import filled, imputation_rows


class Oracle:
    """Knows the table, whatever is missing of it; off by a number of deviations."""

    def __init__(self, X, off=0.0):
        self._answers = X + off * X.std(axis=0)

    def impute(self, X):
        return np.where(np.isnan(X), self._answers, X)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(4000, 3)) * [1, 10, 0.1]


def test_who_knows_the_table_makes_no_error(X):
    (row,) = imputation_rows(Oracle(X), X, 0)
    assert row.value == 0
    assert 0.9 < row.baselines["mean"] < 1.1


def test_the_error_is_in_standard_deviations_of_a_column(X):
    (row,) = imputation_rows(Oracle(X, off=2), X, 0)
    assert abs(row.value - 2) < 0.05


def test_gaps_of_the_data_itself_are_no_errors(X):
    gaps = X.copy()
    gaps[::3, 1] = np.nan
    (row,) = imputation_rows(Oracle(X), gaps, 0)
    assert row.value == 0


def test_what_fills_no_gaps_has_no_such_figure(X):
    assert imputation_rows(object(), X, 0) == ()
    assert filled(object(), X) is X
    assert filled(Oracle(X), None) is None
    assert filled(Oracle(X), X) is X


def test_nothing_is_said_where_nothing_can_be_hidden():
    assert imputation_rows(Oracle(np.eye(3)), np.full((3, 3), np.nan), 0) == ()


@pytest.mark.parametrize("as_frame", [False, True])
def test_an_evaluation_takes_data_with_gaps(as_frame):
    X, y = load_iris(return_X_y=True, as_frame=as_frame)
    gaps = X.copy()
    if as_frame:
        gaps = gaps.mask(np.random.default_rng(0).random(X.shape) < 0.2)
        assert isinstance(gaps, pd.DataFrame)
    else:
        gaps[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    model = Autoencoder(missing="mask", latent_dim=2, max_epochs=2, random_state=0).fit(gaps)
    evaluation = evaluate(model, gaps, y, X_train=gaps)
    assert evaluation.rows[0].name == "imputation_error"
    assert all(np.isfinite(row.value) for row in evaluation.rows)
