"""Tables as text come out as the numbers and labels that they show."""

import codecs

import numpy as np
import pytest

from espelho.data.files import read
from espelho.errors import DataError, FileError


@pytest.fixture
def table(tmp_path):
    """Read a table from its text."""

    def read_table(text, *, name="X.csv", encoding="utf-8", **options):
        raw = text if isinstance(text, bytes) else text.encode(encoding)
        (tmp_path / name).write_bytes(raw)
        return read(tmp_path / name, **options)

    return read_table


def message_of(error, table, text, **options):
    with pytest.raises(error) as caught:
        table(text, **options)
    assert type(caught.value) is error
    assert "X.csv" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["X.csv", "X.tsv", "X.txt", "X.CSV"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found(table, delimiter, name, newline):
    text = newline.join([f"u{delimiter}v", f"1{delimiter}2.5", f"-3{delimiter}4e2", ""])
    found = table(text, name=name)
    np.testing.assert_array_equal(found.X, [[1, 2.5], [-3, 400]])
    assert found.X.dtype == np.float64
    assert found.feature_names == ("u", "v")


def test_a_delimiter_that_comes_now_and_then_is_none(table):
    found = table("name;value\na, b;1\nc;2\nd, e, f;3\n", target="name")
    assert found.y.tolist() == ["a, b", "c", "d, e, f"]


def test_one_column_needs_no_delimiter(table):
    np.testing.assert_array_equal(table("u\n1\n2\n").X, [[1], [2]])


def test_a_quote_keeps_delimiters_and_line_ends(table):
    found = table('"a, ""b""\nc",v\n"1","2"\n')
    assert found.feature_names == ('a, "b"\nc', "v")
    np.testing.assert_array_equal(found.X, [[1, 2]])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("u,v\n1,2\n", ("u", "v")),
        ("1,2\n3,4\n", ("0", "1")),
        ("u,2\n3,4\n", None),
        ("nan,NaN\n3,4\n", ("0", "1")),
        ("u,\n3,4\n", ("u", "1")),
        (" u , v\n3,4\n", ("u", "v")),
        ("\n\nu,v\n3,4\n", ("u", "v")),
    ],
)
def test_the_first_row_is_a_header_if_no_cell_is_a_number(table, text, names):
    if names is None:
        assert "'0' (for example 'u')" in message_of(DataError, table, text)
    else:
        assert table(text).feature_names == names


def test_the_header_can_be_decided_by_hand(table):
    assert table("2001,2002\n3,4\n", header="yes").feature_names == ("2001", "2002")
    np.testing.assert_array_equal(table("2001\n3\n", header="no").X, [[2001], [3]])


def test_without_a_header_names_are_data(table):
    assert "'0' (for example 'u')" in message_of(DataError, table, "u,v\n3,4\n", header="no")


@pytest.mark.parametrize("missing", ["", " ", "?", "NA", "N/A", "null", "nan", "NaN", "None"])
def test_missing_cells_are_nan(table, missing):
    np.testing.assert_array_equal(
        table(f"u,v\n1,{missing}\n{missing},4\n").X, [[1, np.nan], [np.nan, 4]]
    )


def test_a_column_without_any_value_is_nan(table):
    np.testing.assert_array_equal(table("u,v\n1,\n2,\n").X, [[1, np.nan], [2, np.nan]])


def test_spaces_around_cells_do_not_count(table):
    found = table("u, v, kind\n 1 ,\t2, a b \n", target="kind")
    np.testing.assert_array_equal(found.X, [[1, 2]])
    assert found.y.tolist() == ["a b"]


def test_true_and_false_are_1_and_0(table):
    np.testing.assert_array_equal(table("u,v\ntrue,1\nFALSE,2\n").X, [[1, 1], [0, 2]])


def test_infinity_is_read(table):
    np.testing.assert_array_equal(
        table("u\ninf\n-Infinity\n1e400\n").X[:, 0], [np.inf, -np.inf, np.inf]
    )


@pytest.mark.parametrize("value", ["1_0", "0x10", "1,5", "12:30", "2020-01-01", "5%"])
def test_what_merely_looks_like_a_number_is_none(table, value):
    message = message_of(DataError, table, f"u;v\n1;{value}\n2;3\n")
    assert f"'v' (for example '{value}')" in message


def test_a_number_of_another_kind_far_down_changes_nothing(table):
    text = "u\n" + "1\n" * 300_000 + "0.5\n"
    assert table(text).X[-1, 0] == 0.5


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2"], np.array([1, -2])),
        (["1", "2.5"], np.array([1, 2.5])),
        (["1", "?"], np.array([1, np.nan])),
        (["1", "a"], np.array(["1", "a"])),
        (["?", "a"], np.array(["?", "a"])),
        (["'-1'", "'1'"], np.array(["'-1'", "'1'"])),
        (["true", "false"], np.array(["true", "false"])),
    ],
)
def test_labels_are_integers_floats_or_strings_whichever_fits_first(table, cells, expected):
    found = table("u,kind\n" + "".join(f"0,{cell}\n" for cell in cells), target="kind")
    assert found.y.dtype == expected.dtype
    np.testing.assert_array_equal(found.y, expected)
    assert (found.target_name, found.feature_names) == ("kind", ("u",))


def test_columns_come_in_the_order_that_is_asked_for(table):
    text = "a,b,c,d\n1,2,3,4\n"
    np.testing.assert_array_equal(table(text, columns=["d", "a"]).X, [[4, 1]])
    np.testing.assert_array_equal(table(text, columns="b").X, [[2]])
    np.testing.assert_array_equal(table(text, drop=["b"], target="a").X, [[3, 4]])


@pytest.mark.parametrize("argument", ["columns", "drop", "target"])
def test_an_unknown_column_is_answered_with_the_nearest(table, argument):
    value = "heigth" if argument == "target" else ["age", "heigth"]
    message = message_of(DataError, table, "age,height\n1,2\n", **{argument: value})
    assert "no column 'heigth'. Its columns are age, height. Did you mean 'height'?" in message


def test_of_very_many_columns_the_first_are_listed(table):
    text = ",".join(f"c{i}" for i in range(40)) + "\n" + ",".join(["1"] * 40) + "\n"
    assert "c29 and 10 more." in message_of(DataError, table, text, target="zz")


def test_a_choice_that_leaves_no_column_is_refused(table):
    assert "no column is left" in message_of(DataError, table, "u\n1\n", target="u")
    assert "no column is left" in message_of(DataError, table, "u,v\n1,2\n", columns=[])


def test_columns_of_the_same_name_are_refused(table):
    assert "'u' comes twice" in message_of(DataError, table, "u,v,u\n1,2,3\n")


def test_every_column_without_numbers_is_named_with_an_example_and_a_fix(table):
    message = message_of(DataError, table, "age,city,kind\n1,?,a\n2,Rome,3\n")
    assert (
        "2 columns without numbers: 'city' (for example 'Rome'), 'kind' (for example 'a')"
        in message
    )
    for fix in ("columns=", "--columns", "drop=", "--drop"):
        assert fix in message


def test_the_only_column_without_numbers_may_be_the_target(table):
    message = message_of(DataError, table, "age,kind\n1,a\n2,b\n")
    assert "--target kind" in message
    assert table("age,kind\n1,a\n2,b\n", target="kind").X.shape == (2, 1)


@pytest.mark.parametrize("row", ["3", "3,4,5"])
def test_a_row_of_another_length_is_named(table, row):
    message = message_of(FileError, table, f"u,v\n1,2\n{row}\n")
    assert "2 columns" in message
    assert f"Row #3: Expected 2 columns, got {row.count(',') + 1}: {row}" in message


@pytest.mark.parametrize("text", ["", "\n \n", codecs.BOM_UTF8])
def test_an_empty_file_is_named(table, text):
    assert "is empty" in message_of(FileError, table, text)


@pytest.mark.parametrize(("text", "header"), [("u,v\n", "auto"), ("1,2", "yes")])
def test_a_header_alone_has_no_rows(table, text, header):
    assert "0 rows" in message_of(DataError, table, text, header=header)


def test_zero_bytes_are_no_text(table):
    assert "not text" in message_of(FileError, table, "u,v\n1,2\n".encode("utf-16"))


def test_a_quoted_cell_without_end_and_measure_is_no_table(table):
    assert "not a table" in message_of(FileError, table, '"' + "x" * 200_000 + "\n1\n")


def test_a_byte_order_mark_is_skipped(table):
    assert table("é,v\n1,2\n", encoding="utf-8-sig").feature_names == ("é", "v")


def test_latin_1_is_read_where_utf_8_fails(table):
    found = table("é,kind\n1,ção\n", encoding="latin-1", target="kind")
    assert found.feature_names == ("é",)
    assert found.y.tolist() == ["ção"]


def test_a_row_may_be_longer_than_any_block(table):
    names = [f"{'long' * 15}{column}" for column in range(20_000)]
    text = f"{','.join(names)}\n{'1,' * (len(names) - 1)}2\n"
    found = table(text, columns=[names[-1], names[0]])
    np.testing.assert_array_equal(found.X, [[2, 1]])


def test_the_first_lines_of_a_long_file_tell_its_delimiter(table):
    found = table("u;v\n" + "1;2\n" * 20_000)
    assert found.X.shape == (20_000, 2)


def test_a_long_file_without_line_feeds_is_read(table):
    assert table("u;v\r" + "1;2\r" * 20_000).X.shape == (20_000, 2)
