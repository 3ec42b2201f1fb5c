"""The distance of samples from data is drawn where it was measured, and kept from the losses."""

import pytest
from matplotlib.figure import Figure

from espelho.errors import DataError
from espelho.plots import plot_distance, plot_losses
from espelho.training.history import History

NAME = "two_sample/squared_mmd"


@pytest.fixture
def ax():
    return Figure().add_subplot()


def history(*figures, name=NAME):
    more = [{} if value is None else {name: value} for value in figures]
    return History(
        {"epoch": i, "stage": "train", "play/cost": 1.0} | m for i, m in enumerate(more)
    )


def test_the_smallest_is_marked(ax):
    assert plot_distance(history(0.3, None, 0.1, None, 0.2), ax) is ax
    curve, best = ax.lines
    assert curve.get_xdata().tolist() == [1, 3, 5]
    assert curve.get_ydata().tolist() == [0.3, 0.1, 0.2]
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (3, 0.1)
    assert "smallest 0.100, in epoch 3" in ax.get_title(loc="left")
    assert ax.get_ylabel().startswith("unbiased MMD²")


@pytest.mark.parametrize(
    ("figures", "scale"), [((9.0, 0.5), "log"), ((9.0, 5.0), "linear"), ((9.0, -0.1), "linear")]
)
def test_the_axis_is_logarithmic_where_that_shows_more(ax, figures, scale):
    assert plot_distance(history(*figures), ax).get_yscale() == scale


def test_it_is_no_loss(ax):
    plot_losses(history(0.3, 0.2), ax)
    assert len([line for line in ax.lines if len(line.get_xdata()) == 2]) == 1


def test_a_history_without_any_says_so(ax):
    with pytest.raises(DataError, match="keep='best'"):
        plot_distance(history(0.3, name="play/other"), ax)
