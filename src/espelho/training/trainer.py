"""The trainer: the only loop, and the only place where weights are moved."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from espelho.training import snapshot as snapshots
from espelho.training.batches import Cuts, Data
from espelho.training.callbacks.base import Callback, hooks
from espelho.training.callbacks.checkpoint import Checkpoint
from espelho.training.divergence import check_finite
from espelho.training.environment.interruption import Interruption, deferred_interruption
from espelho.training.environment.processes import ALONE, Processes, Rendezvous
from espelho.training.environment.randomness import forked
from espelho.training.environment.threads import suitable_threads
from espelho.training.history import History, Record, followed
from espelho.training.optimization.learning_rate import LearningRate
from espelho.training.optimization.optimizers import OPTIMIZERS, complete_options
from espelho.training.optimization.update import Update, prepare_updates
from espelho.training.plan import Stage, Trainable
from espelho.training.recipe import Recipe
from espelho.training.record import epoch_record
from espelho.training.snapshot import Position, Snapshot
from espelho.training.structure import Structure
from espelho.training.validation import Validation
from espelho.training.weights import Kept, agree_on_buffers, is_sharded, load_state, state_of

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
    processes
        Which processes share the batches.
    continued
        Whether the model was trained before, and is trained further.
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
        processes: Processes = ALONE,
        continued: bool = False,
    ) -> None:
        self.model = model
        self.plan = model.continued() if continued else model.plan()
        self.data = data
        self.recipe = recipe
        self.validation = validation
        # Checkpoints come last: they must hold what the others have made of a step.
        self.callbacks = tuple(sorted(callbacks, key=lambda c: isinstance(c, Checkpoint)))
        self.history = History()
        self.position = Position()
        self.processes = processes
        self.groups: Sequence[Any] = []
        self.updates: list[Update] = []
        self.optimizer_state = optimizer_state
        self.device: torch.device = next(model.parameters()).device
        self.shuffle = torch.Generator().manual_seed(seed)
        self.shuffle_state = self.shuffle.get_state()
        self.last_batch_size = 0
        self.batches_per_epoch = 0
        self._seed = seed
        self._interruption = Interruption()
        self._rendezvous = Rendezvous(processes)
        self._stopping = False
        self._stopped = ""
        self.final_optimizer_state: dict[str, Tensor] | None = None
        self._optimizer_options = complete_options(
            recipe.optimizer, recipe.optimizer_options, OPTIMIZERS[recipe.optimizer].options
        )
        rate = recipe.learning_rate, recipe.schedule, recipe.schedule_options
        self._learning_rate = LearningRate(*rate)

    @property
    def monitor(self) -> str:
        """The figure to follow: the recipe's, or the first phase's loss."""
        name = self.stage.phases[0].name
        return self.recipe.monitor or (name if self.validation is None else f"validation/{name}")

    @property
    def stage(self) -> Stage:
        """The stage that the training is in."""
        return self.plan[self.position.stage]

    @property
    def stage_records(self) -> list[Record]:
        """The records of the epochs of this stage."""
        return self.history.records[len(self.history) - self.position.stage_epoch :]

    def epochs(self, stage: Stage) -> int:
        """Return how many epochs a stage is to last."""
        return self.recipe.max_epochs if stage.epochs is None else stage.epochs

    def end_stage(self, reason: str) -> None:
        """End the stage after the current epoch."""
        self.position.ended = reason

    def stop(self, reason: str) -> None:
        """End the training after the current epoch, whatever stages are left."""
        self._stopped = reason

    def snapshot(self) -> Snapshot:
        """Return everything that a resumed training needs."""
        self._check_epoch()
        return snapshots.take(self)

    def model_state(self) -> dict[str, Tensor]:
        """Return a copy of the model's weights and buffers."""
        return state_of(self.model)

    def load_model_state(self, values: Mapping[str, Tensor]) -> None:
        """Put weights and buffers into the model, in place; the others stay."""
        load_state(self.model, values)

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
            stage, or all, for), or ``"interrupted"``.

        Raises
        ------
        DivergenceError
            If a term or a weight is not finite; the last good weights are put back.
        """
        with (
            forked(self._seed + self.processes.rank, self.device),
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
            agree_on_buffers(self.model, self.processes)
        if self._stopping:
            return self._stopped or "interrupted"
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
            if index == len(self.plan) - 1 or self._stopping:
                self._call("on_stop")
            if self._stopping:
                return
            self._call("on_stage_end")
            self._release()

    def _over(self) -> bool:
        done = self.position.stage_epoch >= self.epochs(self.stage)
        return done or bool(self.position.ended) or self._stopping

    def _enter(self, index: int, stage: Stage, resume: Snapshot | None) -> None:
        self.position.stage, self.position.stage_epoch, self.position.turn = index, 0, 0
        self.position.ended = ""
        if resume is not None:
            snapshots.load_model(self, resume)
        elif stage.on_entry is not None:
            stage.on_entry()
        self.processes.align(v for v in self.model.state_dict().values() if not is_sharded(v))
        self.model.eval()
        with forked(self._seed, self.device):  # so that a resumed stage gets the same again
            # The data to learn from last: what a stage takes from data, it takes from this.
            held = self.validation and stage.prepared(self.validation)
            self._stage_data = stage.prepared(self.data)
        self.model.train()
        self._prepare_updates(stage)
        self._structure = Structure(self.model)
        self._held_out = Validation(self._structure, stage, held, self.processes) if held else None
        self._call("on_stage_start")
        if resume is not None:
            snapshots.restore(self, resume)
        self._good = Kept(self.groups, self._structure)

    def _prepare_updates(self, stage: Stage) -> None:
        self.groups, self.updates = prepare_updates(
            self.model, stage, self.recipe, self._optimizer_options, self.processes
        )
        size = stage.batch_size or self.recipe.batch_size
        self._cuts = Cuts.shared(len(self._stage_data), size, self.processes)
        if self.optimizer_state is not None:
            snapshots.load_optimizers(self.updates, self.optimizer_state)
            self.optimizer_state = None
        self._step_hooks = hooks(self.callbacks, "on_step")

    def _run_epoch(self, stage: Stage) -> None:
        position, started = self.position, perf_counter() - self.position.seconds
        cuts, self.shuffle_state = self._cuts, self.shuffle.get_state()
        batches = self._stage_data.arrange(cuts, self.shuffle)
        self.batches_per_epoch = len(batches)
        self._follow_progress(stage)
        updates, every_step = self.updates, self._learning_rate.every_step or stage.progress
        for index in range(position.batch, len(batches)):
            batch, share, n = batches[index], cuts.shares[index], cuts.sizes[index]
            for which in stage.due(turn=position.turn, epoch=position.stage_epoch):
                updates[which](batch, share, n)
            self.last_batch_size = n
            position.batch += 1
            position.turn += 1
            position.step += 1
            position.samples += n
            position.seconds = perf_counter() - started
            if every_step:
                self._follow_progress(stage)
            for hook in self._step_hooks:
                hook(self)
            self._stopping = self._rendezvous.any(self._interruption.requested)
            if self._stopping:
                return
        self._end_epoch()

    def _follow_progress(self, stage: Stage) -> None:
        done = self.position.turn / (self.batches_per_epoch * self.epochs(stage))
        figures = self._followed() if self._learning_rate.follows_figures else ()
        epoch = self.position.stage_epoch
        self._learning_rate.set(self.updates, done=done, epoch=epoch, figures=figures)
        if stage.progress is not None:
            stage.progress(done)

    def _followed(self) -> list[float]:
        asker = f"schedule={self.recipe.schedule!r}"
        return [v for v in followed(self.stage_records, self.monitor, asker) if v is not None]

    def _end_epoch(self) -> None:
        self._check_epoch()
        position = self.position
        record = epoch_record(self, self._learning_rate.value, self._held_out)
        self.history.records.append(record)
        position.epoch += 1
        position.stage_epoch += 1
        position.batch, position.seconds = 0, 0.0
        self.shuffle_state = self.shuffle.get_state()
        self._good.renew()
        self._call("on_epoch_end")
        position.ended, self._stopped = self.processes.first((position.ended, self._stopped))
        self._stopping = self.processes.any(self._interruption.requested) or bool(self._stopped)

    def _check_epoch(self) -> None:
        self._structure.check(self.groups)
        check_finite(self, self._good, self._learning_rate.value)

    def _release(self) -> None:
        if self.updates and not any(map(is_sharded, self.model.parameters())):
            states = snapshots.optimizer_states(self.updates).items()
            self.final_optimizer_state = {name: tensor.clone() for name, tensor in states}
        for group in self.groups:
            group.release()
        self.groups, self.updates = [], []

    def _call(self, moment: str) -> None:
        for hook in hooks(self.callbacks, moment):
            hook(self)
