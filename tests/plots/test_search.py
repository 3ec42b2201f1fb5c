"""Pictures of searches: each trial a curve, a cross where it was pruned, the best in bold."""

from types import SimpleNamespace

import optuna
import pytest
from matplotlib.figure import Figure

from espelho.errors import DataError
from espelho.plots import plot_study
from espelho.plots.canvas import ACCENT


def trial(number, state, *values):
    told = dict(enumerate(values, start=1))
    return SimpleNamespace(
        number=number, state=SimpleNamespace(name=state), intermediate_values=told
    )


def study(*trials, best=0):
    return SimpleNamespace(trials=list(trials), best_trial=trials[best])


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_each_trial_is_a_curve_and_the_best_is_bold(ax):
    found = study(
        trial(0, "COMPLETE", 3.0, 2.0, 1.5), trial(1, "PRUNED", 4.0, 3.5),
        trial(2, "COMPLETE", 2.5, 2.0, 1.0), trial(3, "FAIL"), best=2,
    )  # fmt: skip
    assert plot_study(found, ax, figure="validation loss") is ax
    curves = [line for line in ax.lines if line.get_marker() != "x"]
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [list(line.get_ydata()) for line in curves] == [
        [3.0, 2.0, 1.5], [4.0, 3.5], [2.5, 2.0, 1.0],
    ]  # fmt: skip
    assert [line.get_color() == ACCENT for line in curves] == [False, False, True]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in crosses] == [(2, 3.5)]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["trial 2, the best", "1 finished", "1 pruned"]
    assert ax.get_title(loc="left") == "3 trials, 8 epochs in all"
    assert (ax.get_ylabel(), ax.get_yscale()) == ("validation loss", "linear")


def test_a_wide_range_is_drawn_in_decades_and_all_may_be_pruned(ax):
    plot_study(study(trial(0, "PRUNED", 50.0), trial(1, "PRUNED", 1.0)), ax)
    assert ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["2 pruned"]


def test_a_real_study_is_drawn(ax):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    real = optuna.create_study()
    real.optimize(lambda t: t.report(t.suggest_float("x", 0, 1), 1) or 1.0, n_trials=2)
    assert len(plot_study(real, ax).lines) == 2


def test_a_study_without_figures_is_named(ax):
    with pytest.raises(DataError, match="OptunaPruning"):
        plot_study(study(trial(0, "COMPLETE")), ax)
