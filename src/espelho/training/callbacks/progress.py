"""Progress: a live line with the epoch, the losses and the time that is left."""

import sys
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from espelho.training.callbacks.base import Callback
from espelho.training.history import FACTS, Record

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from espelho.training.trainer import Trainer

__all__ = ["Progress"]

_REFRESH_SECONDS = 0.1
_WIDTH = 24
"""Characters of the bar itself."""

_BESIDE = _WIDTH + len(" 0:00:00") + len("  ")
"""Characters beside the title and the figures; what does not fit is cut off the figures."""


@dataclass(eq=False)
class Progress(Callback):
    """Show how far the training is, on the standard error stream.

    On a terminal a live bar; in a notebook one line that is written over; otherwise
    nothing, or a line per epoch where ``lines`` is set.

    Parameters
    ----------
    lines
        Write one plain line per epoch instead, wherever the stream goes.
    """

    lines: bool = False

    def on_train_start(self, trainer: "Trainer") -> None:
        """Open the bar."""
        self._total = trainer.position.epoch + sum(trainer.epochs(stage) for stage in trainer.plan)
        self._bar: Bar | None = None
        self._next = 0.0
        self._text = ""
        if not self.lines and sys.stderr.isatty():
            self._bar = _bar()
            self._task = self._bar.add_task("training", total=float(self._total), figures="")
            self._bar.start()

    def on_step(self, trainer: "Trainer") -> None:
        """Move the bar, ten times a second at most."""
        now = monotonic()
        if self._bar is None or now < self._next:
            return
        self._next = now + _REFRESH_SECONDS
        position = trainer.position
        share = position.batch / trainer.batches_per_epoch
        self._bar.update(
            self._task,
            completed=position.epoch + share,
            description=self._title(trainer, position.epoch + 1),
        )

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Show the figures of the epoch."""
        record = trainer.history.records[-1]
        self._text = _figures(record)
        epoch = trainer.position.epoch
        if self._bar is not None:
            beside = len(self._bar.tasks[0].description) + _BESIDE
            room = max(0, self._bar.console.width - beside)
            figures = self._text if len(self._text) <= room else f"{self._text[: room - 1]}…"
            self._bar.update(self._task, completed=epoch, figures=figures)
        elif self.lines:
            sys.stderr.write(f"{self._title(trainer, epoch)}  {self._text}\n")
        elif _in_notebook() and (monotonic() >= self._next or epoch == self._total):
            self._next = monotonic() + _REFRESH_SECONDS
            sys.stderr.write(f"\r{self._title(trainer, epoch)}  {self._text}")
            sys.stderr.flush()

    def on_exit(self, trainer: "Trainer") -> None:
        """Close the bar; what it showed last stays."""
        if self._bar is not None:
            done = trainer.position.epoch
            self._bar.update(self._task, completed=done, description=self._title(trainer, done))
            self._bar.stop()
        elif not self.lines and _in_notebook():
            sys.stderr.write("\n")

    def _title(self, trainer: "Trainer", epoch: int) -> str:
        several = len(trainer.plan) > 1
        stage = f"{trainer.stage.name} " if several else ""
        return f"{stage}epoch {min(epoch, self._total)}/{self._total}"


def _bar() -> "Bar":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=_WIDTH),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[figures]}", markup=False),
        console=Console(stderr=True),
    )


def _figures(record: Record) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in record.items() if name not in FACTS)


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
