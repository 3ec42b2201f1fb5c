"""Overhead: what the trainer adds to the updates that it makes."""

import io
from contextlib import AbstractContextManager, nullcontext, redirect_stderr
from dataclasses import replace
from statistics import median
from time import process_time

import torch

from benchmarks.speed.contestants import trainer
from benchmarks.speed.page import Section, Table, at_most
from benchmarks.speed.regimes import DIGITS
from espelho.training.batches import Cuts
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.progress import Progress
from espelho.training.trainer import Trainer

__all__ = ["measure"]

REGIME = replace(DIGITS, steps=56)
"""Epochs as long as those of the 1,797 digits: what is done once per epoch counts too."""

EPOCHS, ROUNDS = 25, 9
NOTE = f"""\
CPU time, medians of {ROUNDS} rounds in turn of {EPOCHS} epochs with {REGIME.steps} steps each, on
one thread. The bare loop makes the same updates on batches that are there already; the trainer
shuffles, keeps count, checks for divergence, and writes the history."""


class _Terminal(io.StringIO):
    """A terminal that nobody looks at."""

    def isatty(self) -> bool:
        return True


class _Clock(Callback):
    """Time the trainer's epochs after the first, and in the end its updates in a bare loop."""

    def __init__(self) -> None:
        self.marks: list[float] = []
        self.bare = 0.0

    def on_epoch_end(self, trainer: Trainer) -> None:  # noqa: ARG002
        self.marks.append(process_time())

    def on_stop(self, trainer: Trainer) -> None:
        cuts = Cuts(len(trainer.data), REGIME.batch_size)
        batches = trainer.data.arrange(cuts, torch.Generator().manual_seed(0))
        (update,) = trainer.updates
        started = process_time()
        for _ in range(EPOCHS):
            for batch in batches:
                update(batch)
            update.clear()
        self.bare = (process_time() - started) / EPOCHS


def measure() -> Section:
    """Return the microseconds of a step bare, in the trainer, and under a live bar."""
    rounds = [(*_run(()), _run((Progress(),), _Terminal())[1]) for _ in range(ROUNDS + 1)][1:]
    bare, alone, watched = (median(found) for found in zip(*rounds, strict=True))
    added, added_watched = (median(r[i] - r[0] for r in rounds) for i in (1, 2))
    rows = {
        "bare loop over the updates": (bare, None),
        "trainer without callbacks": (alone, added),
        "trainer with a live progress bar": (watched, added_watched),
    }
    table = Table(REGIME.title, {"us/step": ".0f", "added": ".1f"}, rows)
    bars = (
        at_most("trainer without callbacks, us/step added", 20, added),
        at_most("trainer with progress and history, us/step added", 50, added_watched),
    )
    return Section("What the trainer adds to a step", NOTE, (table,), bars)


def _run(callbacks: tuple[Callback, ...], stream: _Terminal | None = None) -> tuple[float, float]:
    """Return the microseconds of a step, bare and in the trainer."""
    clock = _Clock()
    shown: AbstractContextManager[object] = redirect_stderr(stream) if stream else nullcontext()
    with shown:
        trainer(REGIME, callbacks=(clock, *callbacks), epochs=EPOCHS + 1).run()
    watched = (clock.marks[-1] - clock.marks[0]) / EPOCHS
    return clock.bare / REGIME.steps * 1e6, watched / REGIME.steps * 1e6
