"""Signals: figures of a model that are read now and then while it is trained."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from espelho.errors import RunError

__all__ = ["DIVERGED", "EVENT", "FINAL", "Signals"]

FORMAT = 1

EVENT, FINAL = "event", "final"
"""What marks a record of something that happened, and the one of the weights in the end."""

DIVERGED = "diverged"
"""The event of something that was not finite."""


class Signals:
    """What was read of a model, record by record, and what is known of its sizes.

    Parameters
    ----------
    records
        One mapping each time: ``epoch`` (epochs done), ``step`` (batches done), ``stage``, and
        figures by name, a number or a list of numbers. The one with ``final`` is of the weights
        that training ended with; one with ``event`` says what happened.
    facts
        Sizes that do not change: ``features`` of a sample, ``width`` of its code.

    Examples
    --------
    >>> signals = Signals([{"epoch": 1, "step": 8, "stage": "train", "units/dead": 0.25}])
    >>> Signals.from_lines(signals.to_lines()).records == signals.records
    True
    """

    def __init__(
        self, records: Iterable[Mapping[str, Any]] = (), facts: Mapping[str, Any] | None = None
    ) -> None:
        self.records = [dict(record) for record in records]
        self.facts = dict(facts or {})

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        return f"Signals({len(self)} records)"

    def to_lines(self) -> str:
        """Return the signals as JSON: a line with the format version, then one per record."""
        head = {"format": FORMAT, "facts": self.facts}
        return "".join(json.dumps(line) + "\n" for line in (head, *self.records))

    @classmethod
    def from_lines(cls, lines: str) -> "Signals":
        """Return the signals that `to_lines` wrote.

        Parameters
        ----------
        lines
            The lines of a file.

        Raises
        ------
        RunError
            If they are damaged, or of a format version that is not known here.
        """
        try:
            head, *records = [json.loads(line) for line in lines.splitlines()]
            version = head["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(
                f"The signals are damaged ({error}). Remove their file: the doctor then judges by "
                "the history alone."
            ) from None
        if version != FORMAT:
            raise RunError(
                f"The signals are of format {version!r}, and this espelho reads format {FORMAT}. "
                "Read them with the version that wrote them, or remove their file: the doctor "
                "then judges by the history alone."
            )
        return cls(records, head["facts"])
