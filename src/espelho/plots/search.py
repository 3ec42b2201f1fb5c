"""Searches: the trials of a study over their epochs, and where they were pruned."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, MaxNLocator

from espelho.errors import DataError
from espelho.plots.canvas import ACCENT, COLOURS, canvas, legend, note

LOGARITHMIC = 10
_PRUNED, _FINISHED = "PRUNED", "COMPLETE"


class Trial(Protocol):
    """What is read of a trial of a study."""

    @property
    def number(self) -> int:
        """Its number, from 0."""

    @property
    def state(self) -> Any:
        """How it ended, with a ``name``."""

    @property
    def intermediate_values(self) -> Mapping[int, float]:
        """What it was told, by epoch."""


class Study(Protocol):
    """What is read of a study of Optuna."""

    @property
    def trials(self) -> Sequence[Any]:
        """Its trials."""

    @property
    def best_trial(self) -> Any:
        """The best of those that were finished."""


def plot_study(study: Study, ax: Axes | None = None, *, figure: str = "figure followed") -> Axes:
    """Draw what the trials of an Optuna study were told, epoch by epoch.

    A pruned trial ends in a cross. The best of the finished ones is drawn bold. The axis of the
    figure is logarithmic if all values are positive and the largest is more than 10 times the
    smallest.

    Parameters
    ----------
    study : optuna.Study
        A study whose trials had an :class:`espelho.OptunaPruning`, or reported values themselves.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    figure : str, optional
        What the figure is called.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If no trial was told a figure.
    """
    trials = [trial for trial in study.trials if trial.intermediate_values]
    if not trials:
        raise DataError(
            "No trial of this study was told a figure. Give its estimators an "
            "OptunaPruning(trial) among their callbacks."
        )
    finished = [trial for trial in trials if trial.state.name == _FINISHED]
    best = study.best_trial.number if finished else None
    ax = canvas(ax)
    for trial in trials:
        _draw(ax, trial, is_best=trial.number == best)
    values = np.array([v for trial in trials for v in trial.intermediate_values.values()])
    if values.min() > 0 and values.max() > LOGARITHMIC * values.min():
        ax.set_yscale("log")
        for set_formatter in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
            set_formatter(LogFormatter(minor_thresholds=(2, 0.4)))
    ax.set(xlabel="epoch", ylabel=figure)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    _label(ax, trials, best)
    return ax


def _draw(ax: Axes, trial: Trial, *, is_best: bool) -> None:
    steps = sorted(trial.intermediate_values)
    values = [trial.intermediate_values[step] for step in steps]
    pruned = trial.state.name == _PRUNED
    colour = ACCENT if is_best else COLOURS[3] if pruned else COLOURS[0]
    ax.plot(
        steps,
        values,
        color=colour,
        lw=2.6 if is_best else 1.2,
        alpha=1.0 if is_best else 0.8,
        marker="o" if len(steps) == 1 and not pruned else "",
        ms=3.5,
        zorder=3 if is_best else 2,
    )
    if pruned:
        ax.plot(steps[-1], values[-1], "x", color=COLOURS[2], ms=6, mew=1.6, zorder=4)


def _label(ax: Axes, trials: Sequence[Trial], best: int | None) -> None:
    n_pruned = sum(trial.state.name == _PRUNED for trial in trials)
    n_epochs = sum(len(trial.intermediate_values) for trial in trials)
    handles = []
    if best is not None:
        handles.append(Line2D([], [], color=ACCENT, lw=2.6, label=f"trial {best}, the best"))
        n_others = sum(trial.state.name == _FINISHED for trial in trials) - 1
        handles.append(Line2D([], [], color=COLOURS[0], lw=1.2, label=f"{n_others} finished"))
    look: dict[str, Any] = {"color": COLOURS[3], "marker": "x", "markeredgecolor": COLOURS[2]}
    handles.append(Line2D([], [], lw=1.2, label=f"{n_pruned} pruned", **look))
    legend(ax, handles)
    note(ax, f"{len(trials)} trials, {n_epochs:,} epochs in all")
