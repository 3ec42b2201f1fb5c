"""``espelho score RUN DATA``: score each row."""

import json
from typing import Any

import click
import numpy as np

from espelho.cli.opened import Opened
from espelho.cli.output import write_result
from espelho.cli.source import source_options

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
    opened = Opened(run)
    scores = opened.estimator.score_samples(opened.read(data, options).X)
    if output is not None:
        write_result(output, scores, ["score"])
    lowest = np.argsort(scores, kind="stable")[:5]
    if as_json:
        rows = [{"row": int(row), "score": float(scores[row])} for row in lowest]
        mean = float(scores.mean())
        click.echo(json.dumps({"rows": len(scores), "mean": mean, "lowest": rows}))
        return
    click.echo(f"mean score of {len(scores)} rows: {scores.mean():.6g}\nlowest:")
    for row in lowest:
        click.echo(f"  row {row:<8d} {scores[row]:.6g}")
