"""Tables of several Parquet files: types, gaps, damage, and reading on without waste."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from espelho.data.files import read
from espelho.data.formats.content import Choice
from espelho.data.stored import cursor
from espelho.data.stored.table import StoredTable
from espelho.errors import DataError, FileError


def saved(path, **columns):
    parquet.write_table(pa.table(columns), path)
    return path


def saved_groups(path, X, group):
    table = pa.table({f"x{j}": column for j, column in enumerate(X.T)})
    parquet.write_table(table, path, row_group_size=group, write_page_checksum=True)
    return path


def both(folder, **options):
    """Read a folder from disk and into memory, which must give the same."""
    stored, whole = (read(folder, memory_limit=limit, **options) for limit in (0, "1GB"))
    assert isinstance(stored.X, StoredTable)
    assert stored.X.dtype == whole.X.dtype
    np.testing.assert_array_equal(np.asarray(stored.X), whole.X)
    assert (stored.feature_names, stored.name) == (whole.feature_names, whole.name)
    np.testing.assert_array_equal(stored.y, whole.y)
    return stored


@pytest.mark.parametrize(
    ("first", "second", "dtype"),
    [
        (pa.array([1, 2], pa.int16()), pa.array([3], pa.int16()), np.int16),
        (pa.array([1, 2], pa.int16()), pa.array([3], pa.int32()), np.float64),
        (pa.array([1.5, None], pa.float32()), pa.array([3], pa.float32()), np.float32),
        (pa.array([1.5, 2], pa.float32()), pa.array([3], pa.int16()), np.float64),
        (pa.array([True, False]), pa.array([True]), np.uint8),
        (pa.array([Decimal("1.5"), None]), pa.array([2.5]), np.float64),
        (pa.array([None, None]), pa.array([2.5]), np.float64),
        (pa.array([5, 7]).dictionary_encode(), pa.array([1]), np.int64),
    ],
)
def test_the_type_that_all_share_is_kept_and_others_become_float64(tmp_path, first, second, dtype):
    saved(tmp_path / "a.parquet", u=first, kind=["r", "s"])
    saved(tmp_path / "b.parquet", kind=["t"], u=second)
    found = both(tmp_path, target="kind")
    assert found.X.dtype == dtype
    assert found.y.tolist() == ["r", "s", "t"]


def test_the_types_of_columns_decide_too(tmp_path):
    saved(tmp_path / "a.parquet", u=pa.array([1], pa.int8()), v=pa.array([2], pa.float32()))
    assert both(tmp_path).X.dtype == np.float64


def test_labels_of_several_kinds_are_brought_together(tmp_path):
    saved(tmp_path / "a.parquet", u=[1.0], y=[1])
    saved(tmp_path / "b.parquet", u=[1.0], y=[0.5])
    saved(tmp_path / "c.parquet", u=pa.array([], pa.float64()), y=pa.array([], pa.string()))
    assert both(tmp_path, target="y").y.tolist() == [1.0, 0.5]


@pytest.mark.parametrize("limit", [0, "1GB"])
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"u": [1.0]}, "has no column 'v'"),
        ({"u": [1.0], "v": [1.0], "w": [1.0]}, "has 'w' besides"),
        ({"u": [1.0], "w": [1.0]}, "has no column 'v' and has 'w' besides"),
    ],
)
def test_files_of_other_columns_are_named(tmp_path, limit, columns, said):
    saved(tmp_path / "a.parquet", u=[1.0], v=[2.0])
    saved(tmp_path / "b.parquet", **columns)
    with pytest.raises(DataError, match=rf"a\.parquet the file .*b\.parquet {said}"):
        read(tmp_path, memory_limit=limit)


@pytest.mark.parametrize("limit", [0, "1GB"])
def test_columns_without_numbers_are_named_with_their_file(tmp_path, limit):
    saved(tmp_path / "a.parquet", u=[1.0], v=[2.0])
    saved(tmp_path / "b.parquet", u=[1.0, 2.0], v=[None, "x"])
    with pytest.raises(DataError, match=r"b\.parquet has 1 column .* 'v' \(for example 'x'\)"):
        read(tmp_path, memory_limit=limit)


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint8(), pa.bool_()])
def test_a_whole_number_that_is_missing_is_named(tmp_path, kind):
    saved(tmp_path / "a.parquet", u=pa.array([1, 0]).cast(kind))
    saved(tmp_path / "b.parquet", u=pa.array([1, None]).cast(kind))
    stored = StoredTable(sorted(tmp_path.iterdir()))
    assert stored[:3].tolist() == [[1], [0], [1]]
    with pytest.raises(DataError, match=r"b\.parquet: column 'u' .* missing"):
        stored.read(1, 4)
    assert stored[:3].tolist() == [[1], [0], [1]]


@pytest.mark.parametrize("limit", [0, "1GB"])
def test_files_without_rows_are_no_harm_but_all_empty_are(tmp_path, limit):
    nothing = pa.array([], pa.float64())
    saved(tmp_path / "a.parquet", u=nothing)
    saved(tmp_path / "b.parquet", u=[1.0, 2.0])
    saved(tmp_path / "c.parquet", u=nothing)
    assert np.asarray(read(tmp_path, memory_limit=limit).X).tolist() == [[1], [2]]
    saved(tmp_path / "b.parquet", u=nothing)
    with pytest.raises(DataError, match="1 columns and 0 rows"):
        read(tmp_path, memory_limit=limit)


def test_units_are_row_groups(tmp_path):
    X = np.zeros((10, 2))
    files = [saved_groups(tmp_path / f"{n}.parquet", X, n) for n in (4, 7)]
    assert StoredTable(files).starts.tolist() == [0, 4, 8, 10, 17]


@pytest.fixture
def opened(monkeypatch):
    """Count what is decoded, and how often a file is opened or a row group begun."""
    counts = {"rows": 0, "files": 0, "begun": 0}
    plain = cursor.open_parquet

    class Counting:
        def __init__(self, path):
            self.file = plain(path)
            counts["files"] += 1

        def iter_batches(self, *words, **options):
            counts["begun"] += 1
            for batch in self.file.iter_batches(*words, **options):
                counts["rows"] += batch.num_rows
                yield batch

        def close(self):
            self.file.close()

    monkeypatch.setattr(cursor, "open_parquet", Counting)
    return counts


def test_reading_on_decodes_each_row_once(tmp_path, opened):
    X = np.random.default_rng(0).random((1000, 2))
    files = [saved_groups(tmp_path / f"{n}.parquet", X, 300) for n in (1, 2, 3)]
    stored = StoredTable(files)
    for start in range(0, 3000, 70):
        stored.read(start, min(start + 50, 3000))
    assert opened == {"rows": 3000, "files": 3, "begun": 3}


def test_rows_elsewhere_cost_their_row_group_only(tmp_path, opened):
    X = np.random.default_rng(0).random((1000, 2))
    stored = StoredTable([saved_groups(tmp_path / "1.parquet", X, 100)])
    stored._cursor._batch_rows = 100
    for start in (950, 30, 510):
        np.testing.assert_array_equal(stored.read(start, start + 5), X[start : start + 5])
    assert opened == {"rows": 300, "files": 1, "begun": 3}


def test_a_damaged_page_is_named_and_what_is_whole_can_still_be_read(tmp_path):
    X = np.random.default_rng(0).random((4000, 3))
    files = [saved_groups(tmp_path / f"{n}.parquet", X, 1000) for n in (1, 2)]
    raw = bytearray(files[1].read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 60] = bytes(60)
    files[1].write_bytes(raw)
    stored = StoredTable(files)
    stored._cursor._batch_rows = 500
    np.testing.assert_array_equal(stored.read(3000, 5000), np.tile(X, (2, 1))[3000:5000])
    with pytest.raises(FileError, match=r"2\.parquet .*damaged"):
        stored.read(0, 8000)
    np.testing.assert_array_equal(stored.read(3000, 5000), np.tile(X, (2, 1))[3000:5000])


@pytest.mark.parametrize("limit", [0, "1GB"])
@pytest.mark.parametrize("kept", [0, 3, -10])
def test_a_truncated_file_among_others_is_named(tmp_path, limit, kept):
    files = [saved_groups(tmp_path / f"{n}.parquet", np.eye(50), 10) for n in (1, 2)]
    files[1].write_bytes(files[1].read_bytes()[:kept])
    with pytest.raises(FileError, match=r"2\.parquet .*truncated or damaged"):
        read(tmp_path, memory_limit=limit)


def test_a_file_that_changes_meanwhile_is_named(tmp_path):
    path = saved_groups(tmp_path / "1.parquet", np.eye(50), 10)
    stored = StoredTable([path])
    saved_groups(path, np.eye(50)[:45], 10)
    with pytest.raises(FileError, match=r"1\.parquet has changed"):
        stored.read(0, 50)
    path.unlink()
    with pytest.raises(FileError, match=r"1\.parquet"):
        stored.read(0, 5)


def test_the_fingerprint_knows_files_columns_and_bytes(tmp_path):
    X = np.random.default_rng(0).random((3000, 3))
    first, second = (saved_groups(tmp_path / f"{n}.parquet", X, 1000) for n in (1, 2))
    prints = [
        StoredTable([first]).fingerprint(),
        StoredTable([first, second]).fingerprint(),
        StoredTable([first], Choice(columns=("x0", "x1"))).fingerprint(),
        StoredTable([first], Choice(columns=("x1", "x0"))).fingerprint(),
    ]
    X[2999, 2] = 0
    prints.append(StoredTable([saved_groups(first, X, 1000)]).fingerprint())
    assert len(set(prints)) == len(prints)
    moved = second.rename(tmp_path / "3.parquet")
    assert StoredTable([moved]).fingerprint() == prints[0]
    raw = bytearray(moved.read_bytes())
    raw[len(raw) // 3] ^= 1
    moved.write_bytes(raw)
    assert StoredTable([moved]).fingerprint() != prints[0]
