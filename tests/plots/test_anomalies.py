"""Pictures of anomalies: the outliers beyond the threshold, and what made a row one."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from espelho.errors import DataError, SettingError
from espelho.estimators.anomalies.explanation import Explanation
from espelho.plots import plot_contributions, plot_score_series, plot_scores
from espelho.plots.anomalies import ABOVE, BELOW


def explanation(residuals, names=()):
    """Explain rows by squared errors around an expectation of 1."""
    residuals = np.asarray(residuals, dtype=np.float64)
    contributions = residuals**2
    scores = -contributions.reshape(len(residuals), -1).sum(axis=1)
    n, decisions = len(residuals), np.where(scores < -1, -1, 1)
    expected = np.ones_like(residuals)
    return Explanation(
        scores, decisions, expected, residuals, contributions, np.zeros(n), tuple(names)
    )


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_outliers_are_counted_beyond_the_threshold():
    scores = -np.arange(1.0, 101.0)
    ax = plot_scores(scores, -90.5)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"10 outliers", "90 others", "threshold 90.5"} <= set(labels)
    assert sum(patch.get_height() for patch in ax.patches) == 100
    assert ax.get_xscale() == "linear"


def test_far_outliers_make_the_axis_logarithmic_and_equal_scores_are_drawn():
    assert plot_scores([-1.0] * 9 + [-500.0], -2).get_xscale() == "log"
    assert sum(patch.get_height() for patch in plot_scores([-1.0, -1.0], -2).patches) == 2
    with pytest.raises(DataError, match="no finite score"):
        plot_scores([np.nan], -1)


def test_bars_point_where_a_value_lies_and_are_as_long_as_its_share():
    ax = plot_contributions(explanation([[1.0, -3.0, 0.0]], "abc"), 0)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([-90, 10, 0])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a", "c"]
    colours = [bar.get_facecolor() for bar in ax.patches][:2]
    assert colours == [plt.matplotlib.colors.to_rgba(c) for c in (BELOW, ABOVE)]
    assert "-2.00 (1.00)" in {text.get_text() for text in ax.texts}
    assert "row 0" in ax.get_title(loc="left")


def test_an_image_is_a_map_of_signed_shares():
    residuals = np.zeros((1, 8, 8))
    residuals[0, 2, 3], residuals[0, 5, 5] = 2.0, -1.0
    for ax in (
        plot_contributions(explanation(residuals), 0),
        plot_contributions(explanation(residuals.reshape(1, 64)), 0, sample_shape=(1, 8, 8)),
    ):
        shares = np.asarray(ax.images[0].get_array())
        assert (shares[2, 3], shares[5, 5]) == pytest.approx((80, -20))
    colours = np.repeat(residuals[:, np.newaxis], 3, axis=1)
    ax = plot_contributions(explanation(colours), 0, name="the one")
    assert np.asarray(ax.images[0].get_array()).shape == (8, 8)
    assert "the one" in ax.get_title(loc="left")


@pytest.mark.parametrize("features", [1, 2])
def test_a_sequence_is_drawn_over_what_was_expected_and_where_it_is_strange(features):
    residuals = np.zeros((1, 10, features))
    residuals[0, 4, 0] = 3.0
    ax = plot_contributions(explanation(residuals), 0, sequence=True)
    value, expected = ax.lines[:2]
    assert value.get_ydata()[4] == 4
    assert (np.asarray(expected.get_ydata()) == 1).all()
    behind = next(other for other in ax.figure.axes if other is not ax)
    assert behind.patches[4].get_height() == pytest.approx(100)
    assert len(ax.lines) == 2 * features


def test_points_beyond_the_threshold_are_marked_in_time():
    ax = plot_score_series([-1.0, -1.0, -9.0, -1.0], -5)
    assert ax.lines[1].get_xdata().tolist() == [2]


def test_a_row_that_is_not_there_is_named():
    with pytest.raises(SettingError, match="row must be from 0 to 0, got 1"):
        plot_contributions(explanation([[1.0]]), 1)


def test_points_are_drawn_at_their_times_and_known_outliers_on_grey():
    times = np.arange("2024-03-01", "2024-03-09", dtype="datetime64[D]")
    scores = -np.array([1.0, 1, 900, 1, 1, 1, 2, 1])
    known = np.array([0, 0, 1, 1, 0, 0, 0, 1], dtype=bool)
    ax = plot_score_series(scores, -5, times=times, known=known)
    assert (ax.get_xlabel(), ax.get_yscale()) == ("time", "log")
    assert len(ax.patches) == 2
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), times[2:3])
    assert "known outliers" in [text.get_text() for text in ax.get_legend().get_texts()]
    with pytest.raises(DataError, match="got 7 and 8"):
        plot_score_series(scores, -5, times=times[1:])
