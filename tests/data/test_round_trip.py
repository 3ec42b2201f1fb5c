"""What is written is what is read, for every format, shape and dtype."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from espelho.data.files import read
from espelho.data.writing import write

NUMBERS = st.one_of(
    hnp.integer_dtypes(endianness="="),
    hnp.unsigned_integer_dtypes(endianness="="),
    hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64)),
)
IDX_CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}
SETTINGS = settings(max_examples=30, deadline=None)


def arrays(max_dims, dtypes=NUMBERS):
    return dtypes.flatmap(
        lambda dtype: hnp.arrays(
            dtype, hnp.array_shapes(min_dims=2, max_dims=max_dims, max_side=4)
        )
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("round_trip")


@SETTINGS
@given(X=arrays(4))
def test_npy_keeps_everything(folder, X):
    found = read(write(folder / "X.npy", X)).X

    assert found.dtype == X.dtype
    np.testing.assert_array_equal(found, X)


@SETTINGS
@given(X=arrays(4), labels=st.sampled_from(["i8", "f4", "U3"]))
def test_npz_keeps_everything(folder, X, labels):
    y = np.arange(len(X)).astype(labels)
    np.savez(folder / "X.npz", X=X, y=y)

    found = read(folder / "X.npz", target="y")

    assert (found.X.dtype, found.y.dtype, found.target_name) == (X.dtype, y.dtype, "y")
    np.testing.assert_array_equal(found.X, X)
    np.testing.assert_array_equal(found.y, y)


@SETTINGS
@given(X=arrays(3))
def test_parquet_keeps_values_and_dtype(folder, X):
    found = read(write(folder / "X.parquet", X)).X

    assert found.dtype == X.dtype
    np.testing.assert_array_equal(found, X.reshape(len(X), -1))


@SETTINGS
@given(X=arrays(3, hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64))))
def test_csv_keeps_every_float(folder, X):
    found = read(write(folder / "X.csv", X)).X

    assert found.dtype == np.float64
    np.testing.assert_array_equal(found.astype(X.dtype), X.reshape(len(X), -1))


@SETTINGS
@given(
    X=hnp.arrays(
        np.int64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=4),
        elements=st.integers(-(2**53), 2**53),
    )
)
def test_csv_keeps_every_integer_that_a_float_can_hold(folder, X):
    np.testing.assert_array_equal(read(write(folder / "X.csv", X)).X, X)


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".parquet"])
def test_booleans_come_back_as_0_and_1(folder, suffix):
    X = np.array([[True, False], [False, False]])
    found = read(write(folder / f"X{suffix}", X)).X
    assert found.dtype == (np.float64 if suffix == ".csv" else np.uint8)
    np.testing.assert_array_equal(found, X)


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".parquet"])
def test_numbers_of_another_byte_order_come_back_in_the_native_one(folder, suffix):
    X = np.array([[1.5, -2.0]], dtype=np.dtype(np.float64).newbyteorder("S"))
    found = read(write(folder / f"X{suffix}", X)).X
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, X)


@SETTINGS
@given(
    X=arrays(4, st.sampled_from(list(IDX_CODES)).map(np.dtype)),
    name=st.sampled_from(["X.idx", "X-ubyte", "X-ubyte.gz", "X.bin"]),
)
def test_idx_keeps_values_shape_and_dtype(folder, X, name):
    code = IDX_CODES[X.dtype.str if X.dtype.itemsize > 1 else X.dtype.str[1:]]
    raw = struct.pack(f">4B{X.ndim}I", 0, 0, code, X.ndim, *X.shape) + X.tobytes()
    (folder / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)

    found = read(folder / name).X

    assert found.dtype == X.dtype.newbyteorder("=")
    assert found.dtype.isnative
    assert found.flags.writeable
    np.testing.assert_array_equal(found, X)
