"""A page of measurements: tables, and the bars that they are to reach, as Markdown and JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Bar", "Section", "Table", "at_least", "at_most", "markdown"]


@dataclass(frozen=True)
class Table:
    """Figures by row and column.

    Attributes
    ----------
    title
        Heading of the first column.
    columns
        How the figures of each further column are written, by its heading.
    rows
        Figures by the name of their row; ``None`` for none.
    """

    title: str
    columns: Mapping[str, str]
    rows: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True)
class Bar:
    """What a figure is to reach."""

    what: str
    asked: str
    measured: float
    met: bool


@dataclass(frozen=True)
class Section:
    """Tables of one kind, what they mean, and their bars."""

    title: str
    note: str
    tables: tuple[Table, ...]
    bars: tuple[Bar, ...]


def at_most(what: str, limit: float, measured: float) -> Bar:
    """Return the bar of a figure that is to be at most so much."""
    return Bar(what, f"at most {limit:g}", measured, measured <= limit)


def at_least(what: str, limit: float, measured: float) -> Bar:
    """Return the bar of a figure that is to be at least so much."""
    return Bar(what, f"at least {limit:g}", measured, measured >= limit)


def markdown(facts: Mapping[str, Any], sections: Iterable[Section]) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    facts
        ``machine``, ``versions`` by name, and ``missing`` peers.
    sections
        What was measured.
    """
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    lines = [f"{facts['machine']}; {versions}.", ""]
    if facts["missing"]:
        lines += [f"Not installed and left out: {', '.join(facts['missing'])}.", ""]
    bars = []
    for section in sections:
        lines += [f"### {section.title}", "", section.note, ""]
        for table in section.tables:
            lines += [*_table(table), ""]
        bars += section.bars
    return "\n".join([*lines, "### Bars", "", *_bars(bars), ""])


def _table(table: Table) -> list[str]:
    lines = [f"| {' | '.join([table.title, *table.columns])} |", "|---" * (len(table.columns) + 1)]
    lines[1] += "|"
    for name, figures in table.rows.items():
        cells = [
            "" if figure is None else format(figure, how)
            for figure, how in zip(figures, table.columns.values(), strict=True)
        ]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return lines


def _bars(bars: Iterable[Bar]) -> list[str]:
    rows = [
        f"| {bar.what} | {bar.asked} | {bar.measured:.3g} | {'yes' if bar.met else '**no**'} |"
        for bar in bars
    ]
    return ["| what | asked | measured | met |", "|---|---|---|---|", *rows]
