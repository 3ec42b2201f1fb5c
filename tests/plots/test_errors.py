"""Errors over samples and over features."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_error_histogram, plot_feature_errors


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_every_sample_is_counted_and_two_quantiles_marked(ax):
    errors = np.random.default_rng(0).gamma(3, size=500)
    assert plot_error_histogram(errors, ax) is ax

    assert sum(bar.get_height() for bar in ax.patches) == 500
    marked = [line.get_xdata()[0] for line in ax.lines]
    assert marked == pytest.approx(np.quantile(errors, [0.5, 0.95]))
    assert ax.get_xlabel() == "reconstruction error of a sample (squared data units)"
    assert ax.get_xscale() == "linear"


def test_a_long_tail_is_drawn_on_a_logarithmic_axis(ax):
    plot_error_histogram(np.exp(np.random.default_rng(0).normal(0, 3, 500)), ax)

    assert ax.get_xscale() == "log"
    assert sum(bar.get_height() for bar in ax.patches) == 500


@pytest.mark.parametrize("errors", [np.ones(4), [0.0], [1.0, np.nan, np.inf]])
def test_errors_that_do_not_vary_can_be_drawn(ax, errors):
    plot_error_histogram(errors, ax)

    assert sum(bar.get_height() for bar in ax.patches) == np.isfinite(errors).sum()


def test_the_largest_features_are_bars_in_order(ax):
    errors = np.random.default_rng(0).random(50)
    plot_feature_errors(errors, [f"name {i}" for i in range(50)], ax, unit="nats")

    widths = [bar.get_width() for bar in ax.patches]
    assert widths == sorted(errors, reverse=True)[:20]
    assert ax.get_yticklabels()[0].get_text() == f"name {errors.argmax()}"
    assert ax.get_title(loc="left") == "the 20 largest of 50 features"
    assert ax.get_xlabel() == "mean error of a feature (nats)"


def test_features_without_names_go_by_number(ax):
    plot_feature_errors([1.0, 2.0, np.nan], ax=ax)

    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "feature 2",
        "feature 1",
        "feature 3",
    ]


def test_long_names_are_cut(ax):
    plot_feature_errors([1.0], ["n" * 50], ax)

    assert ax.get_yticklabels()[0].get_text() == "n" * 31 + "…"


@pytest.mark.parametrize("shape", [(1, 6, 7), (6, 7)])
def test_pictures_get_a_heat_map(ax, shape):
    errors = np.arange(42.0)
    plot_feature_errors(errors, ax=ax, sample_shape=shape)

    np.testing.assert_array_equal(ax.images[0].get_array(), errors.reshape(6, 7))
    assert len(ax.figure.axes) == 2


def test_colour_pictures_get_the_mean_over_colours(ax):
    errors = np.arange(3 * 42.0)
    plot_feature_errors(errors, ax=ax, sample_shape=(3, 6, 7))

    np.testing.assert_allclose(ax.images[0].get_array(), errors.reshape(3, 6, 7).mean(axis=0))


def test_small_pictures_stay_bars(ax):
    plot_feature_errors(np.arange(16.0), ax=ax, sample_shape=(4, 4))

    assert not ax.images


def test_what_cannot_be_drawn_is_refused(ax):
    with pytest.raises(DataError, match="no finite"):
        plot_error_histogram([np.nan])
    with pytest.raises(DataError, match="no finite"):
        plot_feature_errors([np.nan])
    with pytest.raises(ShapeError, match="2 names for 3 errors"):
        plot_feature_errors([1.0, 2.0, 3.0], ["a", "b"])
    with pytest.raises(ShapeError, match="there are 40 errors"):
        plot_feature_errors(np.ones(40), sample_shape=(6, 6), ax=ax)
