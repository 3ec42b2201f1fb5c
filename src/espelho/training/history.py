"""The history of a training: one record per epoch."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import SettingError

__all__ = ["History", "Record"]

Record = dict[str, Any]
"""``epoch`` (from 1), ``stage``, ``seconds``, and ``phase/term`` -> value."""

FACTS = ("epoch", "stage", "seconds", "learning_rate")
"""What a record holds besides figures."""


class History:
    """Records of the epochs, and the figures in them as arrays.

    Parameters
    ----------
    records
        One mapping per epoch.

    Examples
    --------
    >>> history = History([{"epoch": 1, "stage": "train", "seconds": 0.1, "fit/error": 2.0}])
    >>> history["fit/error"]
    array([2.])
    >>> history.figures
    ('fit/error',)
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: list[Record] = list(records)

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __repr__(self) -> str:
        return f"History({len(self)} epochs; {', '.join(self.figures)})"

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of everything recorded besides epoch, stage, seconds and learning rate."""
        found = {name: None for record in self.records for name in record}
        return tuple(name for name in found if name not in FACTS)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Return a figure over the epochs, NaN where it was not recorded.

        Parameters
        ----------
        name
            A figure, or the beginning of several (``reconstruct``), whose sum is returned.
        """
        if self.records and all(monitored(record, name) is None for record in self.records):
            raise KeyError(
                f"No figure {name!r} was recorded. There are: {', '.join(self.figures)}."
            )
        values = [monitored(record, name) for record in self.records]
        return np.array([math.nan if value is None else value for value in values])

    def to_lines(self) -> str:
        """Return the history as JSON, a line per epoch."""
        return "".join(json.dumps(record) + "\n" for record in self.records)

    @classmethod
    def from_lines(cls, lines: str) -> "History":
        """Return the history that `to_lines` wrote."""
        return cls(json.loads(line) for line in lines.splitlines())


def monitored(record: Mapping[str, Any], name: str) -> float | None:
    """Return a figure of a record, or the sum of those below a name, or nothing.

    Parameters
    ----------
    record
        A record of the history.
    name
        ``validation/reconstruct/squared_error``, say, or ``validation/reconstruct``
        for the sum of all terms of this phase.
    """
    if name in record:
        return float(record[name])
    terms = [value for key, value in record.items() if key.startswith(f"{name}/")]
    return float(sum(terms)) if terms else None


def followed(records: Sequence[Record], name: str, asker: str) -> list[float | None]:
    """Return a figure of each record of a stage, nothing where one does not hold it.

    Parameters
    ----------
    records
        The records.
    name
        As `monitored` takes it.
    asker
        Who follows it, for the message.

    Raises
    ------
    SettingError
        If there are records, and none of them holds it.
    """
    found = [monitored(record, name) for record in records]
    if records and all(value is None for value in found):
        known = ", ".join(key for key in records[-1] if key not in FACTS)
        raise SettingError(
            f"{asker} is to follow {name!r}, which is not recorded. Recorded are: {known}. "
            "Figures that begin with 'validation/' need validation_fraction above 0."
        )
    return found
