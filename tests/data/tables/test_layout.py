"""Layouts: tables become numbers and come back as they were."""

from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from espelho.data.tables.fields import field_of
from espelho.data.tables.frames import columns_of, has_categories, library_of, made_frame
from espelho.data.tables.layout import Layout, check_numbers
from espelho.data.tables.scaling import TableScaling
from espelho.data.tables.table import Table
from espelho.errors import DataError


def frame(n=6):
    sizes = pd.CategoricalDtype(["S", "M", "L"], ordered=True)
    return pd.DataFrame(
        {
            "age": np.arange(20, 20 + n),
            "wage": np.linspace(0, 1, n).astype(np.float32),
            "work": ["b", "a", "c"] * (n // 3),
            "own": [True, False] * (n // 2),
            "size": pd.Series(["M", "S"] * (n // 2)).astype(sizes),
            "code": pd.Series([7, 9] * (n // 2)).astype("category"),
            "word": pd.Series(["x", "y"] * (n // 2), dtype=object),
            "perhaps": pd.array([True, False] * (n // 2), dtype="boolean"),
            "count": pd.array([1, 2] * (n // 2), dtype="Int64"),
            "flag": pd.Series([True, False] * (n // 2), dtype=object),
        }
    )


def tables():
    plain = frame().drop(columns=["code", "perhaps", "flag"])
    colours = pl.Enum(["red", "blue"])
    names, kinds = ["a", "b", "c", "d"], (float, object, bool, int)
    arrays = [np.array([1, 0]).astype(kind) for kind in kinds]
    arrays[1] = np.array(["x", "y"], dtype=object)
    return {
        "pandas": frame(),
        "polars": pl.from_pandas(plain).with_columns(
            pl.Series("e", ["red", "blue"] * 3, dtype=colours),
            pl.Series("f", ["u", "v"] * 3, dtype=pl.Categorical),
        ),
        "pyarrow": pa.Table.from_pandas(plain, preserve_index=False).replace_schema_metadata(),
        "espelho": Table(names, arrays),
    }


def same(a, b):
    if isinstance(a, Table):
        pairs = list(zip(a.arrays, b.arrays, strict=True))
        return a.names == b.names and all(
            x.dtype == y.dtype and x.tolist() == y.tolist() for x, y in pairs
        )
    if isinstance(a, pl.DataFrame):
        return a.schema == b.schema and a.equals(b)
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b)
        return True
    return a.equals(b) and a.schema == b.schema


@pytest.mark.parametrize("library", tables())
def test_a_table_comes_back_with_its_values_and_types(library):
    table = tables()[library]
    layout = Layout.learn(table)
    assert library_of(table) == layout.made_by == library
    assert same(layout.decode(layout.encode(table)), table)


@pytest.mark.parametrize("library", tables())
def test_a_layout_comes_back_from_plain_values(library):
    layout = Layout.learn(tables()[library], 0.0, "other")
    assert Layout.from_dict(layout.to_dict()).fields == layout.fields
    assert all(field_of(field.to_dict()) == field for field in layout.fields)


def test_declared_categories_keep_their_order_and_others_are_sorted():
    fields = {field.name: field for field in Layout.learn(frame()).fields}
    assert fields["size"].values == ("S", "M", "L")
    assert fields["work"].values == ("a", "b", "c")
    assert fields["own"].values == (False, True)


def test_networks_see_numbers_first_and_then_a_one_in_each_group():
    layout = Layout.learn(frame())
    scaling = TableScaling.learn(layout.encode(frame()), "standard", layout)
    seen = scaling.forward(layout.encode(frame()))
    numbers = seen[:, : len(layout.numbers)]
    assert seen.shape == (6, layout.width)
    np.testing.assert_allclose(numbers.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(numbers.std(0), 1)
    ends = np.cumsum([len(layout.numbers), *layout.sizes])
    for start, stop in pairwise(ends):
        assert (seen[:, start:stop].sum(1) == 1).all()
    np.testing.assert_allclose(scaling.inverse(seen), layout.encode(frame()), atol=1e-5)
    np.testing.assert_allclose(
        layout.by_column(seen)[:, layout.categories], np.ones((6, len(layout.sizes)))
    )


def test_bounds_are_those_of_what_networks_see():
    layout = Layout.learn(frame())
    values = layout.encode(frame())
    scaling = TableScaling.learn(values, "minmax", layout)
    low, high = scaling.bounds(values, values.shape[1:])
    seen = scaling.forward(values)
    n = len(layout.numbers)
    np.testing.assert_allclose(low[:n], seen[:, :n].min(0))
    np.testing.assert_allclose(high[:n], seen[:, :n].max(0))
    assert (low[n:] == 0).all()
    assert (high[n:] == 1).all()


def test_rare_categories_become_one_that_stands_for_unseen_ones_too():
    table = pd.DataFrame({"work": ["a"] * 8 + ["b", "c"], "age": range(10)})
    layout = Layout.learn(table, 0.15)
    (work,) = [field for field in layout.fields if field.size]
    assert work.values == ("a", "other")
    assert work.rare == ("b", "c")
    again = layout.decode(layout.encode(table.assign(work=["z"] * 5 + ["a"] * 5)))
    assert again["work"].tolist() == ["other"] * 5 + ["a"] * 5


def test_what_stands_for_others_may_be_named_and_a_category_that_came():
    table = pd.DataFrame({"work": ["a"] * 8 + ["?", "c"]})
    layout = Layout.learn(table, 0.15, "?")
    assert layout.fields[0].values == ("a", "?")
    assert layout.fields[0].rare == ("c",)
    declared = Layout.learn(pd.DataFrame({"work": ["a", "b"], "own": [True, False]}), 0.0, "rest")
    assert declared.fields[0].values == ("a", "b", "rest")
    assert declared.fields[1].values == (False, True)
    assert declared.encode(pd.DataFrame({"work": ["q"], "own": [True]}))[0, 0] == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"work": "zz"}, "category 'zz' in row 0 .*never came in fit.*other_category"),
        ({"work": None}, "'work' holds no value in 6 rows, the first is row 0"),
        ({"work": ["a", None, "b", "a", "a", "a"]}, "'work' holds no value in row 1 "),
        (
            {"work": 1.5},
            r"'work' held categories in fit, and holds numbers \(float64, such as 1.5",
        ),
        ({"work": 3}, r"holds numbers \(int64, such as 3\) now"),
        ({"work": [np.nan, 1.5, 1, 1, 1, 1]}, r"holds numbers \(float64, such as 1.5\) now"),
        ({"age": [39, 1, "old", 1, 1, 1]}, "'age' held numbers in fit, .*such as 'old'"),
        ({"own": "yes"}, "'own' held booleans in fit, and holds categories"),
        ({"age": "old"}, "'age' held numbers in fit, and holds categories .*'old'"),
        ({"more": 1}, "has a column 'more', which it did not have in fit"),
    ],
)
def test_what_was_otherwise_in_fit_is_named(changed, said):
    table = frame()[["age", "work", "own"]]
    with pytest.raises(DataError, match=said):
        Layout.learn(table).encode(table.assign(**changed))


def test_columns_that_are_missing_or_in_another_order_are_named():
    layout = Layout.learn(frame())
    with pytest.raises(DataError, match="no column 'age', which it had in fit"):
        layout.encode(frame().rename(columns={"age": "ages"}))
    with pytest.raises(DataError, match="another order than in fit"):
        layout.encode(frame()[frame().columns[::-1]])
    with pytest.raises(DataError, match=r"must be a table with the columns age.*got ndarray"):
        layout.encode(np.zeros((2, 10)))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            pd.DataFrame({"a": ["x"], "day": pd.Timestamp("2020-01-01")}),
            "'day' is of type datetime",
        ),
        (pl.DataFrame({"a": ["x"], "part": [[1, 2]]}), "'part' is of type List"),
        (pa.table({"a": ["x"], "part": [[1, 2]]}), "'part' is of type list"),
        (pd.DataFrame({"a": ["x", 1]}), "'a' mixes text and other values, such as 1"),
        (pd.DataFrame({"a": [(1, "x"), (1, 2)]}), "'a' holds values of type tuple"),
        (pd.DataFrame({"a": ["x", None]}), "'a' holds no value in row 1"),
        (pd.DataFrame({0: ["x"], 1: [2]}), "column 0 is called 0. Rename it"),
        (pd.DataFrame([["x", "y"]], columns=["a", "a"]), "'a' comes twice"),
    ],
)
def test_what_no_layout_can_be_learned_of_is_refused(table, said):
    with pytest.raises(DataError, match=said):
        Layout.learn(table)


def test_tables_of_numbers_alone_have_no_categories():
    numbers = pd.DataFrame({"a": [1, 2], "b": [0.5, 1], "c": pd.Series([1, 2], dtype=object)})
    assert not has_categories(numbers)
    assert not has_categories(pl.from_pandas(numbers[["a", "b"]]))
    assert not has_categories(np.zeros((2, 2)))
    assert has_categories(numbers.assign(d=[True, False]))
    check_numbers(numbers)
    check_numbers(numbers.assign(d=[True, False]))
    with pytest.raises(DataError, match="'d' held numbers in fit"):
        check_numbers(numbers.assign(d="x"))


def test_numbers_of_decimals_come_back_as_floats():
    table = pl.DataFrame({"a": ["x", "y"], "d": pl.Series(["1.5", "2.5"]).cast(pl.Decimal(10, 2))})
    found = Layout.learn(table).decode(np.array([[0, 1.5], [1, 2.5]]))
    assert found["d"].to_list() == [1.5, 2.5]
    arrow = table.to_arrow()
    assert Layout.learn(arrow).decode(np.array([[0, 1.5]]))["d"].to_pylist() == [1.5]


def test_a_library_that_is_not_there_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(DataError, match=r"table of polars.*pip install polars"):
        made_frame("polars", columns_of(frame()))


def test_an_array_of_a_table_with_words_names_them():
    table = Table(["a", "b"], [np.array([1, 2]), np.array(["x", None], dtype=object)])
    with pytest.raises(DataError, match=r"1 column without numbers: 'b' \(for example 'x'\)"):
        np.asarray(table)
    np.testing.assert_array_equal(np.asarray(Table(["a"], table.arrays[:1])), [[1], [2]])


def test_rows_of_a_table_know_all_its_categories():
    table = Table(["a"], [np.array(["x", "y", "z"], dtype=object)])
    assert table.size == 3
    assert Layout.learn(table[:1]).fields[0].values == ("x", "y", "z")
