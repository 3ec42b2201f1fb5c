"""Columns of labels: read from any container, each with its own type."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from espelho.errors import DataError, ShapeError
from espelho.estimators.labels.asked import labels_asked
from espelho.estimators.labels.columns import LabelColumns

ROWS = [("red", 3.5, 1), ("blue", 1.25, 0), ("red", 2.0, 1)]
TABLE = {"colour": ["red", "blue", "red"], "size": [3.5, 1.25, 2.0], "kind": [1, 0, 1]}


def read(y, n=3):
    return LabelColumns.of(y, n, "Model")


@pytest.mark.parametrize(
    "y", [ROWS, np.array(ROWS, dtype=object), pd.DataFrame(TABLE), pl.DataFrame(TABLE)]
)
def test_each_column_keeps_its_type(y):
    found = read(y)
    assert [column.dtype.kind for column in found.columns] == ["U", "f", "i"]
    assert [column.tolist() for column in found.columns] == list(TABLE.values())
    assert found.names == (tuple(TABLE) if hasattr(y, "columns") else None)


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([True, False, True], "b"),
        (pd.Series(["a", "b", "a"], dtype="string"), "U"),
        (pd.Series([1, 2, 1], dtype="Int64"), "i"),
        (pd.Series(["a", "b", "a"]).astype("category"), "U"),
        (pl.Series(["a", "b", "a"]), "U"),
        (torch.tensor([1, 2, 1]), "i"),
        (np.array([[1.5], [2.0], [1.5]]), "f"),
        (range(3), "i"),
    ],
)
def test_one_column_is_read_from_any_container(y, kind):
    (column,) = read(y).columns
    assert column.dtype.kind == kind
    assert column.shape == (3,)


def test_rows_are_taken_of_all_columns():
    found = read(ROWS)[np.array([0, 2])]
    assert len(found) == 2
    assert [column.tolist() for column in found.columns] == [["red", "red"], [3.5, 2.0], [1, 1]]


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (["a", None, "b"], "contains NaN: 1 rows have no label, the first is row 1"),
        ([1.0, 2.0, np.nan], "contains NaN: 1 rows have no label, the first is row 2"),
        (pd.Series([1, None, None], dtype="Int64"), "2 rows have no label, the first is row 1"),
        (pd.DataFrame(TABLE).replace(1.25, None), "NaN in column 'size': 1 rows"),
        ([(1, 2.0), (2, None), (1, 3.0)], "NaN in column 1: 1 rows have no label"),
        ([1.0, np.inf, 2.0], "contains infinity, where labels are finite"),
        (["a", 1, "b"], "y mixes text and other labels, such as 1"),
        (np.array(["2020-01-01"] * 3, dtype="datetime64[D]"), "numbers, text or booleans, got"),
        (np.array([1j, 2, 3]), "numbers, text or booleans"),
        ([[1, 2], [3], [4]], "numbers, text or booleans, got"),
        (None, "Model requires y to be passed"),
    ],
)
def test_what_is_no_label_says_where(y, said):
    with pytest.raises(DataError) as raised:
        read(y)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("y", "got"),
    [
        ([1, 2], "(2,)"),
        ([(1, 2), (3, 4)], "(2, 2)"),
        (np.zeros((3, 0)), "(0, 0)"),
        (np.zeros((3, 2, 2)), "(3, 2, 2)"),
    ],
)
def test_labels_are_one_for_each_row(y, got):
    with pytest.raises(ShapeError) as raised:
        read(y)
    assert f"got {got}" in str(raised.value)


@pytest.mark.parametrize(
    ("y", "columns", "expected"),
    [
        ("red", 1, ["red", "red"]),
        (np.int64(3), 1, [3, 3]),
        (torch.tensor(3), 1, [3, 3]),
        (["red", "blue"], 1, ["red", "blue"]),
        (("red", 3.5), 2, [("red", 3.5)] * 2),
        ([("red", 3.5), ("blue", 1)], 2, [("red", 3.5), ("blue", 1)]),
    ],
)
def test_one_label_or_row_is_for_all(y, columns, expected):
    assert labels_asked(y, 2, columns) == expected


@pytest.mark.parametrize(
    ("y", "columns", "said"),
    [
        ([1, 2], 1, "y must be one label or have shape (3,), one for each of the 3 samples"),
        ("red", 2, "y must be one row of 2 labels or have shape (3, 2)"),
        (("red", 1, 2), 2, "got (3,)"),
        ([(1, 2), (3, 4)], 2, "got (2, 2)"),
        ([(1, 2), (3,)], 2, "as many labels in each row"),
    ],
)
def test_labels_for_another_number_of_samples_say_so(y, columns, said):
    with pytest.raises(ShapeError) as raised:
        labels_asked(y, 3, columns)
    assert said in str(raised.value)
