"""Features one by one, of data and of samples."""

import numpy as np
import pandas as pd
import pytest

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_marginals


def bars(ax):
    return [collection.get_segments() for collection in ax.collections]


def test_bars_lie_where_the_quantiles_are():
    data = np.linspace(0, 100, 1001)[:, np.newaxis] * [1.0, 3.0]
    ax = plot_marginals(data, data / 2)
    whole, half, drawn, _ = bars(ax)
    spread = np.linspace(0, 100, 1001).std()
    np.testing.assert_allclose(whole[1][:, 0], np.array([5 - 50, 95 - 50]) / spread)
    np.testing.assert_allclose(half[0][:, 0], np.array([25 - 50, 75 - 50]) / spread)
    np.testing.assert_allclose(drawn[0][:, 0], np.array([2.5 - 50, 47.5 - 50]) / spread)


def test_features_are_called_by_their_names():
    frame = pd.DataFrame({"age": [1.0, 2.0], "mass": [3.0, 3.0]})
    ax = plot_marginals(frame, frame.to_numpy())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["age", "mass"]
    ax = plot_marginals(frame.to_numpy(), frame.to_numpy())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]


@pytest.mark.parametrize(
    ("X", "samples", "names", "error"),
    [
        (np.ones((3, 2)), np.ones((3, 3)), None, ShapeError),
        (np.ones((3, 2)), np.ones((3, 2)), ["a"], ShapeError),
        (np.ones((0, 2)), np.ones((3, 2)), None, DataError),
        (np.ones(3), np.ones((3, 2)), None, DataError),
    ],
)
def test_what_does_not_fit_is_refused(X, samples, names, error):
    with pytest.raises(error, match="X"):
        plot_marginals(X, samples, names=names)
