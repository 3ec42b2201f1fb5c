"""``espelho score RUN DATA``: score each row."""

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

import click
import numpy as np

from espelho.cli.opened import Opened
from espelho.cli.options.source import source_options
from espelho.cli.output import by_blocks, write_result

__all__ = ["score"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@click.option("-o", "--output", help="Write each row's score to this .npy, .csv or .parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@source_options
def score(
    run: str, data: str | None, output: str | None, *, as_json: bool, **options: Any
) -> None:
    """Score the rows of DATA, or of the run's own data.

    A score is minus the reconstruction error, in the data's units: the lower, the stranger.
    Prints the mean and the rows that score lowest.
    """
    opened = Opened(run, "score_samples")
    dataset = opened.read(data, options)
    scores = np.empty(len(dataset.X))
    parts = _kept(by_blocks(dataset, opened.estimator.score_samples), scores)
    if output is None:
        deque(parts, maxlen=0)
    else:
        write_result(output, len(scores), parts, ["score"])
    lowest = np.argsort(scores, kind="stable")[:5]
    if as_json:
        rows = [{"row": int(row), "score": float(scores[row])} for row in lowest]
        mean = float(scores.mean())
        click.echo(json.dumps({"rows": len(scores), "mean": mean, "lowest": rows}))
        return
    click.echo(f"mean score of {len(scores)} rows: {scores.mean():.6g}\nlowest:")
    for row in lowest:
        click.echo(f"  row {row:<8d} {scores[row]:.6g}")


def _kept(parts: Iterator[np.ndarray], scores: np.ndarray) -> Iterator[np.ndarray]:
    """Hand on blocks of scores, and keep them."""
    start = 0
    for part in parts:
        scores[start : start + len(part)] = part
        start += len(part)
        yield part
