"""The memory limit: what it may be, and what it decides."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from espelho.data.checks import check_finite
from espelho.data.files import read
from espelho.data.stored.base import Stored
from espelho.data.stored.limit import n_bytes
from espelho.errors import DataError, SettingError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1GB", 10**9), ("500MB", 5 * 10**8), ("1.5GiB", 3 * 2**29), ("2 kb", 2000), ("7", 7),
        ("0B", 0), (" 1TiB ", 2**40), (12, 12), (np.int64(3), 3), ("0.5KB", 500),
    ],
)  # fmt: skip
def test_a_size_is_understood(text, expected):
    assert n_bytes(text) == expected


@given(st.integers(0, 10**15))
def test_a_number_is_a_number_of_bytes(size):
    assert n_bytes(size) == n_bytes(f"{size}B") == size


@pytest.mark.parametrize("limit", ["", "GB", "-1GB", "1 XB", "1e9", -1, 1.5, True, None, "1G B"])
def test_another_limit_is_refused(limit):
    with pytest.raises(SettingError, match=r"memory_limit must be .*'500MB'.* got"):
        read("iris", memory_limit=limit)


@pytest.mark.parametrize("suffix", ["npy", "parquet"])
def test_only_what_is_larger_stays_on_disk(tmp_path, suffix):
    X = np.random.default_rng(0).random((20, 3))
    path = tmp_path / f"X.{suffix}"
    if suffix == "npy":
        np.save(path, X)
    else:
        parquet.write_table(pa.table({str(j): X[:, j] for j in range(3)}), path)
    assert isinstance(read(path, memory_limit=X.nbytes).X, np.ndarray)
    stored = read(path, memory_limit=X.nbytes - 1)
    assert isinstance(stored.X, Stored)
    part = read(path, memory_limit=X.nbytes - 1, columns=["0", "2"])
    assert isinstance(part.X, np.ndarray)
    np.testing.assert_array_equal(part.X, X[:, [0, 2]])
    assert part.feature_names == ("0", "2")
    view = stored.take(np.arange(5))
    assert isinstance(view.X, Stored)
    assert view.fingerprint() == view.X.fingerprint() != stored.fingerprint()
    assert isinstance(stored.take(slice(0, 5)).X, np.ndarray)


@pytest.mark.parametrize("suffix", ["npy", "parquet"])
def test_faults_on_disk_are_named_as_in_memory(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("espelho.data.checks._BLOCK", 16)
    X = np.random.default_rng(0).random((50, 3))
    X[[3, 20, 21, 40], 1] = np.nan
    X[44, 2] = np.inf
    path = tmp_path / f"X.{suffix}"
    if suffix == "npy":
        np.save(path, X)
    else:
        parquet.write_table(pa.table({f"x{j}": X[:, j] for j in range(3)}), path, row_group_size=7)
    stored = read(path, memory_limit=0)
    with pytest.raises(DataError) as expected:
        check_finite(X, stored.feature_names)
    with pytest.raises(DataError) as found:
        check_finite(stored.X, stored.feature_names)
    assert str(found.value) == str(expected.value)
    with pytest.raises(DataError, match=r"in rows 40, 44 \(counted"):
        check_finite(stored.X[np.arange(30, 50)][np.arange(1, 20)])
