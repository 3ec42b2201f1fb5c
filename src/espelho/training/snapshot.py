"""A snapshot: everything that a training must know to go on as if it had never stopped."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from espelho.errors import EspelhoWarning, RunError
from espelho.training.callbacks.base import Callback
from espelho.training.environment.processes import Processes
from espelho.training.environment.randomness import load_random_states, random_states
from espelho.training.history import History
from espelho.training.optimization.update import Update
from espelho.training.weights import full, load_state

if TYPE_CHECKING:
    from espelho.training.trainer import Trainer

__all__ = ["Position", "Snapshot", "restore", "take"]


@dataclass(slots=True)
class Position:
    """Where a training stands.

    Attributes
    ----------
    stage
        Index of the stage.
    epoch, stage_epoch
        Epochs completed, in all and in this stage.
    batch
        Batches of the current epoch that are done.
    step, turn
        Batches done, in all and in this stage.
    samples
        Samples seen.
    seconds
        Time spent in the current epoch.
    ended
        Why the stage was ended before its last epoch, or nothing.
    """

    stage: int = 0
    epoch: int = 0
    stage_epoch: int = 0
    batch: int = 0
    step: int = 0
    turn: int = 0
    samples: int = 0
    seconds: float = 0.0
    ended: str = ""


class Snapshot(NamedTuple):
    """JSON values and tensors by name."""

    values: dict[str, Any]
    tensors: dict[str, Tensor]


def take(trainer: "Trainer") -> Snapshot:
    """Return a snapshot of a training between two batches.

    Parameters
    ----------
    trainer
        The trainer; its tensors are referred to, not copied.
    """
    states = {name: c.state() for name, c in _callback_names(trainer.callbacks).items()}
    callbacks = {name: state for name, state in states.items() if any(state)}
    terms = {u.phase.name: _all_terms(u, trainer.processes) for u in trainer.updates}
    values = {
        "position": asdict(trainer.position),
        "history": trainer.history.records,
        "terms": {u.phase.name: [u.terms, terms[u.phase.name][1]] for u in trainer.updates},
        "callbacks": {name: kept for name, (kept, _) in callbacks.items()},
        "processes": trainer.processes.size,
    }
    tensors = _named("model", {n: full(v) for n, v in trainer.model.state_dict().items()})
    tensors |= _own_states(trainer)
    tensors["shuffle"] = trainer.shuffle_state
    tensors |= _named("optimizer", optimizer_states(trainer.updates))
    tensors |= {f"terms/{name}": recorded for name, (recorded, _) in terms.items()}
    for name, (_, kept) in callbacks.items():
        tensors |= _named(f"callback/{name}", kept)
    return Snapshot(values, tensors)


def restore(trainer: "Trainer", snapshot: Snapshot) -> None:
    """Put a trainer, which has entered the snapshot's stage, where the snapshot stands.

    Raises
    ------
    RunError
        If the snapshot is of a training with other networks, phases or callbacks.
    """
    values, tensors = snapshot
    trainer.position = replace(Position(), **values["position"])
    trainer.history = History(values["history"])
    trainer.shuffle.set_state(tensors["shuffle"])
    load_optimizers(trainer.updates, _below("optimizer", tensors))
    for update in trainer.updates:
        name = update.phase.name
        terms, sizes = values["terms"][name]
        # Each process takes an equal part of what all have recorded.
        parts = [size / trainer.processes.size for size in sizes]
        update.load_recorded(terms, tensors[f"terms/{name}"], parts)
    _restore_callbacks(trainer, snapshot)
    _restore_own_states(trainer, snapshot)


def _all_terms(update: Update, processes: Processes) -> tuple[Tensor, list[float]]:
    """Return the terms of the epoch so far, and the batches' sizes, over all processes."""
    values, sizes = update.recorded()
    if processes.alone or not sizes:
        return values, sizes
    n = torch.tensor(sizes, dtype=torch.float64)
    total = processes.add(n.clone())
    means = processes.add(values.cpu().double() * n[:, None]) / total[:, None]
    return means.to(values.dtype), total.tolist()


def _own_states(trainer: "Trainer") -> dict[str, Tensor]:
    """Return what differs between processes: random streams, and statistics of batches."""
    states = trainer.processes.gather(_own_state(trainer))
    named = _named("random", _below("random", states[0]))
    for rank, state in enumerate(states[1:], start=1):
        named |= _named(f"process-{rank}", state)
    return named


def _own_state(trainer: "Trainer") -> dict[str, Tensor]:
    states = _named("random", random_states(trainer.device))
    if not trainer.processes.alone:
        states |= _named("buffers", {n: b.cpu() for n, b in trainer.model.named_buffers()})
    return states


def _restore_own_states(trainer: "Trainer", snapshot: Snapshot) -> None:
    rank, size = trainer.processes.rank, trainer.processes.size
    before = snapshot.values["processes"]
    if before != size and trainer.processes.leads:
        warnings.warn(
            f"The run was trained by {before} process{'es' * (before > 1)} and goes on with "
            f"{size}: its weights will be those of an uninterrupted run up to rounding only.",
            EspelhoWarning,
            stacklevel=2,
        )
    tensors = snapshot.tensors if rank == 0 else _below(f"process-{rank}", snapshot.tensors)
    if random := _below("random", tensors):
        load_random_states(random, trainer.device)
    if rank and before == size:
        load_state(trainer.model, _below("buffers", tensors))


def _restore_callbacks(trainer: "Trainer", snapshot: Snapshot) -> None:
    named = _callback_names(trainer.callbacks)
    for name, values in snapshot.values["callbacks"].items():
        if name not in named:
            raise RunError(
                f"The run was started with the callback {name}, which has kept something and is "
                f"missing now; there are {list(named) or 'none'}. Resume it with the same ones."
            )
        kept = _below(f"callback/{name}", snapshot.tensors)
        named[name].load(values, {n: t.to(trainer.device) for n, t in kept.items()})


def _callback_names(callbacks: Sequence[Callback]) -> dict[str, Callback]:
    counts: dict[str, int] = {}
    named = {}
    for callback in callbacks:
        kind = type(callback).__name__
        counts[kind] = counts.get(kind, 0) + 1
        named[f"{kind}-{counts[kind]}"] = callback
    return named


def load_model(trainer: "Trainer", snapshot: Snapshot) -> None:
    """Put the weights and buffers of a snapshot into the trainer's model, in place."""
    saved = _below("model", snapshot.tensors)
    expected = trainer.model.state_dict()
    if saved.keys() != expected.keys() or any(saved[n].shape != expected[n].shape for n in saved):
        raise RunError(
            "The checkpoint is of another network than the settings describe. The first that "
            f"differ: {sorted(saved.keys() ^ expected.keys())[:3] or 'shapes'}."
        )
    load_state(trainer.model, saved)


def optimizer_states(updates: Sequence[Update]) -> dict[str, Tensor]:
    """Return the running averages of every phase's optimiser, ``phase/parameter/slot``."""
    states: dict[str, Tensor] = {}
    for update in updates:
        states |= _named(update.phase.name, update.optimizer.state())
    return states


def load_optimizers(updates: Sequence[Update], states: Mapping[str, Tensor]) -> None:
    """Take over what `optimizer_states` returned."""
    for update in updates:
        update.optimizer.load(_below(update.phase.name, states))


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": tensor for name, tensor in tensors.items()}


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}/"
    return {n.removeprefix(start): t for n, t in tensors.items() if n.startswith(start)}
