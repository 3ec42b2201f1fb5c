"""Windows cover a series, and their means come back to its points."""

import numpy as np
import pytest

from espelho.data.series.windows import average_windows, window_starts, windows
from espelho.errors import SettingError, ShapeError

CASES = [(10, 4, 1), (10, 4, 3), (10, 4, 4), (12, 4, 4), (7, 7, 1), (5, 1, 1), (23, 6, 5)]


@pytest.mark.parametrize(("n", "length", "step"), CASES)
def test_every_point_lies_in_a_window(n, length, step):
    cut = windows(np.arange(n), length, step)
    assert cut.shape == (len(window_starts(n, length, step)), length)
    assert set(cut.ravel()) == set(range(n))
    np.testing.assert_array_equal(np.diff(cut, axis=1), 1)
    assert (np.diff(cut[:-1, 0]) == step).all()


@pytest.mark.parametrize(("n", "length", "step"), CASES)
def test_a_point_is_the_mean_over_its_windows(n, length, step):
    values = np.random.default_rng(0).normal(size=windows(np.arange(n), length, step).shape)
    found = average_windows(values, n, step=step)
    for point in range(n):
        starts = window_starts(n, length, step)
        own = [
            row[point - a]
            for row, a in zip(values, starts, strict=True)
            if a <= point < a + length
        ]
        assert found[point] == pytest.approx(np.mean(own))


@pytest.mark.parametrize(("n", "length", "step"), CASES)
def test_what_is_cut_comes_back(n, length, step):
    series = np.random.default_rng(0).normal(size=n)
    np.testing.assert_allclose(
        average_windows(windows(series, length, step), n, step=step), series
    )


def test_features_stay_together():
    series = np.arange(20).reshape(10, 2)
    cut = windows(series, 4, 3)
    np.testing.assert_array_equal(cut[1], series[3:7])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((5, 6, 1), "length must be from 1 to the 5"), ((5, 0, 1), "length must be"),
     ((5, 3, 4), "step must be from 1 to the length"), ((5, 3, 0), "step must be")],
)  # fmt: skip
def test_windows_that_leave_points_out_are_refused(arguments, said):
    with pytest.raises(SettingError, match=said):
        window_starts(*arguments)


def test_wrong_shapes_are_named():
    with pytest.raises(ShapeError, match=r"must have the shape \(3, 4\)"):
        average_windows(np.zeros((2, 4)), 10, step=3)
    with pytest.raises(ShapeError, match="A series must have the shape"):
        windows(np.zeros((2, 3, 4)), 2)
