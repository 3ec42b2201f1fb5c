"""The trainer: the only loop, and the only place where weights are moved."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from espelho.training import snapshot as snapshots
from espelho.training.batches import Data
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.checkpoint import Checkpoint
from espelho.training.divergence import diverged, find_trouble
from espelho.training.environment.interruption import Interruption, deferred_interruption
from espelho.training.environment.randomness import forked
from espelho.training.environment.threads import suitable_threads
from espelho.training.history import History, Record, monitored_or_raise
from espelho.training.optimization.flat import FlatGroup
from espelho.training.optimization.learning_rate import LearningRate
from espelho.training.optimization.optimizers import OPTIMIZERS, complete_options
from espelho.training.plan import Stage, Trainable
from espelho.training.recipe import Recipe
from espelho.training.snapshot import Position, Snapshot
from espelho.training.update import Update, prepare_updates
from espelho.training.validation import validation_terms

__all__ = ["Trainer"]


class Trainer:
    """Run a model's plan over data.

    Parameters
    ----------
    model
        Networks and their plan, on the device that trains.
    data
        What to train on.
    recipe
        Optimiser, schedule, batch size, length.
    seed
        Where the random streams start: shuffling, and what the losses draw.
    validation
        Held-out data; every phase's terms on it are recorded under ``validation/``.
    callbacks
        What watches, in the order in which it is asked; checkpoints after all others.
    optimizer_state
        Running averages by ``phase/parameter/slot`` to start the first stage with.
    """

    def __init__(
        self,
        model: Trainable,
        data: Data,
        recipe: Recipe,
        *,
        seed: int,
        validation: Data | None = None,
        callbacks: Sequence[Callback] = (),
        optimizer_state: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.model = model
        self.plan = model.plan()
        self.data = data
        self.recipe = recipe
        self.validation = validation
        # Checkpoints come last: they must hold what the others have made of a step.
        self.callbacks = tuple(sorted(callbacks, key=lambda c: isinstance(c, Checkpoint)))
        self.history = History()
        self.position = Position()
        self.order: Tensor | None = None
        self.groups: list[FlatGroup] = []
        self.updates: list[Update] = []
        self.optimizer_state = optimizer_state
        self.device: torch.device = next(model.parameters()).device
        self.shuffle = torch.Generator().manual_seed(seed)
        self.last_batch_size = 0
        self.batches_per_epoch = 0
        self._seed = seed
        self._interruption = Interruption()
        self._optimizer_options = complete_options(
            recipe.optimizer, recipe.optimizer_options, OPTIMIZERS[recipe.optimizer].options
        )
        self._learning_rate = LearningRate(
            recipe.learning_rate, recipe.schedule, recipe.schedule_options
        )

    @property
    def monitor(self) -> str:
        """The figure to follow: the recipe's, or the first phase's loss."""
        if self.recipe.monitor is not None:
            return self.recipe.monitor
        name = self.stage.phases[0].name
        return name if self.validation is None else f"validation/{name}"

    @property
    def stage(self) -> Stage:
        """The stage that the training is in."""
        return self.plan[self.position.stage]

    def epochs(self, stage: Stage) -> int:
        """Return how many epochs a stage is to last."""
        return self.recipe.max_epochs if stage.epochs is None else stage.epochs

    def end_stage(self, reason: str) -> None:
        """End the stage after the current epoch."""
        self.position.ended = reason

    def snapshot(self) -> Snapshot:
        """Return everything that a resumed training needs."""
        self._check_epoch()
        return snapshots.take(self)

    def model_state(self) -> dict[str, Tensor]:
        """Return a copy of the model's weights and buffers."""
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def load_model_state(self, values: Mapping[str, Tensor]) -> None:
        """Put weights and buffers into the model, in place; the others stay."""
        state = self.model.state_dict()
        with torch.no_grad():
            for name, value in values.items():
                state[name].copy_(value)

    def run(self, resume: Snapshot | None = None) -> str:
        """Train to the end, an interruption, or an error.

        Parameters
        ----------
        resume
            A snapshot of the same training, to go on from.

        Returns
        -------
        str
            ``"finished"``, ``"early stopping"`` (or what else a callback ended the last
            stage for), or ``"interrupted"``.

        Raises
        ------
        DivergenceError
            If a term or a weight is not finite; the last good weights are put back.
        """
        with (
            forked(self._seed, self.device),
            suitable_threads(self.model, self.recipe.batch_size),
            deferred_interruption() as self._interruption,
        ):
            self._call("on_train_start")
            try:
                self._run_stages(resume)
            finally:
                self._release()
                self.model.eval()
                self._call("on_exit")
            self._call("on_finish")
        if self._interruption.requested:
            return "interrupted"
        return self.position.ended or "finished"

    def _run_stages(self, resume: Snapshot | None) -> None:
        first = 0 if resume is None else resume.values["position"]["stage"]
        for index, stage in enumerate(self.plan):
            if stage.grow is not None:
                stage.grow()
            if index < first:
                continue
            self._enter(index, stage, resume if index == first else None)
            while not self._over():
                self._run_epoch(stage)
            if index == len(self.plan) - 1 or self._interruption.requested:
                self._call("on_stop")
            if self._interruption.requested:
                return
            self._call("on_stage_end")
            self._release()

    def _over(self) -> bool:
        done = self.position.stage_epoch >= self.epochs(self.stage)
        return done or bool(self.position.ended) or self._interruption.requested

    def _enter(self, index: int, stage: Stage, resume: Snapshot | None) -> None:
        self.position.stage, self.position.stage_epoch, self.position.turn = index, 0, 0
        self.position.ended = ""
        if resume is not None:
            snapshots.load_model(self, resume)
        elif stage.on_entry is not None:
            stage.on_entry()
        self.model.eval()
        with forked(self._seed, self.device):  # so that a resumed stage gets the same again
            self._stage_data = stage.prepared(self.data)
            self._stage_validation = self.validation and stage.prepared(self.validation)
        self.model.train()
        self._prepare_updates(stage)
        self._call("on_stage_start")
        if resume is not None:
            snapshots.restore(self, resume)
        self._stage_figures: list[float] = []
        for record in self.history.records[len(self.history) - self.position.stage_epoch :]:
            self._follow(record)
        self._good = self.model_state()

    def _prepare_updates(self, stage: Stage) -> None:
        self.groups, self.updates = prepare_updates(
            self.model, stage, self.recipe, self._optimizer_options
        )
        if self.optimizer_state is not None:
            snapshots.load_optimizers(self.updates, self.optimizer_state)
            self.optimizer_state = None
        self._step_hooks = self._hooks("on_step")

    def _run_epoch(self, stage: Stage) -> None:
        position, started = self.position, perf_counter() - self.position.seconds
        if self.order is None:
            self.order = torch.randperm(len(self._stage_data), generator=self.shuffle)
        batches = self._stage_data.arrange(self.order, self.recipe.batch_size)
        self.batches_per_epoch = len(batches)
        self._set_learning_rates()
        every_step = self._learning_rate.every_step
        for index in range(position.batch, len(batches)):
            batch = batches[index]
            self.last_batch_size = len(batch.x)
            for which in stage.due(turn=position.turn, epoch=position.stage_epoch):
                self.updates[which](batch)
            position.batch += 1
            position.turn += 1
            position.step += 1
            position.samples += self.last_batch_size
            position.seconds = perf_counter() - started
            if every_step:
                self._set_learning_rates()
            for hook in self._step_hooks:
                hook(self)
            if self._interruption.requested:
                return
        self._end_epoch()

    def _set_learning_rates(self) -> None:
        position = self.position
        total = self.batches_per_epoch * self.epochs(self.stage)
        self._learning_rate.set(
            self.updates,
            done=position.turn / total,
            epoch=position.stage_epoch,
            figures=self._stage_figures,
        )

    def _end_epoch(self) -> None:
        self._check_epoch()
        position = self.position
        record: Record = {
            "epoch": position.epoch + 1,
            "stage": self.stage.name,
            "seconds": position.seconds,
            "learning_rate": self._learning_rate.value,
        }
        for update in self.updates:
            record |= update.means()
            update.clear()
        if self._stage_validation is not None:
            held_out = self._stage_validation
            record |= validation_terms(self.model, self.stage, held_out, self.device)
        self.history.records.append(record)
        self._follow(record)
        position.epoch += 1
        position.stage_epoch += 1
        position.batch, position.seconds, self.order = 0, 0.0, None
        self._good = self.model_state()
        self._call("on_epoch_end")

    def _follow(self, record: Record) -> None:
        if self._learning_rate.follows_figures:
            value = monitored_or_raise(record, self.monitor, f"schedule={self.recipe.schedule!r}")
            self._stage_figures.append(value)

    def _check_epoch(self) -> None:
        named = dict(self.model.named_parameters())
        for group in self.groups:
            group.check(named)
        if trouble := find_trouble(self.stage, self.updates, self.groups, self.position):
            self.load_model_state(self._good)
            raise diverged(trouble, self.position, self._learning_rate.value)

    def _release(self) -> None:
        if self.updates:
            states = snapshots.optimizer_states(self.updates).items()
            self.final_optimizer_state = {name: tensor.clone() for name, tensor in states}
        for group in self.groups:
            group.release()
        self.groups, self.updates = [], []

    def _hooks(self, moment: str) -> list[Any]:
        found = [getattr(callback, moment) for callback in self.callbacks]
        return [hook for hook in found if hook.__func__ is not getattr(Callback, moment)]

    def _call(self, moment: str) -> None:
        for hook in self._hooks(moment):
            hook(self)
