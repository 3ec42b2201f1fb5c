"""Saving: a fitted estimator, or one whose training leaves checkpoints, into a folder."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espelho.data.writing import atomic_file
from espelho.errors import DataError, FileError, RunError
from espelho.estimators.runs.detectors import DETECTOR, write_detector
from espelho.estimators.runs.facts import FACTS, Status, describe, read_facts, write_facts
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.checkpoint import Checkpoint

if TYPE_CHECKING:
    from espelho.estimators.data.parts import Part

__all__ = ["HISTORY", "LEARNED", "SIGNALS", "WEIGHTS", "begin", "finish", "note", "save"]

WEIGHTS, HISTORY, SIGNALS = "weights.safetensors", "history.jsonl", "signals.jsonl"
LEARNED = "learned/"
"""What the names of arrays begin with that were learned besides the weights and the scaling."""


def save(estimator: Any, path: Path, *, overwrite: bool, detector: Any = None) -> Path:
    """Write a fitted estimator into a folder of its own; see `Estimator.save`.

    Parameters
    ----------
    estimator, path, overwrite
        As there.
    detector
        The detector around it, if it is one's.
    """
    if path.exists() and not overwrite:
        raise FileError(
            f"{path} exists already. Choose another folder, or say overwrite=True to replace it."
        )
    if path.exists() and not (path / FACTS).exists():
        raise FileError(f"{path} is no run folder, so it is not replaced. Choose another name.")
    if path.exists():
        # What else is in the folder, a report or checkpoints, stays; the facts come last and
        # hold the hash of the weights they belong to.
        data = read_facts(path)["data"]
        _save_beside(estimator, path, detector)
        _write(estimator, path, "fitted", data)
        return path
    aside = path.with_name(f".espelho-{secrets.token_hex(8)}.tmp")
    try:
        aside.mkdir(parents=True)
        _save_beside(estimator, aside, detector)
        _write(estimator, aside, "fitted", {})
        aside.replace(path)
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return path


def _save_beside(estimator: Any, path: Path, detector: Any) -> None:
    estimator._save_parts(path)
    if detector is not None:
        write_detector(path, detector)
    else:
        (path / DETECTOR).unlink(missing_ok=True)


def begin(estimator: Any, part: "Part", callbacks: Sequence[Callback], *, resuming: bool) -> None:
    """Describe a training in the run folder of each of its checkpoints.

    Raises
    ------
    FileError
        If a folder holds a run already that is not the one to resume.
    DataError
        If the data is not that of the run to resume.
    """
    for path in _run_folders(callbacks):
        data = {"fingerprint": part.fingerprint(), "rows": len(part)}
        if (path / FACTS).exists():
            if not resuming:
                raise FileError(
                    f"{path} holds a run already. Choose another folder, remove it, or go on with "
                    f"it by espelho.resume({str(path)!r}, X)."
                )
            _check_same_data(path, data)
            for half_written in path.glob(".espelho-*.tmp"):
                half_written.unlink()
        path.mkdir(parents=True, exist_ok=True)
        if not resuming:
            estimator._save_parts(path)
        write_facts(path, describe(estimator, "training", data))


def finish(estimator: Any, callbacks: Sequence[Callback]) -> None:
    """Complete the run folder of each checkpoint."""
    for path in _run_folders(callbacks):
        interrupted = estimator.stop_reason_ == "interrupted"
        _write(
            estimator, path, "interrupted" if interrupted else "fitted", read_facts(path)["data"]
        )


def note(estimator: Any, callbacks: Sequence[Callback]) -> None:
    """Leave the records of a training that failed in the run folder of each checkpoint."""
    for path in _run_folders(callbacks):
        _write_records(estimator, path)


def _write_records(estimator: Any, path: Path) -> None:
    with atomic_file(path / HISTORY) as file:
        file.write(estimator.history_.to_lines().encode())
    if not hasattr(estimator, "signals_"):
        (path / SIGNALS).unlink(missing_ok=True)
        return
    with atomic_file(path / SIGNALS) as file:
        file.write(estimator.signals_.to_lines().encode())


def _run_folders(callbacks: Sequence[Callback]) -> list[Path]:
    return [Path(c.run) for c in callbacks if isinstance(c, Checkpoint)]


def _check_same_data(path: Path, data: Mapping[str, Any]) -> None:
    before = read_facts(path)["data"]
    if "fingerprint" not in before:
        raise RunError(
            f"{path} was made by save() and has no checkpoints to go on from. Load it and call "
            "partial_fit, or fit with warm_start=True."
        )
    if before["fingerprint"] != data["fingerprint"]:
        raise DataError(
            f"The data is not what {path} was started with ({before['rows']} rows then, "
            f"{data['rows']} now, and another content). Resume it with the same data, or start "
            "a new run."
        )


def _write(estimator: Any, path: Path, status: Status, data: Mapping[str, Any]) -> None:
    import torch
    from safetensors.torch import save as to_bytes

    state = estimator.model_.state_dict().items()
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in state}
    tensors["scaling/shift"] = torch.tensor(estimator.scaling_.shift)
    tensors["scaling/scale"] = torch.tensor(estimator.scaling_.scale)
    if estimator.scaling_.stand_ins is not None:
        tensors["scaling/stand_ins"] = torch.tensor(estimator.scaling_.stand_ins)
    for name, values in estimator._learned_arrays().items():
        tensors[f"{LEARNED}{name}"] = torch.tensor(values)
    content = to_bytes(tensors)
    with atomic_file(path / WEIGHTS) as file:
        file.write(content)
    _write_records(estimator, path)
    digest = hashlib.sha256(content).hexdigest()
    write_facts(path, describe(estimator, status, data) | {"weights_sha256": digest})
