"""The table of labels: rows of labels with the frequencies that they came in."""

import numpy as np
import pytest

from espelho.estimators.labels.table import MOST_ROWS, LabelTable


def test_a_single_column_has_a_row_for_every_class_in_order():
    found = LabelTable.learn(np.array([[2.0], [0.0], [2.0], [2.0]]), None, (4,))
    np.testing.assert_array_equal(found.rows, [[0], [1], [2], [3]])
    np.testing.assert_allclose(found.frequencies, [0.25, 0, 0.75, 0])


def test_rows_of_several_columns_come_together():
    numbers = np.array([[0, 1.5], [1, 2.5], [0, 1.5], [0, 2.5]])
    found = LabelTable.learn(numbers, None, (2, 0))
    np.testing.assert_array_equal(found.rows, [[0, 1.5], [0, 2.5], [1, 2.5]])
    np.testing.assert_allclose(found.frequencies, [0.5, 0.25, 0.25])
    drawn = found.draw(4000, np.random.default_rng(0))
    assert {tuple(row) for row in drawn} == {(0, 1.5), (0, 2.5), (1, 2.5)}
    assert (drawn == [0, 1.5]).all(axis=1).mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("sizes", [(2,), (2, 0)])
def test_a_weight_of_two_counts_like_the_row_given_twice(sizes):
    numbers = np.array([[0, 0.5], [1, 0.5], [1, 1.5]])[:, : len(sizes)]
    weighted = LabelTable.learn(numbers, np.array([2.0, 1.0, 1.0]), sizes)
    twice = LabelTable.learn(np.r_[numbers, numbers[:1]], None, sizes)
    np.testing.assert_array_equal(weighted.rows, twice.rows)
    np.testing.assert_allclose(weighted.frequencies, twice.frequencies)


@pytest.mark.parametrize("sizes", [(0,), (20_000, 2)])
def test_of_too_many_rows_some_of_the_data_are_kept(sizes):
    n = MOST_ROWS + 500
    numbers = np.arange(float(n))[:, np.newaxis]
    if len(sizes) == 2:
        numbers = np.c_[numbers, numbers % 2]
    weight = np.r_[np.ones(n // 2), np.full(n - n // 2, 3.0)]
    found = LabelTable.learn(numbers, weight, sizes)
    assert len(np.unique(found.rows, axis=0)) == MOST_ROWS
    assert found.frequencies.sum() == pytest.approx(1)
    heavy = found.rows[:, 0] >= n // 2
    assert found.frequencies[heavy].sum() == pytest.approx(0.75, abs=0.02)
