"""Tables are filled where they have gaps, and are as they came in everywhere else."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from espelho.data.corruption import Hiding
from espelho.data.tables.filling import fill_table
from espelho.data.tables.layout import Layout
from espelho.data.tables.scaling import TableScaling
from espelho.data.tables.table import Table
from espelho.errors import DataError

BIG = 2**62 + 1  # which float64 does not hold


def pandas_table():
    sizes = pd.CategoricalDtype(["S", "M", "L"], ordered=True)
    return pd.DataFrame(
        {
            "age": pd.array([BIG, None, 3], dtype="Int64"),
            "wage": np.array([0.1, np.nan, 0.3], dtype=np.float32),
            "work": ["b", None, "a"],
            "word": pd.Series(["b", None, "a"], dtype=object),
            "text": pd.array(["b", None, "a"], dtype="string"),
            "own": pd.Series([True, None, False], dtype=object),
            "perhaps": pd.array([True, None, False], dtype="boolean"),
            "size": pd.Series(["M", None, "S"]).astype(sizes),
            "code": pd.Series([7, None, 9], dtype="Int64").astype("category"),
            "full": [True, False, True],
        }
    ).set_axis(["x", "x", "y"])


def polars_table():
    return pl.DataFrame(
        {
            "age": pl.Series([BIG, None, 3], dtype=pl.Int64),
            "wage": pl.Series([0.1, None, 0.3], dtype=pl.Float32),
            "work": ["b", None, "a"],
            "own": [True, None, False],
            "size": pl.Series(["M", None, "S"], dtype=pl.Enum(["S", "M", "L"])),
            "code": pl.Series(["u", None, "v"], dtype=pl.Categorical),
            "full": ["r", "s", "t"],
        }
    )


def arrow_table():
    dictionary = pa.DictionaryArray.from_arrays(
        pa.array([1, None, 0], pa.int8()), pa.array(["S", "M", "L"])
    )
    return pa.table(
        {
            "age": pa.array([BIG, None, 3], pa.int64()),
            "wage": pa.array([0.1, None, 0.3], pa.float32()),
            "work": pa.array(["b", None, "a"]),
            "own": pa.array([True, None, False]),
            "size": dictionary,
        }
    ).replace_schema_metadata({"made": "by hand"})


def own_table():
    arrays = [
        np.array([1.5, np.nan, 3.0]),
        np.array(["b", None, "a"], dtype=object),
        np.array([True, None, False], dtype=object),
        np.array([1, 2, 3]),
    ]
    return Table(["wage", "work", "own", "full"], arrays)


TABLES = [pandas_table, polars_table, arrow_table, own_table]


def filled(table, answer=0.0):
    layout = Layout.learn(table, gaps=True)
    marks = np.isnan(layout.encode(table, gaps=True))
    return marks, fill_table(table, layout.like(table), marks, np.full(marks.shape, answer))


def columns(table):
    """The columns of any table as lists, and their types."""
    if isinstance(table, Table):
        return {n: (a.tolist(), a.dtype) for n, a in zip(table.names, table.arrays, strict=True)}
    if isinstance(table, pd.DataFrame):
        return {name: (table[name].tolist(), table[name].dtype) for name in table}
    if isinstance(table, pl.DataFrame):
        return {name: (table[name].to_list(), table[name].dtype) for name in table.columns}
    found = {n: table.column(n) for n in table.column_names}
    return {name: (column.to_pylist(), column.type) for name, column in found.items()}


@pytest.mark.parametrize("make", TABLES)
def test_gaps_are_filled_and_values_and_types_are_as_they_were(make):
    table = make()
    marks, made = filled(table)
    before, after = columns(table), columns(make())
    assert str(before) == str(after)  # what came in is left alone
    found = columns(made)
    assert list(found) == list(before)
    for (values, dtype), (new, new_dtype), own in zip(
        before.values(), found.values(), marks.T, strict=True
    ):
        assert new_dtype == dtype
        assert [type(value) for value in new] == [type(value) for value in (new[0],) * 3]
        for value, was, gone in zip(new, values, own, strict=True):
            assert value is not None
            assert gone or value == was
    if isinstance(table, pa.Table):
        assert made.schema.equals(table.schema, check_metadata=True)
    if isinstance(table, pd.DataFrame):
        assert made.index.equals(table.index)


def test_each_answer_is_the_category_of_its_number():
    _, made = filled(pandas_table(), 1.0)
    assert made["work"].tolist() == ["b", "b", "a"]
    assert made["own"].tolist() == [True, True, False]
    assert made["size"].tolist() == ["M", "M", "S"]
    assert made["code"].tolist() == [7, 9, 9]
    assert made["age"].tolist() == [BIG, 1, 3]


@pytest.mark.parametrize(
    "make",
    [
        lambda values, kinds: pd.DataFrame({"a": pd.Categorical(values, categories=kinds)}),
        lambda values, kinds: pl.DataFrame({"a": pl.Series(values, dtype=pl.Enum(kinds))}),
        lambda values, kinds: pa.table({"a": pa.array(values).dictionary_encode()}),
        lambda values, kinds: Table(["a"], [np.array(values, dtype=object)], [tuple(kinds)]),
    ],
    ids=["pandas", "polars", "pyarrow", "espelho"],
)
def test_a_category_that_a_type_does_not_have_is_added_to_it(make):
    layout = Layout.learn(make(["x", "y", "z"], ["x", "y", "z"]))
    table = make(["x", None, "y"], ["x", "y"])
    marks = np.isnan(layout.encode(table, gaps=True))
    made = fill_table(table, layout.like(table), marks, np.full((3, 1), 2.0))
    assert columns(made)["a"][0] == ["x", "z", "y"]
    assert Layout.learn(made).fields[0].values == ("x", "y", "z")


def test_a_column_without_values_gets_the_type_of_fit():
    layout = Layout.learn(pd.DataFrame({"a": ["x", "y"], "b": [True, False], "c": [1, 2]}))
    empty = pd.DataFrame({"a": [np.nan, np.nan], "b": [np.nan, None], "c": [None, None]})
    values = layout.encode(empty, gaps=True)
    assert np.isnan(values).all()
    made = fill_table(empty, layout.like(empty), np.isnan(values), np.ones((2, 3)))
    assert made["a"].tolist() == ["y", "y"]
    assert made["a"].dtype == layout.fields[0].dtype
    assert made["b"].dtype == bool
    assert made["c"].tolist() == [1, 1]
    with pytest.raises(DataError, match="'a' held categories in fit, and holds numbers"):
        layout.encode(empty.assign(b=True, c=1))


def test_stand_ins_are_means_and_shares_of_what_was_observed():
    table = pd.DataFrame({"work": ["a", "b", "a", None, "a"], "age": [1, 2, np.nan, 3, 6]})
    layout = Layout.learn(table, gaps=True)
    values = layout.encode(table, gaps=True)
    scaling = TableScaling.learn(values, "none", layout, gaps=True)
    np.testing.assert_allclose(scaling.stand_ins, [3, 0.75, 0.25])
    np.testing.assert_allclose(scaling.forward(values)[2:4], [[3, 1, 0], [3, 0.75, 0.25]])
    assert np.isnan(scaling.across_gaps(values)[3, 1:]).all()
    assert scaling.gaps(values)[2:4].tolist() == [[True, False, False], [False, True, True]]
    assert scaling.gaps(values[:2]) is None
    weighted = TableScaling.learn(values, "none", layout, np.array([1, 3, 1, 9, 1]), gaps=True)
    np.testing.assert_allclose(weighted.stand_ins[1:], [0.5, 0.5])
    assert TableScaling.learn(values[:2], "none", layout).stand_ins is None


def test_hidden_columns_are_hidden_whole():
    import torch

    hide = Hiding(0.5, torch.zeros(4), np.array([0, 1, 1, 1]))
    found = hide(torch.ones(500, 4)).sum(1)
    assert set(found.tolist()) == {0.0, 1.0, 3.0, 4.0}
