"""Sequences: one array of steps, that is a padded array to NumPy."""

import numpy as np
import pandas as pd
import pytest
import torch

from espelho.data.dataset import Dataset
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.errors import DataError, ShapeError

LENGTHS = (3, 1, 5, 2)


@pytest.fixture
def items():
    rng = np.random.default_rng(0)
    return [rng.normal(size=(n, 2)) for n in LENGTHS]


def same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_what_goes_in_comes_out(items):
    same(list(Sequences.of(items)), items)
    same([Sequences.of(items)[i] for i in range(len(items))], items)
    flat = [item[:, 0] for item in items]
    same(list(Sequences.of(flat)), flat)
    assert Sequences.of(flat)[2].shape == (5,)


@pytest.mark.parametrize(
    "rows",
    [
        slice(1, 3),
        slice(None, None, -1),
        [2, 0],
        np.array([True, False, True, True]),
        np.arange(0),
    ],
)
def test_rows_are_those_of_an_array(items, rows):
    sequences = Sequences.of(items)
    kept = np.arange(len(items))[rows]
    same(list(sequences[rows]), [items[i] for i in kept])
    np.testing.assert_array_equal(np.asarray(sequences[rows]), np.asarray(sequences)[rows])
    assert sequences[rows].shape == (len(kept), 5, 2)


def test_it_is_padded_with_zeros_to_numpy(items):
    sequences = Sequences.of(items)
    padded = np.asarray(sequences.padded_to(7))
    assert padded.shape == sequences.padded_to(7).shape == (4, 7, 2)
    assert sequences.size == np.asarray(sequences).size
    for item, row in zip(items, padded, strict=True):
        np.testing.assert_array_equal(row[: len(item)], item)
        assert not row[len(item) :].any()
    with pytest.raises(ShapeError, match="up to 5 steps cannot be padded to 4"):
        sequences.padded_to(4)


def test_other_values_take_the_type_that_is_there():
    counts = Sequences.of([np.array([250, 3], dtype=np.uint8), np.array([7], dtype=np.uint8)])
    found = counts.with_steps(np.array([[300.0], [-2.0], [6.6]]))
    same(list(found), [np.array([255, 0], dtype=np.uint8), np.array([7], dtype=np.uint8)])


def test_the_fingerprint_tells_padding_from_zeros_and_rows_from_rows():
    short, long = Sequences.of([[1.0, 2.0], [3.0]]), Sequences.of([[1.0, 2.0], [3.0, 0.0]])
    np.testing.assert_array_equal(np.asarray(short), np.asarray(long))
    cut = Sequences.of([[1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(cut.steps, short.steps)
    parts = (short, long, short[::-1], cut)
    prints = [Dataset(name="x", X=X, source="").fingerprint() for X in parts]
    assert len(set(prints)) == 4
    assert prints[0] == Sequences.of([[1.0, 2.0], [3.0]]).fingerprint()


def test_the_table_has_a_row_for_each_step():
    table, names, dtypes = Sequences.of(
        [np.array([[5, 6]]), np.array([[7, 8], [9, 1]])]
    ).as_table()
    assert names == ["sequence", "step", "x0", "x1"]
    np.testing.assert_array_equal(table, [[0, 0, 5, 6], [1, 0, 7, 8], [1, 1, 9, 1]])
    assert [dtype.kind for dtype in dtypes] == list("iiii")


@pytest.mark.parametrize(
    ("X", "told"),
    [
        ([np.zeros(3), np.zeros(3)], True),
        ([torch.zeros(3, 2), torch.zeros(5, 2)], True),
        ((pd.DataFrame({"a": [1.0]}),), True),
        (np.array([np.zeros(3), np.zeros(2)], dtype=object), True),
        ([[1.0], [1.0, 2.0]], True),
        ([[1.0, 3.0], [1.0, 2.0]], False),
        ([np.float64(1.0), np.float64(2.0)], False),
        (np.zeros((3, 2)), False),
        (pd.DataFrame({"a": [1.0]}), False),
        ([], False),
        ("text", False),
    ],
)
def test_lists_of_sequences_are_told_from_rows(X, told):
    assert is_sequences(X) is told


@pytest.mark.parametrize(
    ("items", "error", "said"),
    [
        ([], DataError, "Found 0 sequences"),
        ([np.zeros((2, 3)), np.zeros((0, 3))], DataError, "Sequence 1 is empty"),
        ([np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((5, 4))], ShapeError,
         r"sequence 0 has the shape \(2, 3\), and sequence 2 the shape \(5, 4\)"),
        ([np.zeros((2, 1)), np.zeros(2)], ShapeError, r"sequence 1 the shape \(2,\)"),
        ([np.zeros((2, 3, 4))], ShapeError, r"Sequence 0 must have the shape \(time, features\)"),
        ([np.array(["a", "b"])], DataError, "must hold numbers"),
        ([np.zeros((3, 2)), np.array([[0.0, 1.0], [2.0, np.nan]])], DataError,
         "1 NaN and 0 infinite values: the first in sequence 1, step 1, feature 1"),
        ([np.array([0.0, np.inf]), np.zeros(3)], DataError,
         "0 NaN and 1 infinite values: the first in sequence 0, step 1, feature 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_from_is_named(items, error, said):
    with pytest.raises(error, match=said):
        Sequences.of(items)
