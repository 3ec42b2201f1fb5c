"""Checkpoints: snapshots on disk, whole or not at all."""

import hashlib
import json
import warnings
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from espelho.data.writing import atomic_file
from espelho.errors import EspelhoWarning, RunError, SettingError
from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from espelho.training.snapshot import Snapshot
    from espelho.training.trainer import Trainer

__all__ = ["Checkpoint", "read_newest", "write_checkpoint"]

FORMAT = 2


@dataclass(eq=False)
class Checkpoint(Callback):
    """Save the training now and then, so that it can be resumed without losing a bit.

    A checkpoint is two files in ``run/checkpoints``: the tensors, and then the JSON that
    holds the SHA-256 of both and makes them count. Both are written aside, flushed and
    renamed.

    Parameters
    ----------
    run
        The run folder.
    every_seconds
        Save after the first batch that ends so long after the last save.
    every_steps
        Save after so many batches besides; ``None`` for no such rule.
    keep
        How many of the newest checkpoints are kept.
    """

    run: str | Path
    every_seconds: float = 30.0
    every_steps: int | None = None
    keep: int = 2

    def __post_init__(self) -> None:
        steps = 1 if self.every_steps is None else self.every_steps
        if self.keep < 1 or self.every_seconds < 0 or steps < 1:
            raise SettingError(
                "Checkpoint needs keep and every_steps of at least 1 and every_seconds of at "
                f"least 0, got {self.keep}, {self.every_steps} and {self.every_seconds}."
            )

    @property
    def folder(self) -> Path:
        """Where the checkpoints are."""
        return Path(self.run) / "checkpoints"

    def on_train_start(self, trainer: "Trainer") -> None:
        """Make the folder and start the clock."""
        if trainer.processes.leads:
            self.folder.mkdir(parents=True, exist_ok=True)
        self._last = monotonic()
        from espelho.training.environment.processes import Rendezvous

        self._rendezvous = Rendezvous(trainer.processes)

    def on_step(self, trainer: "Trainer") -> None:
        """Save if it is time to."""
        by_steps = self.every_steps and trainer.position.step % self.every_steps == 0
        by_time = self._rendezvous.any(monotonic() - self._last >= self.every_seconds)
        if by_steps or by_time:
            self.on_stop(trainer)

    def on_stop(self, trainer: "Trainer") -> None:
        """Save the last state of the training."""
        snapshot = trainer.snapshot()
        if trainer.processes.leads:
            write_checkpoint(self.folder, snapshot, keep=self.keep)
        self._last = monotonic()


def write_checkpoint(folder: Path, snapshot: "Snapshot", *, keep: int) -> Path:
    """Write a snapshot and remove the oldest ones beyond those to keep.

    Parameters
    ----------
    folder
        An existing folder.
    snapshot
        What to write.
    keep
        How many checkpoints stay.

    Returns
    -------
    Path
        The JSON file that makes the checkpoint count.
    """
    from safetensors.torch import save

    tensors = {name: value.detach().contiguous() for name, value in snapshot.tensors.items()}
    content = save(_untied(tensors))
    path = _free_name(folder, snapshot.values["position"]["step"])
    with atomic_file(path.with_suffix(".safetensors")) as file:
        file.write(content)
    digest = _digest(content, snapshot.values)
    facts = {"format": FORMAT, "sha256": digest, **snapshot.values}
    with atomic_file(path) as file:
        file.write(json.dumps(facts).encode())
    _tidy(folder, path, keep)
    return path


def _free_name(folder: Path, step: int) -> Path:
    # Never over a checkpoint that counts: it would be neither while it is replaced.
    names = (folder / f"{step:010d}-{n:03d}.json" for n in count())
    return next(path for path in names if not path.exists())


def _tidy(folder: Path, newest: Path, keep: int) -> None:
    # Besides the older ones: what a resumed training has gone back behind, and what was
    # being written when a process was killed.
    older = [path for path in _newest_first(folder) if path.name < newest.name]
    kept = {path.stem for path in (newest, *older[: keep - 1])}
    for path in folder.iterdir():
        ours = path.suffix in (".json", ".safetensors") or path.name.startswith(".espelho-")
        if ours and path.stem not in kept:
            path.unlink(missing_ok=True)


def _digest(content: bytes, values: "dict[str, Any]") -> str:
    return hashlib.sha256(content + json.dumps(values).encode()).hexdigest()


def read_newest(folder: Path) -> "Snapshot | None":
    """Return the newest checkpoint that is whole, or nothing if there is none at all.

    A damaged one is passed over with a warning.

    Parameters
    ----------
    folder
        The checkpoints' folder.

    Raises
    ------
    RunError
        If there are checkpoints and all of them are damaged.
    """
    found = _newest_first(folder)
    for path in found:
        try:
            return _read(path)
        except (RunError, OSError, ValueError) as error:
            warnings.warn(
                f"The checkpoint {path.name} is damaged ({error}); the one before is used.",
                EspelhoWarning,
                stacklevel=2,
            )
    if found:
        raise RunError(
            f"All {len(found)} checkpoints in {folder} are damaged; the run cannot be resumed. "
            "Start it again with fit."
        )
    return None


def _read(path: Path) -> "Snapshot":
    from safetensors.torch import load

    from espelho.training.snapshot import Snapshot

    values: dict[str, Any] = json.loads(path.read_bytes())
    content = path.with_suffix(".safetensors").read_bytes()
    if values.pop("format", None) != FORMAT:
        raise RunError(f"it is not of checkpoint format {FORMAT}")
    if values.pop("sha256", None) != _digest(content, values):
        raise RunError("its content is not what was written")
    return Snapshot(values, load(content))


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), reverse=True) if folder.is_dir() else []


def _untied(tensors: "dict[str, Any]") -> "dict[str, Any]":
    # safetensors refuses two names for one memory; the snapshot is small beside training.
    seen: set[int] = set()
    return {name: _own_memory(value, seen) for name, value in tensors.items()}


def _own_memory(value: Any, seen: set[int]) -> Any:
    pointer = value.untyped_storage().data_ptr()
    if pointer in seen:
        return value.clone()
    seen.add(pointer)
    return value
