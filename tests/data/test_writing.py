"""Files are written whole or not at all."""

import os
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv, parquet

from espelho.data.files import read
from espelho.data.writing import WRITABLE_SUFFIXES, atomic_file, encoders, write, writer
from espelho.errors import DataError, FileError, ShapeError

WITH_TABLES = tuple(s for s in WRITABLE_SUFFIXES if s not in (".zip", ".png"))


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def refuse(*_arguments, **_options):
    raise OSError(28, "No space left on device")


def interrupt(*_arguments, **_options):
    raise KeyboardInterrupt


@pytest.mark.parametrize("suffix", WITH_TABLES)
def test_write_returns_the_path_of_a_file_that_replaces_the_old_one(tmp_path, suffix):
    path = tmp_path / f"codes{suffix.upper()}"
    path.write_bytes(b"old")

    assert write(str(path), np.eye(2)) == path
    np.testing.assert_array_equal(read(path).X, np.eye(2))
    assert names_in(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_keep_the_names_of_their_columns(tmp_path, suffix):
    path = write(tmp_path / f"codes{suffix}", np.eye(2), names=['a "b"', "c,d\ne"])
    assert read(path).feature_names == ('a "b"', "c,d\ne")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_columns_without_names_are_numbered(tmp_path, suffix):
    path = write(tmp_path / f"images{suffix}", np.arange(12).reshape(3, 2, 2))
    assert read(path).feature_names == ("x0", "x1", "x2", "x3")
    np.testing.assert_array_equal(read(path).X, np.arange(12).reshape(3, 4))


def test_names_that_are_numbers_do_not_turn_a_header_into_data(tmp_path):
    path = write(tmp_path / "codes.csv", np.ones((1, 2)), names=["0", "1e3"])
    assert path.read_text() == "x0,x1e3\n1,1\n"


@pytest.mark.parametrize("suffix", WITH_TABLES)
def test_a_vector_is_one_column(tmp_path, suffix):
    path = write(tmp_path / f"scores{suffix}", np.arange(3.0))
    np.testing.assert_array_equal(read(path).X, [[0], [1], [2]])


@pytest.mark.parametrize("suffix", [".txt", "", ".csv.gz", ".npz"])
def test_an_unknown_suffix_is_answered_with_the_known_ones(tmp_path, suffix):
    with pytest.raises(FileError, match=r"codes.* one of \.npy, \.csv, \.parquet"):
        write(tmp_path / f"codes{suffix}", np.eye(2))
    assert not names_in(tmp_path)


@pytest.mark.parametrize("suffix", WITH_TABLES)
def test_a_missing_folder_is_named_and_not_made(tmp_path, suffix):
    with pytest.raises(FileError, match=r"nowhere.* does not exist"):
        write(tmp_path / "nowhere" / f"codes{suffix}", np.eye(2))
    assert not names_in(tmp_path)


def test_a_folder_cannot_be_written_over(tmp_path):
    (tmp_path / "codes.npy").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        write(tmp_path / "codes.npy", np.eye(2))
    assert names_in(tmp_path) == ["codes.npy"]


@pytest.mark.parametrize("values", [np.array(["a"]), np.array([{}]), np.array([1j])])
@pytest.mark.parametrize("suffix", WITH_TABLES)
def test_only_numbers_are_written(tmp_path, suffix, values):
    with pytest.raises(DataError, match=f"Only numbers.*{values.dtype}"):
        write(tmp_path / f"codes{suffix}", values)


def test_a_single_number_has_no_rows(tmp_path):
    with pytest.raises(ShapeError, match="single number"):
        write(tmp_path / "codes.npy", np.array(1.0))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_needs_a_column(tmp_path, suffix):
    with pytest.raises(DataError, match=r"at least one column.*\(2, 0\)"):
        write(tmp_path / f"codes{suffix}", np.zeros((2, 0)))


def test_too_few_names_are_counted(tmp_path):
    with pytest.raises(ShapeError, match="got 1 for 2"):
        write(tmp_path / "codes.csv", np.eye(2), names=["a"])


def test_a_name_that_comes_twice_is_named(tmp_path):
    with pytest.raises(DataError, match="'x1' comes twice"):
        write(tmp_path / "codes.csv", np.eye(2), names=["1", "x1"])


@pytest.mark.parametrize(
    ("suffix", "module", "function"),
    [
        (".npy", np.lib.format, "write_array_header_1_0"),
        (".csv", csv, "write_csv"),
        (".parquet", parquet.ParquetWriter, "write_table"),
        (".npy", os, "fsync"),
        (".npy", Path, "replace"),
        (".npy", Path, "open"),
    ],
)
@pytest.mark.parametrize("failure", [refuse, interrupt])
def test_a_failing_write_leaves_what_was_there(
    tmp_path, monkeypatch, suffix, module, function, failure
):
    path = tmp_path / f"codes{suffix}"
    path.write_bytes(b"old")
    monkeypatch.setattr(module, function, failure)

    if failure is refuse:
        with pytest.raises(FileError, match=r"codes.* nothing was changed: No space left"):
            write(path, np.eye(2))
    else:
        with pytest.raises(KeyboardInterrupt):
            write(path, np.eye(2))

    monkeypatch.undo()
    assert names_in(tmp_path) == [path.name]
    assert path.read_bytes() == b"old"


def test_an_error_of_ours_inside_the_block_passes_unchanged(tmp_path):
    error = FileError("something else")

    def fail():
        with atomic_file(tmp_path / "note") as file:
            file.write(b"half")
            raise error

    with pytest.raises(FileError) as caught:
        fail()
    assert caught.value is error
    assert not names_in(tmp_path)


def test_the_file_is_not_there_until_it_is_whole(tmp_path):
    path = tmp_path / "note"
    with atomic_file(path) as file:
        file.write(b"whole")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"whole"


def test_a_link_stays_a_link_to_what_was_written(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system allows no symbolic links")
    with atomic_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_system_that_cannot_flush_folders_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "open", refuse)
    with atomic_file(tmp_path / "note") as file:
        file.write(b"whole")
    assert (tmp_path / "note").read_bytes() == b"whole"


# Rows as they come


def write_in_parts(path, X, cuts, **options):
    with writer(path, n_rows=len(X), **options) as file:
        for part in np.split(X, sorted(cuts)):
            file.append(part)
    return path


@settings(max_examples=30, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 50), max_size=5),
    dtype=st.sampled_from(["f2", "f4", "f8", "i8", "u1", ">f8", "?"]),
    shape=st.sampled_from([(50,), (50, 3), (50, 2, 2)]),
)
@pytest.mark.parametrize("suffix", WITH_TABLES)
def test_one_block_and_many_make_the_same_file(tmp_path_factory, suffix, cuts, dtype, shape):
    folder = tmp_path_factory.mktemp("parts")
    X = (np.random.default_rng(0).normal(50, 20, shape)).astype(dtype)
    whole = write(folder / f"whole{suffix}", X)
    parts = write_in_parts(folder / f"parts{suffix}", X, cuts)
    if suffix == ".parquet":
        assert parquet.read_table(whole).equals(parquet.read_table(parts))
    else:
        assert whole.read_bytes() == parts.read_bytes()


def test_an_array_is_written_as_numpy_writes_it(tmp_path):
    X = np.random.default_rng(0).random((7, 3))
    np.save(tmp_path / "theirs.npy", X)
    ours = write_in_parts(tmp_path / "ours.npy", np.asfortranarray(X), [2, 3])
    assert ours.read_bytes() == (tmp_path / "theirs.npy").read_bytes()


@pytest.mark.parametrize("cuts", [[], [1, 6, 40], [10, 20, 30], range(50)])
def test_row_groups_are_of_one_size_however_rows_come(tmp_path, monkeypatch, cuts):
    monkeypatch.setattr(encoders, "_GROUP_BYTES", 20 * 3 * 8)
    path = write_in_parts(tmp_path / "X.parquet", np.ones((50, 3)), cuts)
    metadata = parquet.ParquetFile(path).metadata
    assert [metadata.row_group(i).num_rows for i in range(3)] == [20, 20, 10]


def test_types_of_columns_hold_for_every_block(tmp_path):
    X = np.array([[1.6, 0.2], [300.0, 0.8]])
    dtypes = [np.dtype("uint8"), np.dtype("bool")]
    path = write_in_parts(tmp_path / "X.parquet", X, [1], dtypes=dtypes)
    assert parquet.read_table(path).to_pydict() == {"x0": [2, 255], "x1": [False, True]}


@pytest.mark.parametrize("suffix", WITH_TABLES)
@pytest.mark.parametrize(("announced", "came"), [(5, 4), (3, 4), (0, 4)])
def test_another_number_of_rows_than_announced_is_refused(tmp_path, suffix, announced, came):
    with (
        pytest.raises(ShapeError, match=f"{announced} rows were announced, but {came} came"),
        writer(tmp_path / f"X{suffix}", n_rows=announced) as file,
    ):
        file.append(np.eye(4))
    assert not names_in(tmp_path)


@pytest.mark.parametrize(
    ("second", "error"), [(np.ones((2, 4)), ShapeError), (np.ones((2, 3), "f4"), DataError)]
)
def test_rows_that_differ_from_the_first_are_refused(tmp_path, second, error):
    def write_both():
        with writer(tmp_path / "X.npy", n_rows=4) as file:
            file.append(np.ones((2, 3)))
            file.append(second)

    with pytest.raises(error, match="Rows must"):
        write_both()
    assert not names_in(tmp_path)


class FullDisk(FileIO):
    """A file on a disk with room for so many bytes and no more."""

    room = 0

    def write(self, data):
        if self.tell() + len(data) > self.room:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("suffix", WITH_TABLES)
@pytest.mark.parametrize("room", [0, 100, 9_000])
def test_a_disk_that_fills_up_meanwhile_keeps_what_was_there(tmp_path, monkeypatch, suffix, room):
    path = tmp_path / f"codes{suffix}"
    path.write_bytes(b"old")
    monkeypatch.setattr(FullDisk, "room", room)
    monkeypatch.setattr(encoders, "_GROUP_ROWS", 100)
    monkeypatch.setattr(Path, "open", lambda self, mode: FullDisk(self, mode))
    X = np.random.default_rng(0).random((1000, 3))
    with pytest.raises(FileError, match="nothing was changed: No space left") as caught:
        write_in_parts(path, X, [300, 600])
    assert caught.value.__cause__.errno == 28
    monkeypatch.undo()
    assert names_in(tmp_path) == [path.name]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("suffix", WITH_TABLES)
def test_an_interruption_between_two_blocks_leaves_nothing(tmp_path, suffix):
    def interrupted():
        with writer(tmp_path / f"X{suffix}", n_rows=4) as file:
            file.append(np.eye(2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not names_in(tmp_path)
