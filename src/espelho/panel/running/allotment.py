"""The allotment: what each member has of the budget, and on how many rows it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import Any

import numpy as np

from espelho.errors import EspelhoError, SettingError
from espelho.evaluation import evaluate
from espelho.evaluation.evaluate import FEWEST
from espelho.panel.data import PanelData
from espelho.panel.members import Member
from espelho.panel.running.baselines import Components
from espelho.panel.running.budget import FOR_TRAINING, LEAST_TRAINING, PATIENCE, share_of
from espelho.panel.running.pilot import sampler_for

__all__ = ["Allotment", "affordable", "allot"]

STEPS = (250, 500, 1000, 2000, 5000)
"""Rows that figures may be measured on, where there are more."""

SAFETY = 1.5
"""What measuring may take in parts of what it took of the pilot, which has the machine alone."""

GROWTH = 1.5
"""The power of the rows that costs are expected to grow with: from none to 2."""

AT_ONCE = 5_000
"""Numbers in the rows to measure on below which measuring takes no time to speak of."""


@dataclass(frozen=True)
class Allotment:
    """What each member has of the budget.

    Attributes
    ----------
    share
        Seconds in all.
    training
        Seconds of them that training may take.
    codes
        Rows that codes are measured on at most, where that costs more than a pass over them.
    samples
        Samples that are drawn of it at most.
    """

    share: float
    training: float
    codes: int
    samples: int


def allot(
    members: tuple[Member, ...],
    data: PanelData,
    width: int,
    *,
    budget: float,
    jobs: int,
    seed: int,
) -> Allotment:
    """Share out a budget, after a first timing of what measuring takes.

    Parameters
    ----------
    members
        Who takes part.
    data
        What is measured on.
    width
        Width of the codes.
    budget
        Seconds for all, the first timing among them.
    jobs
        How many members run side by side.
    seed
        Of all that is drawn.

    Raises
    ------
    SettingError
        If the budget is too small for measuring codes alone.
    """
    started = perf_counter()
    own = share_of(budget, len(members), jobs)
    if int(data.test.shape[0]) * data.n_features <= AT_ONCE:
        return Allotment(own, own * FOR_TRAINING, STEPS[-1], STEPS[-1])
    try:
        seconds = own * (1 - FOR_TRAINING)
        codes, drawn, (first, more) = _tried(members, data, width, seconds, seed)
    except EspelhoError:  # which may be components' alone
        codes, drawn, (first, more) = STEPS[0], STEPS[0], (0.0, 0.0)
    share = share_of(budget - (perf_counter() - started), len(members), jobs)
    if first > share * (PATIENCE - LEAST_TRAINING):
        least = budget * 2 * first / own
        raise SettingError(
            f"The budget of {budget:.3g} s leaves {own:.3g} s for each of {len(members)} models, "
            f"and measuring one takes about {first:.3g} s. Give {ceil(least)} s or more, or "
            "fewer models."
        )
    left = share - first - more
    training = max(LEAST_TRAINING * share, min(FOR_TRAINING * share, left))
    return Allotment(share, training, codes, drawn)


def _tried(
    members: tuple[Member, ...], data: PanelData, width: int, seconds: float, seed: int
) -> tuple[int, int, tuple[float, float]]:
    """Return on how many rows codes and samples can be measured, and what both may take.

    Where there are samples, codes have half of the time, and these what is left.
    """
    n = int(data.test.shape[0])
    components = Components(width, data, seed).fit(data.train)
    sampler = sampler_for(members, data, components)

    def measure(pilot: Any, name: str) -> Callable[[int], None]:
        about = {"X_train": data.train, "random_state": seed}

        def on(most: int) -> None:
            evaluate(pilot, data.test, data.y_test, **{name: most}, **about)

        on(FEWEST)  # loads what is needed
        return on

    if sampler is None:
        codes, takes = affordable(measure(components, "max_samples"), seconds, n)
        return codes, STEPS[-1], (takes, 0.0)
    codes, takes = affordable(measure(components, "max_samples"), seconds / 2, n)
    drawn, more = affordable(measure(sampler, "max_drawn"), seconds - takes, n)
    return codes, drawn, (takes, more)


def affordable(measure: Callable[[int], None], seconds: float, n: int) -> tuple[int, float]:
    """Return how many of n rows can be measured on in some seconds, and what that may take.

    The number is a step of `STEPS`, so that it is seldom another next time, or that of all rows,
    if these are not fewer than the first step. The next step is tried if it is expected to do in
    time, and taken if it does.

    Parameters
    ----------
    measure
        What measures on so many rows.
    seconds
        What it may take.
    n
        How many rows there are.
    """
    steps = [*(step for step in STEPS if step < n), int(np.clip(n, STEPS[0], STEPS[-1]))]
    rows, takes = steps[0], _timed(measure, steps[0])
    for more in steps[1:]:
        if takes * (more / rows) ** GROWTH > seconds:
            break
        if (longer := _timed(measure, more)) > seconds:
            break
        rows, takes = more, longer
    return rows, takes


def _timed(measure: Callable[[int], None], rows: int) -> float:
    started = perf_counter()
    measure(rows)
    return SAFETY * (perf_counter() - started)
