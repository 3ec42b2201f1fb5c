"""Several processes with one voice: the first writes and prints, an error is said once."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from espelho.training.environment.launcher import launched

if TYPE_CHECKING:
    from espelho.training.environment.processes import Processes

__all__ = ["say", "together"]

_PATIENCE = timedelta(seconds=5)


@contextmanager
def together(parallel: str | None) -> "Iterator[Processes | None]":
    """Join the processes that were started together; nothing where there is one.

    Parameters
    ----------
    parallel
        The setting of this name: ``none`` for each process by itself.
    """
    if parallel == "none" or not launched():
        yield None  # and torch is not imported before the data was found
        return
    from espelho.training.environment.processes import joined

    with joined() as processes:
        yield processes


def say(text: str) -> None:
    """Write a line to the standard error stream, once if several processes say the same.

    Parameters
    ----------
    text
        The line.
    """
    if not launched() or _first_to_say(text):
        click.echo(text, err=True)


def _first_to_say(text: str) -> bool:
    from torch.distributed import TCPStore  # type: ignore[attr-defined]

    try:
        # The launcher keeps it, so it is there also when other processes have ended.
        store = TCPStore(
            os.environ["MASTER_ADDR"],
            int(os.environ["MASTER_PORT"]),
            is_master=False,
            timeout=_PATIENCE,
        )
        said = store.add(f"espelho/said/{hashlib.sha256(text.encode()).hexdigest()}", 1)
    except (RuntimeError, KeyError, ValueError):
        return True
    return int(said) == 1
