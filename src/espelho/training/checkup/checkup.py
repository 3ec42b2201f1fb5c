"""The checkup: a callback that reads a model's signals now and then."""

from math import ceil
from typing import TYPE_CHECKING, Any

from espelho.training.callbacks.base import Callback
from espelho.training.checkup.probe import Probe
from espelho.training.doctor.signals import DIVERGED, EVENT, FINAL, Signals
from espelho.training.weights import is_sharded, lent

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.divergence import Trouble
    from espelho.training.trainer import Trainer

__all__ = ["Checkup"]

_SHARE = 0.03
"""What checkups may cost, as a share of the training since the one before."""

_UPDATES = 4.0
"""Updates of the usual batch size that a checkup takes as long as: measured, on a CPU."""


class Checkup(Callback):
    """Read signals of a model after the first epoch of a stage, then ever more rarely, and last.

    Stages that train on other data than the trainer's, such as the layers of a stack, are passed
    over. The last signals are of the weights that training ends with, after all other callbacks.

    Parameters
    ----------
    probe
        What the model is looked at with; ``None`` in processes that do not lead.
    every
        Least number of epochs from one checkup to the next: it is half of those that are done
        where that is more, for a model changes less and less.

    Attributes
    ----------
    signals
        What was read.
    """

    def __init__(self, probe: Probe, every: int = 1) -> None:
        self.probe = probe
        self.every = every
        self.signals = Signals()

    @staticmethod
    def epochs_between(n_updates: int) -> int:
        """Return in how many epochs checkups cost a few per cent of training at most.

        Parameters
        ----------
        n_updates
            Updates in an epoch.
        """
        return ceil(_UPDATES / (_SHARE * n_updates))

    def on_train_start(self, trainer: "Trainer") -> None:
        """Forget what was read in an earlier training."""
        self.signals = Signals(facts=self.probe.facts)
        self._kept: tuple[int, dict[str, float]] | None = None

    def on_stage_start(self, trainer: "Trainer") -> None:
        """Know whose gradients a checkpoint must keep."""
        self._trainer = trainer

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Look at the model if it is time to."""
        if trainer.stage.data is None and self._is_due(trainer.position.stage_epoch):
            self._note(trainer, self._gradients(trainer) | self._figures(trainer))

    def _is_due(self, epoch: int) -> bool:
        due = 1
        while due < epoch:
            due += max(self.every, due // 2)
        return due == epoch

    def on_finish(self, trainer: "Trainer") -> None:
        """Look at the weights that training has ended with."""
        if trainer.position.epoch and trainer.stage.data is None:
            found = self._figures(trainer) | {FINAL: True}
            if trainer.processes.leads:
                found |= self.probe.linear_figures()
            self._note(trainer, found)

    def on_divergence(self, trainer: "Trainer", trouble: "Trouble") -> None:
        """Note what was not finite, and whose weights the model has again."""
        self._note(trainer, {EVENT: DIVERGED, "what": trouble.what, "back": trouble.back})

    def _note(self, trainer: "Trainer", found: dict[str, Any]) -> None:
        position = trainer.position
        when = {"epoch": position.epoch, "step": position.step, "stage": trainer.stage.name}
        self.signals.records.append(trainer.processes.first(when | found))

    def _figures(self, trainer: "Trainer") -> dict[str, Any]:
        if any(is_sharded(parameter) for parameter in trainer.model.parameters()):
            weights = trainer.model_state()
            if not trainer.processes.leads:
                return {}
            with lent(self.probe.model, weights):
                return self.probe.figures()
        return self.probe.figures() if trainer.processes.leads else {}

    def _gradients(self, trainer: "Trainer") -> dict[str, float]:
        if self._kept is not None and self._kept[0] == trainer.position.step:
            return self._kept[1]
        return {f"gradient/{u.phase.name}": u.gradient_norm() for u in trainer.updates}

    def state(self) -> "tuple[dict[str, Any], dict[str, Tensor]]":
        """Return what was read, and how large the last gradients are."""
        trainer = self._trainer
        kept = [trainer.position.step, self._gradients(trainer) if trainer.position.batch else {}]
        return {"signals": self.signals.to_lines(), "gradients": kept}, {}

    def load(self, values: "dict[str, Any]", tensors: "dict[str, Tensor]") -> None:
        """Take over what `state` returned."""
        self.signals = Signals.from_lines(values["signals"])
        step, gradients = values["gradients"]
        self._kept = step, gradients
