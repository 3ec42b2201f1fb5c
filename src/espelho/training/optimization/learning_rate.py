"""The learning rate of a stage: what a schedule makes of it as the stage goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

from espelho.training.optimization.optimizers import complete_options
from espelho.training.optimization.schedules import SCHEDULES, Progress
from espelho.training.optimization.update import Update

__all__ = ["LearningRate"]


class LearningRate:
    """A base rate times the factor of a schedule, given to every update.

    Parameters
    ----------
    base
        The learning rate of phases that have none of their own.
    schedule, options
        A name of `SCHEDULES` and its options.
    """

    def __init__(self, base: float, schedule: str, options: Mapping[str, Any]) -> None:
        self._base = base
        self._schedule = SCHEDULES[schedule]
        self._options = complete_options(schedule, options, self._schedule.options)
        self.every_step = self._schedule.every_step
        self.follows_figures = self._schedule.follows_figures
        self.value = base

    def set(
        self, updates: Sequence[Update], *, done: float, epoch: int, figures: Sequence[float]
    ) -> None:
        """Set the rate of each update.

        Parameters
        ----------
        updates
            The updates of the stage.
        done, epoch, figures
            The stage's progress, as `Progress` describes it.
        """
        factor = self._schedule.factor(Progress(done, epoch, figures), self._options)
        self.value = self._base * factor
        for update in updates:
            own = update.phase.learning_rate
            update.learning_rate = self.value if own is None else own * factor
