"""Errors against the width of the code."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_error_by_dimension


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_errors_are_drawn_in_the_order_of_widths(ax):
    assert plot_error_by_dimension([8, 2, 4], [1.0, 3.0, 2.0], ax=ax) is ax
    (line,) = ax.lines

    np.testing.assert_array_equal(line.get_xydata(), [[2, 3], [4, 2], [8, 1]])
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2", "4", "8"]


def test_baselines_are_drawn_beside(ax):
    plot_error_by_dimension([1, 2], [3.0, 2.0], pca_errors=[4.0, 3.0], mean_error=9.0, ax=ax)

    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "constant mean",
        "PCA of the same width",
        "model",
    ]


def test_many_widths_share_a_dozen_ticks(ax):
    plot_error_by_dimension(np.arange(1, 41), np.ones(40), ax=ax)

    assert len(ax.get_xticks()) <= 12


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="at least one width"):
        plot_error_by_dimension([], [])
    with pytest.raises(DataError, match="none below 1"):
        plot_error_by_dimension([0, 1], [1.0, 2.0])
    with pytest.raises(ShapeError, match="2 widths but 3 errors"):
        plot_error_by_dimension([1, 2], [1.0, 2.0, 3.0])
