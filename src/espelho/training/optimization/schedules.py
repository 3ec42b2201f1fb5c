"""Learning-rate schedules, by name: what the learning rate is multiplied with, and when."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["SCHEDULES", "Progress", "Schedule"]

Options = Mapping[str, Any]


class Progress(NamedTuple):
    """How far a stage has come.

    Attributes
    ----------
    done
        Share of the stage's batches that are behind, from 0 to below 1.
    epoch
        Epochs that are completed.
    figures
        The monitored figure after each completed epoch of the stage.
    """

    done: float
    epoch: int
    figures: Sequence[float]


class Schedule(NamedTuple):
    """A schedule: a pure function of the progress, so a resumed run continues it.

    Attributes
    ----------
    factor
        ``(progress, options) -> factor`` of the learning rate.
    options
        Options and their defaults.
    every_step
        Whether the factor changes within an epoch.
    follows_figures
        Whether it depends on the monitored figure.
    """

    factor: Callable[[Progress, Options], float]
    options: Options
    every_step: bool = False
    follows_figures: bool = False


def _constant(progress: Progress, options: Options) -> float:
    return 1.0


def _step(progress: Progress, options: Options) -> float:
    return float(options["gamma"] ** (progress.epoch // options["epochs"]))


def _cosine(progress: Progress, options: Options) -> float:
    return _anneal(1.0, options["final"], progress.done)


def _one_cycle(progress: Progress, options: Options) -> float:
    peak, warm_up = options["peak"], options["warm_up"]
    if progress.done < warm_up or warm_up == 1:
        return _anneal(1.0, peak, progress.done / warm_up)
    return _anneal(peak, options["final"], (progress.done - warm_up) / (1 - warm_up))


def _linear(progress: Progress, options: Options) -> float:
    constant, final = options["constant"], options["final"]
    if progress.done <= constant or constant == 1:
        return 1.0
    return float(1 + (final - 1) * (progress.done - constant) / (1 - constant))


def _plateau(progress: Progress, options: Options) -> float:
    best, waited, factor = math.inf, 0, 1.0
    for figure in progress.figures:
        better = figure < best - options["threshold"] * abs(best if best < math.inf else 0)
        best, waited = (figure, 0) if better else (best, waited + 1)
        if waited > options["patience"]:
            factor, waited = factor * options["factor"], 0
    return factor


def _anneal(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: Mapping[str, Schedule] = {
    "constant": Schedule(_constant, {}),
    "step": Schedule(_step, {"epochs": 30, "gamma": 0.1}),
    "cosine": Schedule(_cosine, {"final": 0.0}, every_step=True),
    "one-cycle": Schedule(
        _one_cycle, {"peak": 10.0, "warm_up": 0.3, "final": 1e-4}, every_step=True
    ),
    "linear": Schedule(_linear, {"constant": 0.5, "final": 0.0}, every_step=True),
    "plateau": Schedule(
        _plateau, {"factor": 0.1, "patience": 10, "threshold": 1e-4}, follows_figures=True
    ),
}
"""Schedules by name. ``learning_rate`` is what each starts from.

constant: 1. step: ``gamma^floor(epoch / epochs)``. cosine: from 1 to ``final`` along half
a cosine (Loshchilov and Hutter 2017). one-cycle: from 1 up to ``peak`` during the first
``warm_up`` of the stage and down to ``final`` along cosines (Smith and Topin 2018).
linear: 1 for the share ``constant`` of the stage, then along a line to ``final`` (as in Zhu et
al. 2017). plateau: times ``factor`` whenever the monitored figure has not improved by the share
``threshold`` for more than ``patience`` epochs.
"""
