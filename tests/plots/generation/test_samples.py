"""Samples are drawn in rows, on the scale they are given."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_samples


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_pictures_stand_in_rows_and_what_is_missing_stays_white(ax):
    X = np.arange(5 * 16.0).reshape(5, 16) + 1
    assert plot_samples(X, sample_shape=(1, 4, 4), columns=3, ax=ax) is ax

    drawn = np.asarray(ax.images[0].get_array())
    assert drawn.shape == (9, 14)
    np.testing.assert_allclose(drawn[:4, :4], (X[0].reshape(4, 4) - 1) / 79)
    np.testing.assert_allclose(drawn[5:, 5:9], (X[4].reshape(4, 4) - 1) / 79)
    assert (drawn[5:, 10:] == 1).all()
    assert (drawn[4] == 1).all()


def test_limits_say_what_is_black_and_what_is_white():
    X = np.linspace(-1, 3, 16).reshape(1, 4, 4)
    ax = plot_samples(X, limits=(0, 2))

    np.testing.assert_allclose(ax.images[0].get_array(), np.clip(X[0] / 2, 0, 1))
    plt.close(ax.figure)


def test_colours_begin_at_zero(ax):
    X = np.zeros((1, 3, 8, 8)) + np.array([40.0, 20.0, 10.0])[:, None, None]
    plot_samples(X, ax=ax)

    np.testing.assert_allclose(ax.images[0].get_array()[0, 0], [1, 0.5, 0.25])


def test_constant_pictures_can_be_drawn(ax):
    plot_samples(np.ones((2, 5, 5)), ax=ax)

    assert np.isfinite(ax.images[0].get_array()).all()


def test_what_are_no_pictures_is_told():
    with pytest.raises(DataError, match="no picture to draw"):
        plot_samples(np.ones((0, 5, 5)))
    with pytest.raises(ShapeError, match="must be pictures"):
        plot_samples(np.ones((3, 5)))
    with pytest.raises(ShapeError, match="sample_shape"):
        plot_samples(np.ones((3, 5)), sample_shape=(1, 4, 4))
