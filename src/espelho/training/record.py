"""The record of an epoch: what the history keeps of it."""

from typing import TYPE_CHECKING

from espelho.training.history import Record
from espelho.training.validation import Validation
from espelho.training.weights import agree_on_buffers

if TYPE_CHECKING:
    from espelho.training.trainer import Trainer

__all__ = ["epoch_record"]


def epoch_record(
    trainer: "Trainer", learning_rate: float, validation: Validation | None
) -> Record:
    """Return the figures of the epoch that has just ended, the same in every process.

    Parameters
    ----------
    trainer
        The trainer; the terms of the epoch are taken from its updates, which forget them.
    learning_rate
        The last learning rate.
    validation
        What is measured besides, on data that no update sees.
    """
    record: Record = {
        "epoch": trainer.position.epoch + 1,
        "stage": trainer.stage.name,
        "seconds": trainer.position.seconds,
        "learning_rate": learning_rate,
    }
    for update in trainer.updates:
        record |= update.means()
        update.clear()
    agree_on_buffers(trainer.model, trainer.processes)
    if validation is not None:
        record |= validation.terms()
    for callback in trainer.callbacks:
        record |= callback.on_record(trainer)
    return trainer.processes.first(record)
