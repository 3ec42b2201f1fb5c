"""Containers: results come back as what came in."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from espelho.data.containers import Container, cast, is_frame, unwrap
from espelho.data.fingerprint import fingerprint
from espelho.errors import DataError


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "int64", "uint64"])
def test_integers_are_rounded_and_kept_in_range(dtype):
    bounds = np.iinfo(dtype)
    values = np.array([-1e30, 1e30, 7.4, 7.6])
    found = cast(values, np.dtype(dtype))
    assert found.dtype == dtype
    assert found[0] == bounds.min
    assert found[1] == pytest.approx(bounds.max, rel=1e-9)
    assert found[2:].tolist() == [7, 8]


def test_booleans_are_what_is_nearer():
    assert cast(np.array([0.2, 0.8]), np.dtype(bool)).tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_are_cast(dtype):
    assert cast(np.array([0.5]), np.dtype(dtype)).dtype == dtype


@pytest.mark.parametrize(
    "X",
    [
        np.arange(6, dtype=np.uint8).reshape(1, 2, 3),
        np.arange(6.0).reshape(2, 3),
        pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": [True, False]}, index=[7, 9]),
        pl.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": [True, False]}),
        torch.arange(6.0).reshape(2, 3),
        pd.DataFrame({"a": pd.array([True, False], dtype="boolean")}),
        pd.DataFrame({"a": pd.array([1, 7], dtype="int64[pyarrow]")}),
        pd.DataFrame({"a": pd.array([1.5, 7], dtype="double[pyarrow]")}),
    ],
)
def test_what_came_in_comes_out(X):
    values = np.asarray(unwrap(X), dtype=np.float64)
    like = np.asarray(unwrap(X)) if not is_frame(X) else values
    back = Container.of(X, like).wrap(values.reshape(len(values), -1))
    assert type(back) is type(X)
    if isinstance(X, pd.DataFrame):
        pd.testing.assert_frame_equal(back, X)
    elif isinstance(X, pl.DataFrame):
        assert back.equals(X)
    else:
        assert back.dtype == X.dtype
        assert (np.asarray(back) == np.asarray(X)).all()


def test_tables_with_words_are_refused():
    for table in (pd.DataFrame({"a": ["x"]}), pl.DataFrame({"a": ["x"]})):
        with pytest.raises(DataError, match="'a'"):
            unwrap(table)


def test_names_are_those_of_the_columns():
    assert Container.of(pd.DataFrame({1: [2.0]}), np.ones((1, 1))).names == ["1"]
    assert Container.of(np.ones((1, 1)), np.ones((1, 1))).names is None


def test_a_fingerprint_of_sparse_data_is_of_its_values():
    from scipy import sparse

    thin = sparse.eye_array(4, format="csc")
    assert fingerprint(thin) == fingerprint(thin.tocsr())
    assert fingerprint(thin) != fingerprint(2 * thin)
