"""What is read from disk is what the array in memory holds, however it is read."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from espelho.data.checks import check_finite
from espelho.data.fingerprint import fingerprint
from espelho.data.formats.content import Choice
from espelho.data.scaling import Scaling, blocks
from espelho.data.stored import base
from espelho.data.stored.array import StoredArray
from espelho.data.stored.rows import StoredRows
from espelho.data.stored.table import StoredTable
from espelho.errors import DataError, SettingError

N, D = 700, 5
X = np.random.default_rng(0).normal(3, 2, (N, D)).astype(np.float32)
X[:, 2] = 7
NAMES = [f"x{j}" for j in range(D)]


def save_table(folder, X, sizes, groups, names=NAMES):
    """Write rows to as many files as there are sizes, in row groups of several sizes."""
    start, files = 0, []
    for number, (size, group) in enumerate(zip(sizes, groups, strict=True)):
        part = X[start : start + size]
        start += size
        table = pa.table({name: part[:, j] for j, name in enumerate(names)})
        # The order of columns is the file's own.
        table = table.select(names[number % len(names) :] + names[: number % len(names)])
        files.append(folder / f"part-{number:03d}.parquet")
        with parquet.ParquetWriter(files[-1], table.schema) as writer:
            for at in range(0, size, group):
                writer.write_table(table.slice(at, group))
            writer.write_table(table.slice(0, 0))
    return files


@pytest.fixture(scope="module", params=["array", "fortran", "big", "one file", "files", "view"])
def stored(request, tmp_path_factory):
    """Make samples on disk of the same numbers, stored in some way."""
    folder = tmp_path_factory.mktemp("stored")
    ways = {"fortran": np.asfortranarray(X), "big": X.astype(">f4")}
    if request.param in ("array", "view", *ways):
        rows = np.insert(X, np.arange(0, N, 3), 0, axis=0)
        np.save(folder / "X.npy", rows if request.param == "view" else ways.get(request.param, X))
        array = StoredArray(folder / "X.npy")
        return array if request.param != "view" else array[(rows != 0).any(axis=1)]
    if request.param == "one file":
        return StoredTable(save_table(folder, X, (N,), (N,)))
    return StoredTable(save_table(folder, X, (90, 0, 1, 400, 209), (40, 9, 1, 400, 7)))


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch, stored):
    """Let few rows be many bytes, so that there are many pieces."""
    monkeypatch.setattr(base, "_SPAN_BYTES", 37 * 4 * D)
    if isinstance(stored, StoredTable):
        monkeypatch.setattr(stored._cursor, "_batch_rows", 16)


def test_it_has_the_attributes_of_the_array(stored):
    assert (stored.shape, stored.ndim, len(stored), stored.size) == (X.shape, 2, N, X.size)
    assert (stored.dtype, stored.nbytes) == (X.dtype, X.nbytes)
    assert stored.dtype.isnative


def test_units_begin_at_sorted_rows(stored):
    assert stored.starts.dtype == np.int64
    assert stored.starts[0] == 0
    assert (np.diff(stored.starts) > 0).all()
    assert stored.starts[-1] < N


@settings(max_examples=60, deadline=None)
@given(places=st.lists(st.tuples(st.integers(0, N), st.integers(0, 60)), min_size=1, max_size=12))
def test_any_sequence_of_reads_equals_slices(stored, places):
    for start, length in places:
        stop = min(N, start + length)
        found = stored.read(start, stop)
        np.testing.assert_array_equal(found, X[start:stop])
        assert found.dtype == X.dtype
        assert found.flags.c_contiguous
        assert found.flags.owndata or found.base.flags.owndata
        assert found.flags.writeable


@pytest.mark.parametrize("step", [1, 16, 33, N])
def test_reading_on_gives_all_rows(stored, step):
    parts = [stored[start : start + step] for start in range(0, N, step)]
    np.testing.assert_array_equal(np.concatenate(parts), X)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_views_of_views_are_choices_of_choices(stored, data):
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, N - 1), min_size=1))))
    more = np.array(sorted(data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1))))
    view = stored[rows][more]
    expected = X[rows][more]
    assert isinstance(view, StoredRows)
    assert not isinstance(view.base, StoredRows)
    np.testing.assert_array_equal(np.asarray(view), expected)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(more))] * 2)))
    np.testing.assert_array_equal(view[start:stop], expected[start:stop])
    np.testing.assert_array_equal(np.asarray(view.flat()), expected)
    assert view.starts[0] == 0
    assert (np.diff(view.starts) > 0).all()


def test_a_view_has_the_units_of_its_rows(stored):
    rows = np.arange(1, N, 2)
    view = stored[rows]
    numbers = np.searchsorted(stored.starts, np.arange(N), side="right")[rows]
    np.testing.assert_array_equal(view.starts, np.flatnonzero(np.diff(numbers, prepend=-1)))


def test_a_mask_chooses_rows_and_nothing_chooses_none(stored):
    mask = X[:, 0] > 3
    np.testing.assert_array_equal(np.asarray(stored[mask]), X[mask])
    assert stored[[]].shape == (0, D)
    assert np.asarray(stored[[]]).shape == (0, D)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([3, 2], "does not grow"), ([2, 2], "does not grow"), ([-1, 2], "does not grow"),
        ([0, N], f"no row {N}"), ([0.5], "float64"), ([[1, 2]], "shape"), (3, "shape"),
        (slice(0, 9, 2), "steps of 2"), (slice(None, None, -1), "steps of -1"),
        (np.ones(3, bool), "bool"),
    ],
)  # fmt: skip
def test_other_choices_of_rows_are_refused(stored, rows, said):
    with pytest.raises(SettingError, match=said):
        stored[rows]


def test_rows_that_are_not_there_are_refused(stored):
    for start, stop in ((-1, 2), (0, N + 1), (3, 2)):
        with pytest.raises(SettingError, match=f"there are {N} rows"):
            stored.read(start, stop)


def test_it_becomes_an_array_as_numpy_2_wants(stored):
    np.testing.assert_array_equal(np.asarray(stored), X)
    assert np.asarray(stored, dtype=np.float64).dtype == np.float64
    assert np.array(stored, copy=True).flags.writeable
    with pytest.raises(ValueError, match="without being copied"):
        np.array(stored, copy=False)


def test_threads_that_read_together_do_not_mix_their_rows(stored):
    def read(start):
        return [stored.read(at, min(at + 11, N)) for at in range(start, N, 11)]

    with ThreadPoolExecutor(4) as pool:
        for start, parts in zip(range(4), pool.map(read, range(4)), strict=True):
            np.testing.assert_array_equal(np.concatenate(parts), X[start:])


@pytest.mark.parametrize("kind", ["none", "standard", "minmax"])
def test_scaling_is_that_of_the_array(stored, kind, monkeypatch):
    whole = Scaling.fit(X, kind)
    monkeypatch.setattr("espelho.data.scaling.blocks", lambda values: blocks(values, 200))
    parts = Scaling.fit(stored, kind)
    np.testing.assert_allclose(parts.shift, whole.shift, rtol=1e-14)
    np.testing.assert_allclose(parts.scale, whole.scale, rtol=1e-13)
    assert parts.scale[2] == 1


@pytest.mark.parametrize("kind", ["standard", "minmax"])
def test_scaling_goes_through_the_data_once(stored, kind, monkeypatch):
    read, plain = [], type(stored)._read

    def counted(self, start, stop):
        read.append((start, stop))
        return plain(self, start, stop)

    monkeypatch.setattr(type(stored), "_read", counted)
    Scaling.fit(stored, kind)
    assert read == [(0, N)]


def test_the_unit_interval_is_checked(stored):
    Scaling.fit(stored, "minmax").check_unit_interval(stored)
    with pytest.raises(DataError, match=r"\[0, 1\]"):
        Scaling.fit(stored, "none").check_unit_interval(stored)


def test_finite_data_passes(stored):
    check_finite(stored)


def test_the_fingerprint_says_what_is_read(stored):
    assert stored.fingerprint() == fingerprint(stored)
    assert len(stored.fingerprint()) == 64
    assert stored[np.arange(N - 1)].fingerprint() != stored[np.arange(1, N)].fingerprint()
    assert stored[np.arange(N - 1)].fingerprint() != stored.fingerprint()
    if isinstance(stored, StoredArray):
        assert stored.fingerprint() == fingerprint(X)


def test_columns_are_chosen_by_name(tmp_path):
    names = tuple(map(str, range(D)))
    np.save(tmp_path / "X.npy", X)
    files = save_table(tmp_path, X, (300, 400), (90, 100), list(names))
    choice = Choice(columns=("3", "1", "4"), drop=("1",), target="0")
    for found in (StoredArray(tmp_path / "X.npy", choice), StoredTable(files, choice)):
        np.testing.assert_array_equal(np.asarray(found), X[:, [3, 4]])
        np.testing.assert_array_equal(np.asarray(found[[5, 7]]), X[[5, 7]][:, [3, 4]])
        np.testing.assert_array_equal(found.labels, X[:, 0])
        assert found.names == ("3", "4")
