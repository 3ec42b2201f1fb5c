"""Gaps count for nothing in means and scaling, and are all that filling touches."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from espelho.data.containers import Container
from espelho.data.gaps.filling import fill
from espelho.data.gaps.marks import check_columns_observed, has_gaps, missing
from espelho.data.gaps.moments import observed_moments
from espelho.data.scaling import Scaling
from espelho.errors import DataError


@pytest.fixture
def table(rng):
    X = rng.normal(3, [1, 5, 0.1, 40], (60, 4))
    X[rng.random(X.shape) < 0.4] = np.nan
    return X


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("cuts", [[], [7], [1, 2, 59]])
def test_moments_are_those_of_what_was_observed_however_the_rows_are_cut(table, rng, cuts):
    weight = rng.random(60)
    mean, squares, total = observed_moments(np.split(table, cuts), weight)
    for j, column in enumerate(table.T):
        known = ~np.isnan(column)
        values, own = column[known], weight[known]
        expected = np.average(values, weights=own)
        np.testing.assert_allclose(mean[j], expected)
        np.testing.assert_allclose(squares[j], own @ (values - expected) ** 2)
        np.testing.assert_allclose(total[j], own.sum())


def test_a_column_without_values_has_no_moments():
    found = observed_moments([np.array([[np.nan, 1.0]])], np.ones(1))
    assert [part.tolist() for part in found] == [[0, 1], [0, 0], [0, 1]]


def test_scaling_is_learned_from_what_was_observed(table):
    scaling = Scaling.fit(table, "standard", gaps=True)
    np.testing.assert_allclose(scaling.shift, np.nanmean(table, axis=0))
    np.testing.assert_allclose(scaling.scale, np.nanstd(table, axis=0))
    np.testing.assert_array_equal(scaling.stand_ins, 0)


@pytest.mark.parametrize("kind", ["none", "minmax", "standard"])
def test_what_is_missing_stands_at_the_mean_of_its_column(table, kind):
    scaling = Scaling.fit(table, kind, gaps=True)
    means = np.broadcast_to(np.nanmean(table, axis=0), table.shape)
    filled = np.where(np.isnan(table), means, table)
    np.testing.assert_allclose(scaling.forward(table), scaling.forward(filled), atol=1e-12)
    assert np.isnan(scaling.across_gaps(table)).sum() == np.isnan(table).sum()


def test_ranges_are_those_of_what_was_observed(table):
    scaling = Scaling.fit(table, "minmax", gaps=True)
    np.testing.assert_array_equal(scaling.shift, np.nanmin(table, axis=0))


@pytest.mark.parametrize("kind", ["none", "minmax", "standard"])
def test_data_without_gaps_is_scaled_to_the_last_bit_as_ever(rng, kind):
    X = rng.normal(size=(50, 3))
    with_gaps, without = (Scaling.fit(X, kind, gaps=gaps) for gaps in (True, False))
    np.testing.assert_array_equal(with_gaps.shift, without.shift)
    np.testing.assert_array_equal(with_gaps.scale, without.scale)
    np.testing.assert_array_equal(with_gaps.forward(X), without.forward(X))
    assert without.stand_ins is None


def test_whole_numbers_and_whole_rows_have_no_gaps(table):
    assert missing(np.eye(2, dtype=int)) is None
    assert missing(np.eye(2)) is None
    assert not has_gaps([np.eye(2), np.eye(2)])
    assert has_gaps([np.eye(4), table])


@pytest.mark.parametrize(
    ("names", "expected"), [(None, "columns 0, 2"), (["age", "size", "mass"], "'age', 'mass'")]
)
def test_columns_of_which_nothing_is_known_are_named(names, expected):
    with pytest.raises(DataError, match=expected):
        check_columns_observed(np.array([0, 3, 0]), names)


def test_one_such_column_is_one_and_of_many_a_few_are_named():
    with pytest.raises(DataError, match="of column 1:"):
        check_columns_observed(np.array([2, 0]), None)
    with pytest.raises(DataError, match="0, 1, 2, 3, 4 and 2 more"):
        check_columns_observed(np.zeros(7), None)
    check_columns_observed(np.ones(2), None)


def close(X, values, found):
    values = np.asarray(values)
    flat = values.reshape(len(values), -1)
    marks = np.isnan(flat)
    return fill(X, Container.of(X, values), flat, marks, np.full(flat.shape, found))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_filled_and_stay_as_they_were_elsewhere(table, dtype):
    X = table.astype(dtype).reshape(60, 2, 2)
    filled = close(X, X, 0.3)
    assert filled.dtype == dtype
    assert filled.shape == X.shape
    np.testing.assert_array_equal(filled[~np.isnan(X)], X[~np.isnan(X)])
    assert (filled[np.isnan(X)] == dtype(0.3)).all()


def test_tensors_come_back_as_tensors(table):
    X = torch.from_numpy(table)
    filled = close(X, table, 0.3)
    assert isinstance(filled, torch.Tensor)
    assert torch.equal(filled[~X.isnan()], X[~X.isnan()])
    assert X.isnan().any()


def test_a_pandas_table_keeps_names_rows_and_types():
    index = pd.Index(["x", "y", "z"])
    X = pd.DataFrame(
        {
            "size": [0.1, np.nan, 3.0],
            "count": pd.array([1, 2, None], dtype="Int64"),
            "on": pd.array([None, True, False], dtype="boolean"),
            "full": np.array([1, 2, 3], dtype=np.int8),
            "mixed": np.array([1, None, 2.5], dtype=object),
        },
        index=index,
    )
    filled = close(X, X.astype(float).to_numpy(), 2.6)
    assert filled.dtypes.equals(X.dtypes)
    assert filled.index.equals(index)
    assert filled["size"].tolist() == [0.1, 2.6, 3.0]
    assert filled["count"].tolist() == [1, 2, 3]
    assert filled["on"].tolist() == [True, True, False]
    assert filled["mixed"].tolist() == [1, 2.6, 2.5]
    assert X.isna().to_numpy().sum() == 4


def test_columns_of_one_name_are_filled_each():
    X = pd.DataFrame([[np.nan, 1.0], [2.0, np.nan]], columns=["a", "a"])
    assert close(X, X.to_numpy(), 7.0).to_numpy().tolist() == [[7, 1], [2, 7]]


def test_a_polars_table_keeps_names_and_types():
    X = pl.DataFrame({"size": [0.1, None, float("nan")], "count": [1, 2, None], "full": [1, 2, 3]})
    values = np.column_stack([X[name].cast(pl.Float64).to_numpy() for name in X.columns])
    filled = close(X, values, 2.6)
    assert filled.schema == X.schema
    assert filled["size"].to_list() == [0.1, 2.6, 2.6]
    assert filled["count"].to_list() == [1, 2, 3]
