"""The page of a comparison: tables, and pictures of all members side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from espelho.panel.result.counts import counted
from espelho.panel.result.finding import Finding
from espelho.panel.result.text import ABOUT_SAMPLES, codes_table, costs_table, samples_table
from espelho.report.markup import Html, element, join, section, table
from espelho.report.page import gallery, head
from espelho.report.picture import Picture

if TYPE_CHECKING:
    from espelho.panel.result.comparison import Comparison

__all__ = ["page"]

PICTURES = (
    ("reconstructions", "Reconstructions", ("Reconstructions",)),
    ("codes", "Maps of codes", ("Map of codes",)),
    ("samples", "New samples", ("New samples", "Features of samples")),
)
"""Sections of pictures: key, heading, titles of the pictures in it."""


def page(comparison: "Comparison") -> Html:
    """Return the page: one file that asks for nothing from anywhere.

    Parameters
    ----------
    comparison
        What it is about.
    """
    title = f"Comparison on {comparison.facts['data']}"
    created = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    sections = list(_sections(comparison))
    top = element(
        "header",
        element("p", f"{comparison.head} {created}", class_="about"),
        element("h1", title),
        element("div", *(element("p", said) for said in comparison.verdict), class_="verdict"),
        element("nav", *(element("a", name, href=f"#{key}") for key, name, _ in sections)),
    )
    main = element("main", *(section(*part[:2], part[2]) for part in sections))
    foot = element("footer", f"Written by espelho, {created}.")
    whole = element("html", head(title), element("body", top, main, foot), lang="en")
    return join([Html("<!DOCTYPE html>\n"), whole])


def _sections(comparison: "Comparison") -> Iterator[tuple[str, str, Html]]:
    findings = comparison.findings
    yield "figures", "Figures", join(_tables(findings))
    for key, heading, titles in PICTURES:
        pictures = [p for f in findings for t in titles if (p := _named(f, t)) is not None]
        if pictures:
            yield key, heading, gallery(pictures)
    yield "settings", "Settings", _settings(findings)


def _tables(findings: Sequence[Finding]) -> Iterator[Html]:
    about = ABOUT_SAMPLES * any(finding.samples for finding in findings)
    yield element(
        "p",
        "Errors in scaled units, and in parts of the error of PCA of the same width; scores with "
        "95 % intervals by cross-validation; + and - where a member is clearly better and worse "
        f"than PCA of the same width, 95 % of all rows together.{about} " + counted(findings),
    )
    named = (("codes", codes_table), ("samples", samples_table), ("costs", costs_table))
    for label, build in named:
        if lines := build(findings):
            yield table(lines[0], lines[1:], label)
    if failed := [(f.name, f.error) for f in findings if f.failed]:
        yield table(("failed", "why"), failed, "members that failed")


def _settings(findings: Sequence[Finding]) -> Html:
    rows = ((f.name, _said(f), f.stopped, " ".join(f.warnings)) for f in findings)
    return table(
        ("row", "settings that differ from the defaults", "ended", "warnings"), rows, "settings"
    )


def _said(finding: Finding) -> str:
    return ", ".join(f"{name}={value}" for name, value in finding.settings.items())


def _named(finding: Finding, title: str) -> Picture | None:
    """Return the picture of a title under the name of whose it is."""
    picture = finding.picture(title)
    if picture is None:
        return None
    return replace(picture, title=finding.name, alt=f"{finding.name}: {picture.alt}", wide=False)
