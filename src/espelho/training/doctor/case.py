"""The case: a history and signals as rules ask for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from espelho.training.doctor.signals import EVENT, FINAL, Signals
from espelho.training.history import FACTS, monitored

__all__ = ["SETS", "CannotJudge", "Case", "Finding", "Reading", "Rule"]

_OF_THE_END = 3
"""Last readings that must agree, so that one bad moment of a game is no verdict."""


SETS = ("A", "B")
"""What the signals of the sets of a translator end with, after an underscore."""


class CannotJudge(Exception):  # noqa: N818 it is no error
    """What a rule needs was not recorded; the message says why."""


class Reading(NamedTuple):
    """A signal at a time.

    Attributes
    ----------
    epoch, step
        When it was read.
    value
        What it was.
    """

    epoch: int
    step: int | None
    value: Any


class Finding(NamedTuple):
    """What a rule has found.

    Attributes
    ----------
    reading
        Since when.
    evidence
        The figures by name.
    said
        What they mean.
    """

    reading: Reading
    evidence: Mapping[str, float]
    said: str


class Rule(NamedTuple):
    """One illness, and how it is looked for.

    Attributes
    ----------
    name
        What it is called.
    needs
        The signals without which it has no meaning: a model that shows none of them cannot have
        it. None for what the history alone tells.
    look
        From a case to what was found, or nothing; may raise `CannotJudge`.
    remedy
        Which setting to change.
    """

    name: str
    needs: tuple[str, ...]
    look: "Callable[[Case], Finding | None]"
    remedy: str


class Case:
    """What the doctor is told of a training: of its last stage, which made the weights.

    Parameters
    ----------
    history
        One record per epoch.
    signals
        What was read now and then; ``None`` where nothing was.
    """

    def __init__(
        self, history: Iterable[Mapping[str, Any]], signals: Signals | None = None
    ) -> None:
        records = list(history)
        self._records = records
        self.history = _of_the_last_stage(records)
        self.signals = signals or Signals()
        self.events = [r for r in self.signals.records if EVENT in r]
        read = _of_the_last_stage([r for r in self.signals.records if EVENT not in r])
        self.read = [r for r in read if FINAL not in r]
        self.final = next((r for r in read if FINAL in r), None)

    def series(self, name: str) -> list[Reading]:
        """Return a signal over the training, without that of the weights in the end."""
        return [_reading(r, name) for r in self.read if name in r]

    def last(self, name: str) -> Reading | None:
        """Return a signal of the weights that training ended with, or the last that was read."""
        if self.final is not None and name in self.final:
            return _reading(self.final, name)
        return next(iter(self.series(name)[::-1]), None)

    def ill(self, name: str, wrong: Callable[[Any], bool]) -> Reading | None:
        """Return since when a signal is wrong, if it is in the end.

        In the end means in the last readings during training, or of the weights that training
        ended with.

        Parameters
        ----------
        name
            The signal.
        wrong
            Whether a value of it is.
        """
        readings = self.series(name)
        end = self.last(name)
        if end is None:
            return None
        recent = readings[-_OF_THE_END:]
        if not wrong(end.value) and not (recent and all(wrong(r.value) for r in recent)):
            return None
        since = end
        for reading in readings[::-1]:
            if not wrong(reading.value):
                break
            since = reading
        return since

    @property
    def translates(self) -> bool:
        """Whether it is of a translator."""
        return bool(self.signals.facts.get("translates"))

    @cached_property
    def sets(self) -> "dict[str, Case]":
        """By their names, the cases of two sets of which signals tell, else none.

        The signals of a set have lost its name: ``samples/diversity_A`` is there the signal
        ``samples/diversity`` of A.
        """
        records = self.signals.records
        named = [n for n in SETS if any(name.endswith(f"_{n}") for r in records for name in r)]
        return {name: self._of(name) for name in named}

    def _of(self, chosen: str) -> "Case":
        own, others = f"_{chosen}", tuple(f"_{name}" for name in SETS if name != chosen)
        records = [
            {name.removesuffix(own): r[name] for name in r if not name.endswith(others)}
            for r in self.signals.records
        ]
        return Case(self._records, Signals(records, self.signals.facts))

    def phases(self) -> dict[str, list[str]]:
        """Return the terms that were recorded of each phase in training."""
        found: dict[str, list[str]] = {}
        for name in self.history[-1] if self.history else ():
            phase, _, term = name.rpartition("/")
            if name not in FACTS and term and "/" not in phase:
                found.setdefault(phase, []).append(term)
        return found

    def curve(self, name: str) -> Sequence[Reading]:
        """Return a figure of the history, or the sum of those below a name, by epoch."""
        values = [(r["epoch"], monitored(r, name)) for r in self.history]
        return [Reading(e, self.step_of(e), v) for e, v in values if v is not None]

    def step_of(self, epoch: int) -> int | None:
        """Return the batches that were done after so many epochs, if signals tell."""
        known = [(0, 0), *((r["epoch"], r["step"]) for r in self.signals.records if "step" in r)]
        if len(known) == 1:
            return None
        epochs, steps = zip(*known, strict=True)
        return round(float(np.interp(epoch, epochs, steps)))


def _reading(record: Mapping[str, Any], name: str) -> Reading:
    return Reading(record["epoch"], record["step"], record[name])


def _of_the_last_stage(records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    stages = [record.get("stage") for record in records]
    first = len(records)
    while first and stages[first - 1] == stages[-1]:
        first -= 1
    return list(records[first:])
