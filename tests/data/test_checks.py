"""Values that no model can learn from are refused, with their places."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from espelho.data import checks
from espelho.data.checks import check_finite, check_numeric_columns
from espelho.errors import DataError


def message_about(check, *arguments):
    with pytest.raises(DataError) as caught:
        check(*arguments)
    return str(caught.value)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
    )
)
def test_data_passes_exactly_if_all_of_it_is_finite(X):
    if np.isfinite(X).all():
        check_finite(X)
    else:
        message = message_about(check_finite, X)
        assert ("NaN" in message.partition(":")[0]) == np.isnan(X).any()
        assert ("infinity" in message) == np.isinf(X).any()


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, bool, object, "U3"])
def test_data_that_cannot_hold_nan_passes(dtype):
    check_finite(np.zeros((3, 2), dtype))


def test_sums_that_overflow_are_still_finite_data():
    check_finite(np.full((2, 10), np.finfo(np.float32).max, np.float32))


def test_rows_and_columns_at_fault_are_named():
    X = np.zeros((9, 3))
    X[[1, 2, 3, 4, 6, 8], 1] = np.nan
    X[2, 2] = -np.inf

    message = message_about(check_finite, X, ["age", "height", "weight"])

    assert "holds 6 NaN and 1 value of infinity" in message
    assert "in rows 1, 2, 3, 4, 6 and 1 more (counted from 0)" in message
    assert "columns 'height', 'weight'." in message
    assert "SimpleImputer" in message


def test_columns_without_names_are_named_by_their_index():
    assert "in row 0 (counted from 0), column 1." in message_about(
        check_finite, np.array([[0, np.inf], [0, 0]])
    )


def test_places_in_images_are_named_by_their_indices():
    X = np.zeros((2, 1, 4, 4), np.float32)
    X[1, 0, 2, 3] = np.nan
    assert "row 1 (counted from 0), column (0, 2, 3)." in message_about(check_finite, X)


def test_a_vector_has_rows_only():
    message = message_about(check_finite, np.array([0, np.nan]))
    assert "in row 1 (counted from 0). " in message


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("make", [sparse.coo_array, sparse.coo_matrix])
def test_sparse_data_is_checked_like_dense_data(kind, make):
    X = np.zeros((4, 3))
    X[0, 0] = 1
    check_finite(make(X).asformat(kind))
    X[3, 1], X[3, 2] = np.nan, np.inf

    found = message_about(check_finite, make(X).asformat(kind), ["a", "b", "c"])

    assert found == message_about(check_finite, X, ["a", "b", "c"])


def test_the_blocks_that_are_checked_cover_the_data(monkeypatch):
    monkeypatch.setattr(checks, "_BLOCK", 6)
    for row in range(7):
        X = np.zeros((7, 3))
        X[row, 2] = np.nan
        assert f"in row {row} (counted from 0), column 2." in message_about(check_finite, X)


FRAMES = [pd.DataFrame, pl.DataFrame]


@pytest.mark.parametrize("frame", FRAMES)
def test_numbers_and_booleans_are_numeric(frame):
    check_numeric_columns(frame({"a": [1, 2], "b": [0.5, None], "c": [True, False]}))


@pytest.mark.parametrize("frame", FRAMES)
def test_every_column_without_numbers_is_named_with_an_example(frame):
    message = message_about(
        check_numeric_columns,
        frame({"age": [3, 4], "sex": [None, "f"], "born": pd.to_datetime(["2020-01-02"] * 2)}),
    )
    assert "2 columns without numbers: 'sex' (for example 'f'), 'born' (for example " in message
    assert "2020" in message
    for fix in ("columns=", "--columns", "--drop", "encode"):
        assert fix in message
    assert "age" not in message


@pytest.mark.parametrize("frame", FRAMES)
def test_the_only_column_without_numbers_may_be_the_target(frame):
    message = message_about(check_numeric_columns, frame({"a": [1.0], "the kind": ["x"]}))
    assert "target='the kind', or --target 'the kind'" in message


@pytest.mark.parametrize("dtype", ["Int64", "Float32", "boolean", "int64[pyarrow]", "Sparse[int]"])
def test_extension_dtypes_of_pandas_that_are_numbers_pass(dtype):
    check_numeric_columns(pd.DataFrame({"a": pd.array([0, 1], dtype=dtype)}))


@pytest.mark.parametrize("dtype", ["category", "string", "datetime64[ns]", "complex128"])
def test_other_extension_dtypes_of_pandas_are_refused(dtype):
    column = pd.Series([1, 2]).astype(str if dtype == "string" else dtype).astype(dtype)
    assert "'a'" in message_about(check_numeric_columns, pd.DataFrame({"a": column}))


def test_objects_that_are_all_numbers_pass():
    check_numeric_columns(pd.DataFrame({"a": pd.Series([1, 2.5, None, True], dtype=object)}))


def test_objects_that_are_not_all_numbers_are_refused():
    frame = pd.DataFrame({"a": pd.Series([b"x", 2.5], dtype=object)})
    assert "'a' (for example b'x')" in message_about(check_numeric_columns, frame)


def test_columns_of_the_same_name_are_each_looked_at():
    frame = pd.DataFrame([[1, "x"]], columns=["a", "a"])
    assert "'a' (for example 'x')" in message_about(check_numeric_columns, frame)


def test_a_column_without_any_value_is_named_without_an_example():
    frame = pl.DataFrame({"a": [None]}, schema={"a": pl.String})
    assert "numbers: 'a'. Select" in message_about(check_numeric_columns, frame)


def test_of_very_many_columns_the_first_are_named():
    frame = pd.DataFrame([["x"] * 40], columns=[f"c{column}" for column in range(40)])
    message = message_about(check_numeric_columns, frame)
    assert "40 columns" in message
    assert "'c29' (for example 'x') and 10 more." in message


@pytest.mark.parametrize("other", [np.array([["x"]]), [["x"]], sparse.eye_array(2)])
def test_what_is_no_table_passes(other):
    check_numeric_columns(other)
