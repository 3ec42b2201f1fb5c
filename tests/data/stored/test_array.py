"""Samples in .npy files come as they come from small files, and damaged files are named."""

import numpy as np
import pytest

from espelho.data.files import read
from espelho.data.fingerprint import fingerprint
from espelho.data.stored.array import StoredArray
from espelho.errors import DataError, FileError, ShapeError

ANY = np.random.default_rng(0)


@pytest.mark.parametrize(
    "X",
    [
        np.arange(5.0),
        np.arange(12, dtype=">i4").reshape(3, 4),
        ANY.random((6, 3)) > 0.5,
        ANY.integers(0, 255, (4, 3, 2), dtype=np.uint8),
        np.asfortranarray(ANY.random((4, 3, 2))),
        np.asfortranarray(ANY.random((7, 3)).astype(">f4")),
    ],
)
def test_it_is_what_is_read_into_memory(tmp_path, X):
    np.save(tmp_path / "X.npy", X)
    whole = read(tmp_path / "X.npy").X
    stored = read(tmp_path / "X.npy", memory_limit=0).X
    assert isinstance(stored, StoredArray)
    assert (stored.shape, stored.dtype) == (whole.shape, whole.dtype)
    np.testing.assert_array_equal(np.asarray(stored), whole)
    np.testing.assert_array_equal(np.asarray(stored[[0, 2]]), whole[[0, 2]])
    flat = whole.reshape(len(whole), -1)
    np.testing.assert_array_equal(stored.flat()[1:], flat[1:])
    np.testing.assert_array_equal(np.asarray(stored[[0, 2]].flat()), flat[[0, 2]])
    assert stored.fingerprint() == fingerprint(whole)
    assert stored.flat().fingerprint() == fingerprint(flat)


def test_large_arrays_have_the_fingerprint_of_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("espelho.data.fingerprint._WHOLE_UP_TO", 1000)
    monkeypatch.setattr("espelho.data.fingerprint._BLOCK", 100)
    X = ANY.random((900, 3))
    np.save(tmp_path / "X.npy", X)
    assert StoredArray(tmp_path / "X.npy").fingerprint() == fingerprint(X)


def test_units_are_of_about_four_mebibytes(tmp_path):
    X = np.zeros((3, 2**19))
    np.save(tmp_path / "X.npy", X)
    assert StoredArray(tmp_path / "X.npy").starts.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("X", "error", "said"),
    [
        (np.array([{}, None]), FileError, "pickled Python objects"),
        (np.array(3.0), ShapeError, "single number"),
        (np.array(["a"]), DataError, "must be numbers"),
        (np.zeros((0, 3)), DataError, "0 rows"),
    ],
)
def test_what_holds_no_samples_is_refused(tmp_path, X, error, said):
    np.save(tmp_path / "X.npy", X, allow_pickle=True)
    with pytest.raises(error, match=rf"X\.npy.*{said}"):
        StoredArray(tmp_path / "X.npy")


@pytest.mark.parametrize("kept", [0, 4, 9, 60, 140, -1])
def test_a_truncated_file_is_named(tmp_path, kept):
    np.save(tmp_path / "X.npy", np.eye(20))
    whole = (tmp_path / "X.npy").read_bytes()
    (tmp_path / "X.npy").write_bytes(whole[:kept])
    with pytest.raises(FileError, match=r"X\.npy"):
        read(tmp_path / "X.npy", memory_limit=0)
