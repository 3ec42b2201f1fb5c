"""Divergence: what was not finite first, and what its discoverer is told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espelho.errors import DivergenceError
from espelho.training.optimization.update import Update
from espelho.training.plan import Stage
from espelho.training.snapshot import Position
from espelho.training.weights import Kept

if TYPE_CHECKING:
    from espelho.training.trainer import Trainer

__all__ = ["Trouble", "check_finite"]


@dataclass
class Trouble:
    """What was found, and what was done.

    Attributes
    ----------
    what
        What was not finite first.
    back
        Whose weights the model has again, in words; a callback that has better ones says which.
    """

    what: str
    back: str = "from before this epoch"


def _find_trouble(
    stage: Stage, updates: Sequence[Update], groups: Sequence[Any], position: Position
) -> str:
    """Return what was not finite first in the epoch so far, or nothing.

    Parameters
    ----------
    stage
        The stage, which knows in which order its phases had their turns.
    updates, groups
        Its updates, and the storage that they move.
    position
        Where in the epoch the training stands.
    """
    if not all(update.sum_is_finite() for update in updates):
        finite = [update.finite() for update in updates]
        done = [0] * len(updates)
        for turn in range(position.turn - position.batch, position.turn):
            for index in stage.due(turn=turn, epoch=position.stage_epoch):
                if not finite[index][done[index]]:
                    return updates[index].describe(done[index])
                done[index] += 1
    if not all(math.isfinite(group.data.sum()) for group in groups):
        return "a weight was no longer finite at the end"
    return ""


def check_finite(trainer: "Trainer", good: Kept, learning_rate: float) -> None:
    """Raise if anything was not finite in any process, with the last good weights put back.

    Parameters
    ----------
    trainer
        The trainer, in the middle or at the end of an epoch.
    good
        The weights from before the epoch.
    learning_rate
        The learning rate now.

    Raises
    ------
    DivergenceError
        If a term or a weight was not finite.
    """
    trouble = _find_trouble(trainer.stage, trainer.updates, trainer.groups, trainer.position)
    if trainer.processes.any(bool(trouble)):
        trouble = next(filter(None, trainer.processes.gather(trouble)))
        good.put_back()
        found = Trouble(trouble)
        for callback in trainer.callbacks:
            callback.on_divergence(trainer, found)
        raise _diverged(found, trainer.position, learning_rate)


def _diverged(trouble: Trouble, position: Position, learning_rate: float) -> DivergenceError:
    """Return the error that says what was found, and what may help.

    Parameters
    ----------
    trouble
        What was not finite, and what is put back.
    position
        When it was found.
    learning_rate
        The learning rate that it happened with.
    """
    return DivergenceError(
        f"Training diverged: {trouble.what} of epoch {position.epoch + 1}. The weights "
        f"{trouble.back} were put back. Try a lower learning_rate (it was {learning_rate:g}), "
        "gradient_clip=1.0, or scaling='standard' if the data's units are large."
    )
