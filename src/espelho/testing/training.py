"""The laws of training by a plan: repeatable, and resumable to the last bit."""

import copy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from espelho.testing.errors import LawError, listed
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.history import Record
from espelho.training.plan import Stage, Trainable
from espelho.training.recipe import Recipe
from espelho.training.snapshot import Snapshot
from espelho.training.trainer import Trainer

__all__ = ["check_training"]


def check_training(model: Trainable, batch: Batch, *, learning_rate: float, seed: int) -> None:
    """Check that training repeats itself, and goes on from a snapshot as if never stopped.

    Parameters
    ----------
    model, batch, learning_rate, seed
        As in `check_plan`; copies of the model are trained.

    Raises
    ------
    LawError
        If the history or a weight comes out otherwise.
    """
    recipe = Recipe(batch_size=(len(batch.x) + 1) // 2, learning_rate=learning_rate)
    training, snapshots = _Training(model, batch, recipe, seed), _OnePerStage()
    first = training.run(snapshots)
    _compare(first, training.run(), "Trained twice with the same seed")
    for stage, snapshot in snapshots.taken.items():
        resumed = training.run(resume=snapshot)
        _compare(first, resumed, f"Resumed from a snapshot in stage {stage}")


class _Outcome(NamedTuple):
    history: list[Record]
    values: dict[str, Tensor]


class _OnePerStage(Callback):
    """Takes a snapshot in the middle of the second epoch of every stage."""

    def __init__(self) -> None:
        self.taken: dict[int, Snapshot] = {}

    def on_step(self, trainer: Trainer) -> None:
        position = trainer.position
        in_second_epoch = position.turn > trainer.batches_per_epoch
        if in_second_epoch and position.stage not in self.taken:
            values, tensors = trainer.snapshot()
            copied = {name: tensor.clone() for name, tensor in tensors.items()}
            self.taken[position.stage] = Snapshot(copy.deepcopy(values), copied)


@dataclass(frozen=True)
class _Training:
    """A training that can be run again and again, each time by a copy of the model."""

    model: Trainable
    batch: Batch
    recipe: Recipe
    seed: int

    def run(self, *callbacks: Callback, resume: Snapshot | None = None) -> _Outcome:
        twin, data = copy.deepcopy(self.model), TensorData(self.batch)
        trainer = Trainer(twin, data, self.recipe, seed=self.seed, callbacks=callbacks)
        for stage in trainer.plan:
            stage.epochs = _enough_epochs(stage)
        trainer.run(resume)
        history = [
            {name: value for name, value in record.items() if name != "seconds"}
            for record in trainer.history
        ]
        state = (trainer.final_optimizer_state or {}).items()
        optimizers = {f"{name} of the optimiser": value for name, value in state}
        return _Outcome(history, {**twin.state_dict(), **optimizers})


def _enough_epochs(stage: Stage) -> int:
    turns = sum(phase.repeats for phase in stage.phases) if stage.alternate == "epoch" else 1
    return max(2, turns)


def _compare(expected: _Outcome, found: _Outcome, what: str) -> None:
    differ = [
        name
        for name in sorted(expected.values.keys() | found.values.keys())
        if not _same(expected.values.get(name), found.values.get(name))
    ]
    if differ:
        raise LawError(f"{what}, the model ends with another {listed(differ)}.")
    if expected.history != found.history:
        raise LawError(
            f"{what}, the model has another history: {found.history} instead of "
            f"{expected.history}."
        )


def _same(left: Tensor | None, right: Tensor | None) -> bool:
    return left is not None and right is not None and torch.equal(left, right)
