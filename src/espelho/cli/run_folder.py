"""Run folders: found a free name for, claimed, and given back where a fit comes to nothing."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from espelho.errors import FileError

__all__ = ["checkpoint", "claimed", "run_folder"]


class _Written(Protocol):
    """What says in a run folder what it is about."""

    def write(self, run: Path) -> None: ...


def run_folder(folder: str | None, model: str, data: str, *, force: bool) -> Path:
    """Return the run folder to make; without a name, one that is claimed by making it."""
    if folder is None:
        return _numbered(Path("runs", f"{model}-{data}"))
    path = Path(folder)
    if path.exists() and any(path.iterdir() if path.is_dir() else [path]):
        if not (path / "estimator.json").exists():
            raise FileError(f"{path} exists and is no run folder. Choose another --run.")
        if not force:
            raise FileError(
                f"{path} holds a run already. Choose another --run, or replace it with --force."
            )
        return path
    path.mkdir(parents=True, exist_ok=True)
    return path


def _numbered(stem: Path) -> Path:
    stem.parent.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        path = stem.with_name(f"{stem.name}-{number}")
        with suppress(FileExistsError):
            path.mkdir()
            return path
    raise FileError(f"There is no free name left like {stem}-1.")


def checkpoint(run: Path) -> Any:
    """Return what keeps a training in its run folder."""
    from espelho.training.callbacks.checkpoint import Checkpoint

    return Checkpoint(str(run))


@contextmanager
def claimed(run: Path, job: _Written) -> Iterator[None]:
    """Empty a run's folder; what was there comes back if the new run leaves no checkpoint."""
    replaced = (run / "estimator.json").exists()
    old = run.with_name(f".espelho-{secrets.token_hex(8)}.old") if replaced else None
    try:
        if old is not None:
            run.rename(old)
            run.mkdir()
        job.write(run)
        yield
    except BaseException:
        if not any(run.glob("checkpoints/*.json")):
            shutil.rmtree(run, ignore_errors=True)
            if old is not None:
                old.rename(run)
                old = None
        raise
    finally:
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
