"""The condition: which columns are continuous, and numbers that stand for labels."""

import json

import numpy as np
import pandas as pd
import pytest

from espelho.errors import DataError, EspelhoWarning, ShapeError
from espelho.estimators.labels.columns import LabelColumns
from espelho.estimators.labels.condition import Classes, Condition, Scale

TABLE = pd.DataFrame({"colour": ["red", "blue", "red", "green"], "size": [3.5, 1.25, 2.0, 0.0]})


def read(y):
    return LabelColumns.of(y, len(y), "Model")


def learn(y, weight=None):
    return Condition.learn(read(y), weight)


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (["a", "b"], "categorical"),
        ([True, False], "categorical"),
        ([3, 7], "categorical"),
        ([3.0, 7.0], "categorical"),
        ([3.0, 7.5], "continuous"),
        (np.array([0.1, 0.2], dtype=np.float32), "continuous"),
    ],
)
def test_a_column_of_numbers_that_are_not_all_whole_is_continuous(y, kind):
    assert learn(y).kinds == (kind,)


def test_classes_are_numbered_in_ascending_order_and_scales_standardised():
    condition = learn(TABLE)
    assert condition.sizes == (3, 0)
    found = condition.encode(read(TABLE))
    np.testing.assert_array_equal(found[:, 0], [2, 0, 2, 1])
    assert found[:, 1].mean() == pytest.approx(0)
    assert found[:, 1].std() == pytest.approx(1)


@pytest.mark.parametrize(
    "y", [TABLE, ["a", "b", "a"], [1, 2, 2], [0.5, 2.5, 1.0], [(1, 2), (3, 4)]]
)
def test_decoding_undoes_encoding(y):
    condition = learn(y)
    found = condition.decode(condition.encode(read(y)))
    for expected, column in zip(read(y).columns, found.reshape(len(y), -1).T, strict=True):
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(column.astype(float), expected, atol=1e-12)
        else:
            assert column.tolist() == expected.tolist()


def test_a_weight_of_two_counts_like_the_row_given_twice():
    y, weight = np.array([0.5, 1.0, 4.0]), np.array([2.0, 1.0, 1.0])
    weighted, twice = learn(y, weight), learn(np.r_[y, 0.5])
    assert weighted.columns[0].to_dict() == pytest.approx(twice.columns[0].to_dict())
    np.testing.assert_allclose(weighted.encode(read(y)), twice.encode(read(y)))


def test_plain_values_and_back_are_the_same_condition():
    condition = learn(TABLE)
    again = Condition.from_dict(json.loads(json.dumps(condition.to_dict())))
    np.testing.assert_array_equal(again.encode(read(TABLE)), condition.encode(read(TABLE)))
    assert again.names == ("colour", "size")
    assert again.columns[0].values.dtype == condition.columns[0].values.dtype


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([1, 1], "at least two classes, got one class only, 1"),
        ([0.5, 0.5], "more than one value, got 0.5 only"),
        ([("a", 1), ("a", 2)], "at least two classes in column 0, got one class only, 'a'"),
        ([("a", 0.5), ("b", 0.5)], "more than one value in column 1, got 0.5 only"),
    ],
)
def test_a_column_that_says_nothing_is_refused(y, said):
    with pytest.raises(DataError) as raised:
        learn(y)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        (
            [("black", 1.0)],
            DataError,
            "'black' in column 'colour', a label that never came in the",
        ),
        (
            [("red", "big")],
            DataError,
            "y holds 'big' in column 'size', and the labels of the data",
        ),
        ([("red", True)], DataError, "y holds True in column 'size'"),
        ([(1, 1.0)], DataError, "y holds 1 in column 'colour'"),
        (["red"], ShapeError, "y must have 2 columns of labels colour, size, as in fit, got 1"),
        (TABLE[["size", "colour"]], ShapeError, "in this order, got size, colour"),
    ],
)
def test_labels_that_do_not_fit_say_where(y, error, said):
    with pytest.raises(error) as raised:
        learn(TABLE).encode(read(y))
    assert said in str(raised.value)


def test_numbers_outside_the_range_that_came_warn():
    condition = learn(TABLE)
    with pytest.warns(EspelhoWarning, match=r"4 in column 'size', outside the 0 to 3\.5"):
        condition.warn_outside(read([("red", 1.0), ("red", 4.0)]))
    condition.warn_outside(read([("red", 0.0), ("red", 3.5)]))


@pytest.mark.parametrize(
    ("column", "example"),
    [
        (Classes(np.array(["a", "b"])), "a"),
        (Scale(1.23456, 1.0, 0.0, 2.0), 1.23),
        (Scale(1.23456, 1e-6, 1.23455, 1.23457), 1.23456),
    ],
)
def test_an_example_is_a_label_among_those_that_came(column, example):
    assert column.example == example
