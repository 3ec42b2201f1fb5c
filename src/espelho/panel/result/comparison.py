"""A comparison: the rows of a panel, as table, text, JSON, CSV and page."""

import csv
import io
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from espelho.data.writing import atomic_file
from espelho.errors import FileError
from espelho.panel.result.counts import counted
from espelho.panel.result.finding import Finding
from espelho.panel.result.text import ABOUT_SAMPLES, as_text, doctor_words
from espelho.panel.result.verdict import sentences
from espelho.panel.running.budget import OUT_OF_TIME

__all__ = ["Comparison"]

FIGURES = (
    "reconstruction_error",
    "reconstruction_error_scaled",
    "variance_explained",
    "trustworthiness",
    "continuity",
    "knn_score",
    "probe_score",
    "fit_seconds",
    "transform_microseconds",
    "code_bytes",
    "classifier",
    "precision",
    "recall",
    "coverage",
    "copies",
    "recognised",
    "sample_microseconds",
)
"""Figures of the flat table, in its order."""

_SCORES = ("knn_score", "probe_score")
_COSTS = ("fit_seconds", "transform_microseconds", "code_bytes", "sample_microseconds")


@dataclass(frozen=True)
class Comparison:
    """What a panel found, one row for each member.

    Attributes
    ----------
    findings : tuple of Finding
        The rows, principal components first.
    facts : dict
        What they have in common: data, rows, seed, width, budget.
    """

    findings: tuple[Finding, ...]
    facts: dict[str, Any]

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __getitem__(self, name: str) -> Finding:
        """Return the row of a name."""
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise KeyError(f"{name!r}; this comparison has {[f.name for f in self.findings]}")

    @property
    def verdict(self) -> tuple[str, ...]:
        """Who is clearly better than principal components and than raw data, in sentences."""
        found = list(sentences(self.findings))
        if late := [f.name for f in self.findings if f.stopped == OUT_OF_TIME]:
            found.append(
                f"Out of time after {self.facts['training']:.3g} s of training, what there is of "
                f"a share of {self.facts['share']:.3g} s, and measured as they were: "
                f"{', '.join(late)}."
            )
        return tuple(found)

    @property
    def table(self) -> list[dict[str, Any]]:
        """A flat dictionary for each row, as `pandas.DataFrame` takes them.

        Each figure under its name, and under ``FIGURE_rows`` on how many rows it was measured;
        scores also with the ends of their 95 % interval, and with those of their difference from
        principal components and from raw data; what has no figure is None.
        """
        return [_flat(finding) for finding in self.findings]

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return all there is as JSON, and write it if a path is given."""
        told = {
            "facts": self.facts,
            "verdict": list(self.verdict),
            "rows": self.table,
            "findings": [finding.to_dict() for finding in self.findings],
        }
        return _written(json.dumps(told, indent=1, default=str), path)

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the table as CSV, and write it if a path is given."""
        rows = self.table
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return _written(text.getvalue(), path)

    def write_html(self, path: str | os.PathLike[str]) -> Path:
        """Write one page with the tables, and pictures side by side.

        Parameters
        ----------
        path : path
            Where to write; an old page is replaced.

        Returns
        -------
        pathlib.Path
            The page, which needs no network.
        """
        from espelho.panel.result.page import page

        _written(page(self), path)
        return Path(path)

    @property
    def head(self) -> str:
        """What was compared, in a line."""
        facts = self.facts
        return (
            f"{facts['data']}: {facts['n_train']:,} rows to learn from, {facts['n_test']:,} to "
            f"measure on; codes of {facts['width']:,} for {facts['n_features']:,} numbers; "
            f"{facts['share']:.3g} s each."
        )

    def __str__(self) -> str:
        key = (
            "error: squared, in scaled units; / PCA: in parts of that of PCA of the same width; "
            "±: 95 % interval of cross-validation on the rows to measure on; + and -: clearly "
            "better and worse than PCA of the same width, sure to 95 % for all rows together."
            f"{ABOUT_SAMPLES * any(f.samples for f in self.findings)}"
        )
        return as_text(self.head, self.findings, (key, counted(self.findings), "", *self.verdict))


def _flat(finding: Finding) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": finding.name,
        "model": finding.model,
        "width": finding.width,
        "epochs": finding.epochs,
        "stopped": finding.stopped,
    }
    for figure in FIGURES:
        row[figure] = _known(finding.value(figure))
        if figure in _SCORES:
            row |= _ends(finding, figure)
        if figure not in _COSTS:
            row[f"{figure}_rows"] = finding.n_samples(figure)
    row["reconstruction_error_scaled_pca"] = _known(
        finding.value("reconstruction_error_scaled", "pca")
    )
    row["data_bytes"] = _known(finding.value("code_bytes", "raw"))
    row["doctor"] = "" if finding.failed else doctor_words(finding)
    row["settings"] = json.dumps(finding.settings, default=str)
    row["warnings"] = " ".join(finding.warnings)
    row["error"] = finding.error
    return row


def _ends(finding: Finding, figure: str) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for column, name in (
        ("model", figure),
        ("pca", f"{figure}_over_pca"),
        ("raw", f"{figure}_over_raw"),
    ):
        margin = finding.margin(figure, column)
        low, high = margin.interval() if margin else (math.nan, math.nan)
        if column != "model":
            found[name] = _known(margin.mean if margin else math.nan)
        found |= {f"{name}_low": _known(low), f"{name}_high": _known(high)}
    return found


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _written(text: str, path: str | os.PathLike[str] | None) -> str:
    if path is None:
        return text
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(Path(path)) as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}.") from error
    return text
