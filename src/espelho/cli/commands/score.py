"""``espelho score RUN DATA``: score each row, and say what made it score so."""

import json
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from espelho.cli.anomalies import detected, explained
from espelho.cli.opened import Opened
from espelho.cli.options.detector import is_detector
from espelho.cli.options.source import series_options, source_options
from espelho.cli.output import by_blocks, write_result
from espelho.cli.series.seen import row_scores
from espelho.data.series.times import said
from espelho.errors import SettingError

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = ["score"]

_SHOWN = 5
"""Rows that are printed, those that score lowest."""

_NAMED = 3
"""Features that are named of each."""


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@click.option("-o", "--output", help="Write each row's score to this .npy, .csv or .parquet.")
@click.option(
    "--explain",
    is_flag=True,
    help="Of an anomaly-detector: write beside the score of each row how much each column is "
    "above or below what was expected, in its own units, and what that adds to the strangeness.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@source_options
@series_options
def score(
    run: str,
    data: str | None,
    output: str | None,
    *,
    explain: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Score the rows of DATA, or of the run's own data.

    A score is minus the reconstruction error, in the data's units; of an anomaly-detector minus
    the strangeness, and beside it comes the decision, -1 for outliers: the lower, the stranger.
    Of series each row of the table scores the mean over the windows that it lies in. Prints the
    mean and the rows that score lowest.
    """
    opened = Opened(run, "score_samples")
    detector = opened.fitted if is_detector(opened.fitted) else None
    if explain and detector is None:
        raise SettingError(
            f"--explain needs a run of an anomaly-detector, and {opened.path} holds a "
            f"{type(opened.fitted).__name__}. Leave it out, or fit an anomaly-detector."
        )
    dataset = opened.read(data, options)
    if detector is None:
        scores = _scores(opened, dataset, output)
    else:
        scores = detected(detector, dataset, output, explain=explain)
    lowest = np.argsort(scores, kind="stable")[:_SHOWN]
    facts: dict[str, Any] = {"rows": len(scores), "mean": float(scores.mean())}
    rows: list[dict[str, Any]] = [{"row": int(row), "score": float(scores[row])} for row in lowest]
    if dataset.series is not None and dataset.series.times is not None:
        when = dataset.series.times[dataset.series.points_of(lowest)]
        rows = [row | {"time": said(time)} for row, time in zip(rows, when, strict=True)]
    if detector is not None:
        facts |= {
            "threshold": detector.offset_,
            "outliers": int((scores < detector.offset_).sum()),
        }
        why = explained(detector, dataset, lowest)
        for place, row in enumerate(rows):
            row["why"] = [_plain(found._asdict()) for found in why.largest(place, _NAMED)]
    click.echo(json.dumps(facts | {"lowest": rows}) if as_json else _text(facts, rows))


def _text(facts: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    lines = [f"mean score of {facts['rows']} rows: {facts['mean']:.6g}"]
    if "threshold" in facts:
        lines.append(
            f"outliers: {facts['outliers']}, which score less than {facts['threshold']:.6g}"
        )
    lines.append("lowest:")
    for row in rows:
        why = ", ".join(map(_reason, row.get("why", ())))
        time = f"{row['time']:<21}" if "time" in row else ""
        lines.append(f"  row {row['row']:<8d} {time}{row['score']:<12.6g} {why}".rstrip())
    return "\n".join(lines)


def _plain(contribution: dict[str, Any]) -> dict[str, Any]:
    """Return what JSON holds: nothing where a category has no value to be told."""
    return {name: None if value != value else value for name, value in contribution.items()}


def _reason(why: dict[str, Any]) -> str:
    known = why["value"] is not None
    told = f" {why['value']:.4g} (expected {why['expected']:.4g})" if known else ""
    return f"{why['name']}{told} {why['share']:.0%}"


def _scores(opened: Opened, dataset: "Dataset", output: str | None) -> np.ndarray[Any, Any]:
    if dataset.series is not None:
        scores = row_scores(opened.estimator, dataset)
        if output is not None:
            write_result(output, len(scores), [scores], ["score"])
        return scores
    scores = np.empty(len(dataset.X))
    method = opened.estimator.score_samples
    parts = _kept(by_blocks(dataset, method, gaps=opened.takes_gaps), scores)
    if output is None:
        deque(parts, maxlen=0)
    else:
        write_result(output, len(scores), parts, ["score"])
    return scores


def _kept(
    parts: Iterator[np.ndarray[Any, Any]], scores: np.ndarray[Any, Any]
) -> Iterator[np.ndarray[Any, Any]]:
    """Hand on blocks of scores, and keep them."""
    start = 0
    for part in parts:
        scores[start : start + len(part)] = part
        start += len(part)
        yield part
