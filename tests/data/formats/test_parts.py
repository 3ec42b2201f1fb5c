"""Folders and patterns stand for their Parquet files, in order, and for nothing else."""

from pathlib import Path

import numpy as np
import pytest

from espelho.data.files import read
from espelho.data.writing import write
from espelho.errors import DataError, FileError


@pytest.fixture
def folder(tmp_path):
    """Make a folder of three tables and of what other programs leave beside them."""
    parts = tmp_path / "parts"
    parts.mkdir()
    for name, value in (("b-2", 2), ("a-1", 1), ("b-10", 3)):
        write(parts / f"{name}.parquet", np.full((2, 1), value))
    (parts / "_SUCCESS").write_bytes(b"")
    for hidden in ("_metadata.parquet", ".old.parquet"):
        (parts / hidden).write_bytes(b"no table")
    return parts


def message_of(source, **options):
    with pytest.raises(FileError) as caught:
        read(source, **options)
    return str(caught.value)


@pytest.mark.parametrize("limit", [0, "1GB"])
@pytest.mark.parametrize(
    ("pattern", "values", "name"),
    [
        ("", [1, 3, 2], "parts"),
        ("*.parquet", [1, 3, 2], "parts"),
        ("b-*", [3, 2], "b"),
        ("b-[0-9].parquet", [2], "b"),
        ("?-1.parquet", [1], "1"),
        ("../**/a*.parquet", [1], "a"),
    ],
)
def test_files_make_one_table_in_the_order_of_their_names(folder, limit, pattern, values, name):
    found = read(folder / pattern if pattern else folder, memory_limit=limit)
    assert np.asarray(found.X)[::2, 0].tolist() == values
    assert found.name == name
    again = read(found.source, memory_limit=limit)
    np.testing.assert_array_equal(np.asarray(again.X), np.asarray(found.X))


def test_the_name_of_the_folder_that_one_is_in_is_found(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert read(".").name == read("*.parquet").name == "parts"
    assert Path(read("*.parquet").source).is_absolute()


def test_a_file_that_is_called_like_a_pattern_is_a_file(folder):
    path = write(folder / "b-*.parquet", np.full((1, 1), 9))
    assert read(path).X.tolist() == [[9]]
    assert read(path).name == "b-*"


def test_a_pattern_that_matches_nothing_says_so(folder):
    for pattern in ("c-*.parquet", "nowhere/*.parquet", "_*.parquet"):
        assert "matches no file" in message_of(folder / pattern)


def test_a_pattern_is_for_tables_only(folder):
    np.save(folder / "b-3.npy", np.eye(2))
    message = message_of(folder / "b-*")
    assert "3 files" in message
    assert "b-3.npy" in message
    assert "is no pattern either" in message_of(folder / "b**" / "x")


def test_a_folder_of_folders_is_answered_with_the_pattern_that_reads_it(folder):
    deeper = folder.parent / "all"
    deeper.mkdir()
    folder.rename(deeper / "day=1")
    message = message_of(deeper)
    pattern = message.split("'")[1]
    assert "a-1.parquet" in message
    assert read(pattern).X.tolist() == [[1], [1], [3], [3], [2], [2]]


def test_a_folder_without_tables_says_so(tmp_path):
    np.save(tmp_path / "X.npy", np.eye(2))
    assert "folder without .parquet files" in message_of(tmp_path)


def test_labels_of_all_files_are_taken(folder):
    with pytest.raises(DataError, match="no column is left"):
        read(folder, target="x0")
    np.save(folder.parent / "y.npy", np.arange(6))
    found = read(folder, labels=folder.parent / "y.npy", memory_limit=0)
    assert found.take([1, 4]).y.tolist() == [1, 4]
