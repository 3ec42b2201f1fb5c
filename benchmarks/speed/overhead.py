"""Overhead: what the trainer adds to the updates that it makes."""

import io
from contextlib import AbstractContextManager, nullcontext, redirect_stderr
from dataclasses import replace
from statistics import median
from time import process_time, thread_time

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
CPU time, medians of {ROUNDS} rounds in turn, {EPOCHS} epochs of {REGIME.steps} steps each, on one
thread. The bare loop makes the same updates on batches that are there already, epoch by epoch in
turn with the trainer; that also shuffles, keeps count, checks for divergence and writes the
history."""


class _Terminal(io.StringIO):
    """A terminal that nobody looks at."""

    def isatty(self) -> bool:
        return True


class _Clock(Callback):
    """After each of the trainer's epochs make its updates once more, in a bare loop.

    So both meet the same noise of the machine. The bare loop is charged with its own thread
    only, the trainer also with that of the progress bar.
    """

    def on_stage_start(self, trainer: Trainer) -> None:
        self.batches = trainer.data.arrange(Cuts(len(trainer.data), REGIME.batch_size))
        self.bare = self.trained = self.resumed = 0.0

    def on_epoch_end(self, trainer: Trainer) -> None:
        if self.resumed:  # not the first epoch
            self.trained += process_time() - self.resumed
            self.bare += self._bare_epoch(trainer)
        self.resumed = process_time()

    def _bare_epoch(self, trainer: Trainer) -> float:
        (update,) = trainer.updates
        started = thread_time()
        for batch in self.batches:
            update(batch)
        seconds = thread_time() - started
        update.clear()
        return seconds


def measure() -> Section:
    """Return the microseconds of a step in a bare loop, in the trainer, and under a live bar."""
    rounds = [(*_run(()), *_run((Progress(),), _Terminal())) for _ in range(ROUNDS + 1)][1:]
    bare, alone, _, watched = (median(found) for found in zip(*rounds, strict=True))
    added = median(round_[1] - round_[0] for round_ in rounds)
    added_watched = median(round_[3] - round_[2] for round_ in rounds)
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
    steps = EPOCHS * REGIME.steps
    return clock.bare / steps * 1e6, clock.trained / steps * 1e6
