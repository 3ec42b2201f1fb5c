"""What a data set promises: it can be cut, and recognised again."""

import dataclasses

import numpy as np
import pytest

from espelho.data import fingerprint as fingerprint_module
from espelho.data.dataset import Dataset


def dataset(X, y=None, **others):
    return Dataset(name="some", X=X, y=y, source="memory", **others)


def test_a_data_set_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset(np.zeros((2, 1))).name = "other"


@pytest.mark.parametrize(
    "rows", [[2, 0], slice(1, 3), np.array([True, False, True, False]), [], np.array([3])]
)
def test_taking_rows_cuts_samples_and_labels_alike(rows):
    X, y = np.arange(8.0).reshape(4, 2), np.array(list("abcd"))
    whole = dataset(X, y, feature_names=("u", "v"), target_name="t")

    taken = whole.take(rows)

    np.testing.assert_array_equal(taken.X, X[rows])
    np.testing.assert_array_equal(taken.y, y[rows])
    assert (taken.name, taken.source) == ("some", "memory")
    assert (taken.feature_names, taken.target_name) == (("u", "v"), "t")


def test_taking_rows_of_data_without_labels_leaves_it_without():
    assert dataset(np.eye(3)).take([1]).y is None


def test_the_fingerprint_depends_on_content_and_not_on_layout():
    X = np.random.default_rng(0).normal(size=(50, 3, 4))
    expected = dataset(X).fingerprint()

    assert len(expected) == 64
    assert dataset(X.copy(order="F")).fingerprint() == expected
    assert dataset(np.repeat(X, 2, axis=0)[::2]).fingerprint() == expected
    assert dataset(X.astype(">f8")).fingerprint() == expected


@pytest.mark.parametrize(
    "other",
    [
        np.zeros((3, 4)),
        np.zeros((2, 6), np.float32),
        np.zeros((2, 6), np.int64),
        np.zeros((2, 2, 3)),
        np.zeros((0, 6)),
        np.pad(np.zeros((2, 5)), ((0, 0), (0, 1)), constant_values=1e-300),
    ],
)
def test_another_shape_dtype_or_value_has_another_fingerprint(other):
    assert dataset(other).fingerprint() != dataset(np.zeros((2, 6))).fingerprint()


def test_of_a_large_array_evenly_spread_blocks_are_hashed(monkeypatch):
    monkeypatch.setattr(fingerprint_module, "_WHOLE_UP_TO", 1000)
    monkeypatch.setattr(fingerprint_module, "_BLOCK", 32)
    monkeypatch.setattr(fingerprint_module, "_SPREAD_BLOCKS", 3)
    X = np.zeros((101, 2))
    changes = {}
    for row in range(len(X)):
        changed = X.copy()
        changed[row, 1] = 1
        changes[row] = dataset(changed).fingerprint() != dataset(X).fingerprint()

    assert [row for row, noticed in changes.items() if noticed] == [0, 1, 49, 50, 99, 100]
