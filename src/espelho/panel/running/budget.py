"""The budget: wall-clock time, shared out, and a training that ends when its share is over."""

import re
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING

from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from espelho.training.trainer import Trainer

__all__ = ["FOR_TRAINING", "OUT_OF_TIME", "Deadline", "seconds_of", "share_of", "turns"]

OUT_OF_TIME = "out of time"
"""What a training ends for when its share of the budget is over."""

FOR_TRAINING, LEAST_TRAINING = 0.75, 0.25
"""Part of a share that is for training, and at least where measuring needs more than the rest."""

GRACE, PATIENCE = 1.1, 1.5
"""What all may take in parts of the budget, and one in parts of its share, before those that are
not finished are given up."""

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_BUDGET = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|min|m|h|)\s*")


def seconds_of(budget: str | float) -> float:
    """Return a length of time in seconds.

    Parameters
    ----------
    budget : str or float
        Seconds, or text such as ``90s``, ``10m``, ``1.5h``.

    Raises
    ------
    SettingError
        If it is none, or not above 0.

    Examples
    --------
    >>> seconds_of("10m"), seconds_of("1.5h"), seconds_of(90)
    (600.0, 5400.0, 90.0)
    """
    found = _BUDGET.fullmatch(str(budget))
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not seconds > 0:
        raise SettingError(
            f"A budget is a length of time above 0, such as 90s, 10m or 1.5h; got {budget!r}."
        )
    return seconds


def share_of(budget: float, members: int, n_jobs: int) -> float:
    """Return the seconds of each member, of which so many run side by side, in turns."""
    return budget / turns(members, n_jobs)


def turns(members: int, n_jobs: int) -> int:
    """Return how many turns members take, of which so many run side by side."""
    return ceil(members / n_jobs)


class Deadline(Callback):
    """End a training in time, with the weights it has.

    Time is shared out over the stages that are left, and an epoch that would not end in time is
    not begun: but for the first epoch of a stage, no more is needed than there is.

    Parameters
    ----------
    seconds
        What there is from the start of the training on.
    last
        When a later stage that has not seen all of its data once is given up, which nobody can
        foresee; by default after the same seconds.

    Raises
    ------
    SettingError
        From the training, if time is over before the first epoch is.
    """

    def __init__(self, seconds: float, last: float | None = None) -> None:
        self.seconds = seconds
        self.last = seconds if last is None else last

    def on_train_start(self, trainer: "Trainer") -> None:
        """Start the clock."""
        self._started = perf_counter()
        self._stage_end = 0.0

    def on_stage_start(self, trainer: "Trainer") -> None:
        """Share out what is left over the stages that are left."""
        left = self.seconds - self._elapsed
        self._stage_end = self._elapsed + left / (len(trainer.plan) - trainer.position.stage)
        self._epoch_began = self._elapsed

    def on_step(self, trainer: "Trainer") -> None:
        """Give up a training that cannot see all of its data once in each stage."""
        done, n = trainer.position.batch, trainer.batches_per_epoch
        if trainer.position.stage_epoch or done == n:
            return
        limit = self.last if len(trainer.history) else self.seconds
        if (now := self._elapsed) <= limit:
            return
        raise SettingError(
            f"Its share of the budget, {self.seconds:.3g} s for training, was over after {done} "
            f"of {n} batches of the first epoch{_of_stage(trainer)}, which needs about "
            f"{(now - self._epoch_began) * n / done:.3g} s. Give a larger budget, fewer models "
            "or fewer rows."
        )

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """End the stage if another epoch would take too long."""
        now = self._elapsed
        if now + (now - self._epoch_began) > self._stage_end:
            trainer.end_stage(OUT_OF_TIME)
        self._epoch_began = now

    @property
    def _elapsed(self) -> float:
        return perf_counter() - self._started


def _of_stage(trainer: "Trainer") -> str:
    stages = len(trainer.plan)
    return f" of stage {trainer.position.stage + 1} of {stages}" if stages > 1 else ""
