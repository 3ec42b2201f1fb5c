"""Keeping the best: the averaged weights that a figure liked most, beside the last."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.weight_averaging import averaged

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.divergence import Trouble
    from espelho.training.trainer import Trainer

__all__ = ["KeepBest"]


@dataclass(eq=False)
class KeepBest(Callback):
    """End with the weights of the epoch for which a figure is lowest, and keep the last too.

    The figure is of the averaged weights where there is an average (`WeightAveraging`), and
    of the weights as they are elsewhere. It is recorded after the first epoch of a stage,
    after every so many, and at the end.

    Parameters
    ----------
    figure
        What it is called in the history.
    measure
        From all weights and buffers by name to the figure: the same at every call, and moving
        no random stream. One that is not finite counts as none.
    every
        Epochs from one measurement to the next.
    restore
        Whether to end with them; without it training ends with the last, and the best are there
        for when it diverges.

    Attributes
    ----------
    epoch
        The epoch with the lowest figure, the first of several.
    best, last
        The weights of that epoch, and those that training ended with.

    Raises
    ------
    SettingError
        If ``every`` is below 1.
    """

    figure: str
    measure: "Callable[[dict[str, Tensor]], float]"
    every: int = 1
    restore: bool = True

    def __post_init__(self) -> None:
        if self.every < 1:
            raise SettingError(f"KeepBest needs every of at least 1, got {self.every}.")

    def on_train_start(self, trainer: "Trainer") -> None:
        """Forget the best of an earlier training."""
        self._forget()

    def on_stage_start(self, trainer: "Trainer") -> None:
        """Start anew: a stage may have other networks than the one before."""
        self._forget()

    def _forget(self) -> None:
        self.epoch = 0
        self.last: dict[str, Tensor] = {}
        self._lowest = math.inf
        self.best: dict[str, Tensor] = {}

    def on_record(self, trainer: "Trainer") -> dict[str, float]:
        """Measure if it is time to, and keep the weights if they are the best so far."""
        done = trainer.position.stage_epoch
        if done and (done + 1) % self.every:
            return {}
        return self._compare(trainer, averaged(trainer), trainer.position.epoch + 1)

    def _compare(
        self, trainer: "Trainer", weights: "dict[str, Tensor]", epoch: int
    ) -> dict[str, float]:
        value = trainer.processes.first(self.measure(weights))
        if not math.isfinite(value):
            return {}
        if value < self._lowest:
            self._lowest, self.best, self.epoch = value, weights, epoch
        return {self.figure: value}

    def on_finish(self, trainer: "Trainer") -> None:
        """Measure the last weights as well, and put the best in their place."""
        self.last = averaged(trainer)
        records, position = trainer.stage_records, trainer.position
        if not self.best or not (position.batch or self.figure in records[-1]):
            # After the last checkpoint, so that a run that goes on is as one never stopped.
            found = self._compare(trainer, self.last, position.epoch)
            if records:
                records[-1] |= found
        if self.restore:
            trainer.load_model_state(self.best)
        else:
            self.best = {}

    def on_divergence(self, trainer: "Trainer", trouble: "Trouble") -> None:
        """Put the best weights back, and keep those from before the epoch as the last."""
        if self.best:
            self.last = trainer.model_state()
            trainer.load_model_state(self.best)
            trouble.back = f"of epoch {self.epoch}, the best so far,"

    def state(self) -> "tuple[dict[str, Any], dict[str, Tensor]]":
        """Return the best weights, their figure and their epoch."""
        return {"lowest": self._lowest, "epoch": self.epoch}, self.best

    def load(self, values: "dict[str, Any]", tensors: "dict[str, Tensor]") -> None:
        """Take over what `state` returned."""
        self._lowest, self.epoch = values["lowest"], values["epoch"]
        self.best = tensors
