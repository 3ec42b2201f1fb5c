"""A finding: what one member of a panel came to."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from espelho.evaluation.margin import Margin
from espelho.report.picture import Picture

__all__ = ["Finding"]

_NOT_TOLD = ("pictures",)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one member came to: its figures, or why there are none.

    Attributes
    ----------
    name
        What its row is called.
    model
        The name of its class, or of a baseline.
    settings
        Settings that differ from the defaults of its class.
    error
        Why there are no figures, in a line; empty where there are.
    warnings
        What was said while it learned.
    width
        Width of its code, of what has codes.
    epochs, stopped
        How long it trained and why it ended.
    doctor
        What the doctor found in its training.
    verdict
        What its evaluation says beside principal components of the same width.
    rows
        The rows of its evaluation by name, as JSON values.
    pictures
        What it makes of the data.
    """

    name: str
    model: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    warnings: tuple[str, ...] = ()
    width: int | None = None
    epochs: int | None = None
    stopped: str = ""
    doctor: tuple[str, ...] = ()
    verdict: str = ""
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any], pictures: tuple[Picture, ...] = ()) -> "Finding":
        """Return the finding that `to_dict` told."""
        lists = {name: tuple(told[name]) for name in ("warnings", "doctor")}
        return cls(**{**told, **lists}, pictures=pictures)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, without pictures."""
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_TOLD}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}

    @property
    def failed(self) -> bool:
        """Whether there are no figures."""
        return bool(self.error)

    @property
    def has_codes(self) -> bool:
        """Whether it makes codes."""
        return self.width is not None

    @property
    def samples(self) -> bool:
        """Whether its samples were compared with data."""
        return "classifier" in self.rows

    def value(self, figure: str, column: str = "model") -> float:
        """Return a figure of the model or of a baseline, NaN where there is none."""
        row = self.rows.get(figure, {})
        found = row.get("value") if column == "model" else row.get("baselines", {}).get(column)
        return math.nan if found is None else float(found)

    def n_samples(self, figure: str) -> int | None:
        """Return on how many rows a figure was measured, if it is about rows."""
        found: int | None = self.rows.get(figure, {}).get("n_samples")
        return found

    def margin(self, figure: str, column: str = "model") -> Margin | None:
        """Return how sure a figure is; of a baseline, how far the model's lies above its."""
        told = self.rows.get(figure, {}).get("margins", {}).get(column)
        if told is None or None in told.values():
            return None
        return Margin(**told)

    def picture(self, title: str) -> Picture | None:
        """Return the picture of a title, if there is one."""
        return next((picture for picture in self.pictures if picture.title == title), None)


def told_picture(picture: Picture) -> dict[str, Any]:
    """Return what is said about a picture, without the picture itself."""
    told = asdict(picture)
    del told["png"], told["still"]
    return told
