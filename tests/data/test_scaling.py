"""Scaling: there and back, by column, by channel, by the range of the type."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from espelho.data import scaling as module
from espelho.data.scaling import Scaling, blocks
from espelho.errors import DataError

KINDS = ("none", "standard", "minmax")
X = np.random.default_rng(0).normal(3, [1, 10, 100, 1e-3], size=(50, 4))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_back_undoes_there(kind, values):
    scaling = Scaling.fit(values, kind)
    back = scaling.inverse(scaling.forward(values))
    np.testing.assert_allclose(back, values, rtol=1e-9, atol=1e-6)


def test_standard_is_scikit_learns():
    scaled = Scaling.fit(X, "standard").forward(X)
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(X), atol=1e-12)


def test_minmax_is_scikit_learns():
    scaled = Scaling.fit(X, "minmax").forward(X)
    np.testing.assert_allclose(scaled, MinMaxScaler().fit_transform(X), atol=1e-12)


def test_weights_are_repetitions():
    weight = np.random.default_rng(1).integers(0, 4, 50)
    weighted = Scaling.fit(X, "standard", sample_weight=weight)
    repeated = Scaling.fit(np.repeat(X, weight, axis=0), "standard")
    np.testing.assert_allclose(weighted.shift, repeated.shift)
    np.testing.assert_allclose(weighted.scale, repeated.scale)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_range_is_that_of_the_type(dtype):
    values = np.array([[0, np.iinfo(dtype).max]], dtype=dtype)
    np.testing.assert_array_equal(Scaling.fit(values, "range").forward(values), [[0.0, 1.0]])


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_centred_is_from_minus_one_to_one_over_the_range_of_the_type(dtype):
    values = np.array([[0, np.iinfo(dtype).max]], dtype=dtype)
    scaling = Scaling.fit(values, "centred")
    for kind in (np.float32, np.float64):
        np.testing.assert_array_equal(scaling.forward(values, kind), [[-1.0, 1.0]])
    np.testing.assert_array_equal(scaling.inverse(scaling.forward(values)), values)


@pytest.mark.parametrize("kind", ["none", "range"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
def test_every_small_integer_is_scaled_in_float32_as_in_float64(dtype, kind):
    bounds = np.iinfo(dtype)
    every = np.arange(bounds.min, int(bounds.max) + 1).astype(dtype).reshape(-1, 4)
    scaling = Scaling.fit(every, kind)
    exact = (every.astype(np.float64) / scaling.scale).astype(np.float32)
    assert scaling.forward(every, np.float32).tobytes() == exact.tobytes()


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint32, np.int64])
@pytest.mark.parametrize(
    ("kind", "shift", "scale"),
    [("range", 0.0, 2.0**16 - 1), ("range", 0.0, 2.0**24 + 1), ("standard", 0.1, 3.0)],
)
def test_what_float32_does_not_hold_is_scaled_in_float64(dtype, kind, shift, scale):
    top = min(np.iinfo(dtype).max, 2**30)
    values = np.random.default_rng(0).integers(0, top, (1000, 4), dtype=dtype)
    scaling = Scaling(kind, np.full(4, shift), np.full(4, scale))
    exact = ((values.astype(np.float64) - shift) / scale).astype(np.float32)
    assert scaling.forward(values, np.float32).tobytes() == exact.tobytes()


@pytest.mark.parametrize("kind", ["standard", "minmax"])
@pytest.mark.parametrize(("shape", "channels"), [((2, 3), 1), ((3, 2, 1), 3), ((1, 2, 3), 1)])
def test_images_are_scaled_by_channel(kind, shape, channels):
    values = np.random.default_rng(0).normal(size=(20, 6)) * np.arange(1, 7)
    scaling = Scaling.fit(values, kind, sample_shape=shape)
    scaled = scaling.forward(values).reshape(20, channels, -1)
    assert len(np.unique(scaling.scale)) == channels
    for channel in range(channels):
        part = scaled[:, channel]
        low = (part.mean(), part.std()) if kind == "standard" else (part.min(), part.max())
        np.testing.assert_allclose(low, (0, 1), atol=1e-12)


def test_constant_columns_are_shifted_only():
    values = np.column_stack([np.full(9, 1e9), np.arange(9.0)])
    for kind in ("standard", "minmax"):
        scaling = Scaling.fit(values, kind)
        np.testing.assert_array_equal(scaling.forward(values)[:, 0], 0)
        assert scaling.scale[0] == 1


def test_sparse_data_is_scaled_like_dense_data():
    thin = sparse.random(200, 30, 0.1, "csr", random_state=0)
    for kind in KINDS:
        dense, other = Scaling.fit(thin.toarray(), kind), Scaling.fit(thin, kind)
        np.testing.assert_allclose(dense.shift, other.shift, atol=1e-15)
        np.testing.assert_allclose(dense.scale, other.scale)


def test_the_size_of_a_block_changes_nothing(monkeypatch):
    whole = Scaling.fit(X, "standard")
    weight = np.r_[np.zeros(20), np.arange(30.0)]
    weighted = Scaling.fit(X, "standard", sample_weight=weight)
    monkeypatch.setattr(module, "blocks", lambda values: blocks(values, n_elements=12))
    parts = Scaling.fit(X, "standard")
    np.testing.assert_allclose(whole.shift, parts.shift, rtol=1e-13)
    np.testing.assert_allclose(whole.scale, parts.scale, rtol=1e-12)
    parts = Scaling.fit(X, "standard", sample_weight=weight)
    np.testing.assert_allclose(weighted.shift, parts.shift, rtol=1e-13)
    np.testing.assert_allclose(weighted.scale, parts.scale, rtol=1e-12)
    assert [len(block) for block in blocks(X, n_elements=80)] == [20, 20, 10]


def test_results_are_in_rows_whatever_came_in():
    fortran = np.asfortranarray(X)
    assert Scaling.fit(X, "standard").forward(fortran).flags.c_contiguous


def test_what_is_outside_the_unit_interval_is_named():
    Scaling.fit(X, "minmax").check_unit_interval(X)
    with pytest.raises(DataError, match=r"\[0, 1\].*scaling='none'.*minmax"):
        Scaling.fit(X, "none").check_unit_interval(X)


@pytest.mark.parametrize("kind", ["none", "standard", "minmax"])
def test_one_map_for_all_steps_is_that_of_the_steps_as_rows(kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(7, 5, 3)) * [1, 10, 0] + [0, 50, 4]
    weight = rng.uniform(0.1, 2, size=7)
    flat = Scaling.fit(X.reshape(7, 15), kind, sample_weight=weight, step_features=3)
    rows = Scaling.fit(X.reshape(35, 3), kind, sample_weight=np.repeat(weight, 5))
    np.testing.assert_allclose(flat.shift, rows.shift, rtol=1e-12)
    np.testing.assert_allclose(flat.scale, rows.scale, rtol=1e-12)
    scaled = flat.forward(X.reshape(7, 15))
    np.testing.assert_allclose(scaled.reshape(35, 3), rows.forward(X.reshape(35, 3)), atol=1e-12)
    np.testing.assert_allclose(flat.inverse(scaled), X.reshape(7, 15))
    assert np.isfinite(scaled).all()
