"""The table that an evaluation is: one row per figure, with what it has to beat."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from espelho.evaluation.margin import Margin

COLUMNS = ("model", "pca", "mean", "raw", "real", "gaussian")
HEADINGS = {
    "model": "model",
    "pca": "PCA",
    "mean": "mean",
    "raw": "raw data",
    "real": "real data",
    "gaussian": "Gaussian",
}


_SAMPLED = "real"
"""The baseline that figures about samples have, and no others."""


@dataclass(frozen=True)
class Row:
    """One figure about a model, beside the same figure of its baselines.

    Where it is known how sure they are, `margins` holds under ``model`` the figure itself, and
    under a baseline by how much the model's is higher, sample by sample or fold by fold.
    ``n_samples`` says how many samples it was measured on, of what is no mean over all of them.
    """

    name: str
    label: str
    unit: str
    value: float
    baselines: Mapping[str, float] = field(default_factory=dict)
    better: str = ""
    note: str = ""
    margins: Mapping[str, Margin] = field(default_factory=dict)
    n_samples: int | None = None

    @property
    def values(self) -> dict[str, float]:
        """The figure of the model and of each baseline, by column."""
        return {"model": self.value, **self.baselines}

    @property
    def best(self) -> frozenset[str]:
        """The columns that hold the best value; none where nothing is compared."""
        finite = {name: value for name, value in self.values.items() if math.isfinite(value)}
        if not self.better or len(finite) < 2:
            return frozenset()
        target = (min if self.better == "lower" else max)(finite.values())
        return frozenset(name for name, value in finite.items() if value == target)


@dataclass(frozen=True)
class Evaluation:
    """What :func:`espelho.evaluate` found out about an estimator.

    Attributes
    ----------
    rows : tuple of Row
        One figure each.
    n_samples : int
        Samples that the figures are means over.
    held_out : bool
        Whether they were kept from training, as far as the caller said so.
    verdict : str
        A few sentences: better or worse than principal components, and how sure; or
        whether samples can be told from data.
    outcome : str
        The same in a word: ``better``, ``worse``, ``unclear``, or ``exact`` where
        components leave no error to beat; of samples ``alike``, ``different`` or ``copied``.
    """

    rows: tuple[Row, ...]
    n_samples: int
    held_out: bool
    verdict: str = ""
    outcome: str = ""

    def __getitem__(self, name: str) -> Row:
        """Return the row of that name."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"{name!r}; this evaluation has {[row.name for row in self.rows]}")

    def __contains__(self, name: object) -> bool:
        """Whether there is a row of that name."""
        return any(row.name == name for row in self.rows)

    @property
    def tables(self) -> tuple[tuple[Row, ...], ...]:
        """The rows about codes, and those about samples, which stand beside other baselines."""
        start = next((i for i, row in enumerate(self.rows) if _SAMPLED in row.baselines), None)
        parts = (self.rows[:start], () if start is None else self.rows[start:])
        return tuple(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, numbers and text for JSON; what is not finite becomes null."""
        return {
            "n_samples": self.n_samples,
            "held_out": self.held_out,
            "verdict": self.verdict,
            "outcome": self.outcome,
            "rows": [_plain(row) for row in self.rows],
        }

    def to_text(self) -> str:
        """Return an aligned table in plain text; a star marks the best of a row."""
        kept = "held-out samples" if self.held_out else "samples"
        notes = "\n".join(f"  {row.label}: {row.note}" for row in self.rows if row.note)
        head = f"{self.n_samples:,} {kept}; * marks the best of a row"
        parts = (head, *map(_text_of, self.tables), notes, self.verdict)
        return "\n\n".join(part for part in parts if part)

    def __str__(self) -> str:
        """Return the table as text."""
        return self.to_text()


def readable(value: float) -> str:
    """Return a figure with four significant digits and thousands separated.

    Examples
    --------
    >>> [readable(value) for value in (0.98765, 12345.6, 0.00001234, 784, float("nan"))]
    ['0.9877', '12,346', '1.234e-05', '784', 'n/a']
    """
    if not math.isfinite(value):
        return "n/a"
    if value == 0 or value == int(value):
        return f"{int(value):,}" if abs(value) < 1e15 else f"{value:.3e}"
    size = abs(value)
    if not 1e-4 <= size < 1e15:
        return f"{value:.3e}"
    digits = max(0, 3 - math.floor(math.log10(size)))
    return f"{value:,.{digits}f}"


def _plain(row: Row) -> dict[str, Any]:
    plain, margins = asdict(row), row.margins
    finite = _finite(row.values)
    plain |= {"value": finite.pop("model"), "baselines": finite}
    del plain["margins"]
    if margins:
        plain["margins"] = {name: _finite(asdict(margin)) for name, margin in margins.items()}
    return plain


def _finite(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}


def used_columns(rows: Iterable[Row]) -> list[str]:
    """Return the columns that any of some rows has a figure in."""
    found = {name for row in rows for name in row.values}
    return [name for name in COLUMNS if name in found]


def _text_of(rows: Sequence[Row]) -> str:
    used = used_columns(rows)
    head = ["", *(HEADINGS[name] for name in used), "unit"]
    lines = [head, *(_cells(row, used) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(_aligned(line, widths) for line in lines)


def _cells(row: Row, used: list[str]) -> list[str]:
    figures = (_starred(row, name) if name in row.values else "" for name in used)
    return [row.label, *figures, row.unit]


def _starred(row: Row, name: str) -> str:
    return readable(row.values[name]) + ("*" if name in row.best else " ")


def _aligned(line: list[str], widths: list[int]) -> str:
    first, *middle, last = line
    figures = (cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True))
    return "  ".join((first.ljust(widths[0]), *figures, last)).rstrip()
