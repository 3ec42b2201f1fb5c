"""A map of samples over data."""

import numpy as np
import pytest

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_sample_map


def test_samples_lie_in_the_plane_of_the_data():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(50, 5)) * [9, 3, 1, 1, 1]
    ax = plot_sample_map(data, data[:7] + 100)
    cloud, drawn = (dots.get_offsets() for dots in ax.collections)
    assert (len(cloud), len(drawn)) == (50, 7)
    again = plot_sample_map(data, data[:7])
    np.testing.assert_allclose(
        again.collections[1].get_offsets() + (drawn - again.collections[1].get_offsets())[0], drawn
    )
    assert ax.get_xlabel().startswith("principal component 1 (")


def test_two_features_are_their_own_plane():
    data = np.random.default_rng(0).normal(size=(20, 2))
    ax = plot_sample_map(data, data[:3] + 1)
    np.testing.assert_array_equal(ax.collections[1].get_offsets(), data[:3] + 1)


def test_one_feature_is_drawn_by_its_ranks():
    ax = plot_sample_map(np.array([[3.0], [1.0], [2.0]]), np.array([[5.0], [4.0]]))
    np.testing.assert_array_equal(ax.collections[1].get_offsets(), [[4, 0], [5, 1]])
    assert ax.get_ylabel() == "share of rows below it"


def test_of_many_rows_some_are_drawn(monkeypatch):
    monkeypatch.setattr("espelho.plots.generation.sample_map.MOST", 10)
    data = np.random.default_rng(0).normal(size=(30, 3))
    assert len(plot_sample_map(data, data).collections[0].get_offsets()) == 10


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="as many features, got 2 and 3"):
        plot_sample_map(np.ones((4, 2)), np.ones((4, 3)))
    with pytest.raises(DataError, match="two rows of data or more"):
        plot_sample_map(np.ones((1, 2)), np.ones((4, 2)))
