"""Parquet files come out with the dtype that their columns share."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from espelho.data.files import read
from espelho.data.writing import write
from espelho.errors import DataError, FileError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "X.parquet"


def saved(path, **columns):
    parquet.write_table(pa.table(columns), path)
    return path


def message_of(error, path, **options):
    with pytest.raises(error) as caught:
        read(path, **options)
    assert type(caught.value) is error
    assert "X.parquet" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("left", "right", "dtype"),
    [
        (pa.array([1, 2], pa.int16()), pa.array([3, 4], pa.int16()), np.int16),
        (pa.array([1, 2], pa.float32()), pa.array([3, None], pa.float32()), np.float32),
        (pa.array([1, 2], pa.float32()), pa.array([3, 4], pa.float64()), np.float64),
        (pa.array([1, 2], pa.int64()), pa.array([3, None], pa.int64()), np.float64),
        (pa.array([True, False]), pa.array([False, True]), np.uint8),
        (pa.array([True, None]), pa.array([False, True]), np.float64),
        (pa.array([None, None]), pa.array([1.0, 2.0]), np.float64),
        (pa.array([Decimal("1.5"), Decimal("2")]), pa.array([1.0, 2.0]), np.float64),
        (pa.array([5, 7]).dictionary_encode(), pa.array([1, 2]), np.int64),
    ],
)
def test_a_shared_dtype_is_kept_and_others_become_float64(path, left, right, dtype):
    found = read(saved(path, u=left, v=right))

    assert found.X.dtype == dtype
    assert found.X.flags.writeable
    assert found.feature_names == ("u", "v")
    expected = [
        [np.nan if value is None else float(value) for value in column.to_pylist()]
        for column in (left, right)
    ]
    np.testing.assert_array_equal(found.X.astype(float), np.transpose(expected))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pa.array([1, 2], pa.int8()), np.array([1, 2], np.int8)),
        (pa.array([0.5, None]), np.array([0.5, np.nan])),
        (pa.array(["a", None]), np.array(["a", ""])),
        (pa.array(["b", "a"]).dictionary_encode(), np.array(["b", "a"])),
        (pa.array([Decimal("1.5"), Decimal("2")]), np.array([1.5, 2])),
        (pa.array([True, False]), np.array([True, False])),
    ],
)
def test_labels_keep_their_kind(path, labels, expected):
    found = read(saved(path, kind=labels, u=[1, 2]), target="kind")

    assert found.y.dtype == expected.dtype
    np.testing.assert_array_equal(found.y, expected)
    assert (found.feature_names, found.target_name) == (("u",), "kind")


def test_columns_come_in_the_order_that_is_asked_for(path):
    saved(path, **{"a.b": [1], "c": [2], "d": [3]})
    np.testing.assert_array_equal(read(path, columns=["d", "a.b"]).X, [[3, 1]])
    np.testing.assert_array_equal(read(path, drop=["c"]).X, [[1, 3]])


def test_every_column_without_numbers_is_named_with_an_example(path):
    saved(
        path,
        age=[1],
        kind=pa.array(["a"]).dictionary_encode(),
        parts=[[1, 2]],
        none=pa.array([None], pa.string()),
    )
    message = message_of(DataError, path)
    assert "'kind' (for example 'a'), 'parts' (for example [1, 2]), 'none'." in message
    assert "--drop" in message


def test_an_unknown_column_is_answered_with_the_nearest(path):
    assert "Did you mean 'kind'?" in message_of(DataError, saved(path, kind=[1]), target="kin")


def test_the_index_of_pandas_is_a_column_only_if_it_is_asked_for(path):
    index = pd.Index([7, 8], name="id")
    pd.DataFrame({"u": [1, 2]}, index=index).to_parquet(path)
    assert read(path).feature_names == ("u",)
    assert read(path, columns=["u", "id"]).feature_names == ("u", "id")
    assert read(path, target="id").y.tolist() == [7, 8]
    assert "no column is left" in message_of(DataError, path, target="u")


def test_a_range_as_index_of_pandas_is_no_column(path):
    pd.DataFrame({"u": [1, 2]}).to_parquet(path)
    assert read(path).feature_names == ("u",)


def test_a_table_of_no_rows_is_refused(path):
    assert "0 rows" in message_of(DataError, saved(path, u=pa.array([], pa.float64())))


def test_a_truncated_or_damaged_file_is_named(path):
    write(path, np.random.default_rng(0).normal(size=1000))
    whole = path.read_bytes()
    for damaged in (b"", whole[:3], whole[:-10], whole[:200] + bytes(300) + whole[500:]):
        path.write_bytes(damaged)
        message = message_of(FileError, path)
        assert "truncated or damaged" in message


def test_a_file_is_recognised_without_its_suffix(path):
    saved(path, u=[1, 2])
    bare = path.rename(path.with_suffix(""))
    np.testing.assert_array_equal(read(bare).X, [[1], [2]])


def test_a_column_of_lists_is_named_instead_of_read_as_words(path):
    saved(path, a=[1.0, 2.0], word=["x", "y"], t=[[1, 2], [3]])
    with pytest.raises(DataError, match=r"Column 't' is of type list<.*leave it out"):
        read(path, categories=True)
    assert tuple(read(path, drop=["t"], categories=True).feature_names) == ("a", "word")
