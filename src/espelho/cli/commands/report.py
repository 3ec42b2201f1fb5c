"""``espelho report RUN``: write the report about a run again."""

import click

from espelho.cli.opened import Opened
from espelho.cli.training import as_seen, evaluated, rows_to_judge, write_report

__all__ = ["report"]


@click.command()
@click.argument("run")
def report(run: str) -> None:
    """Write RUN/report.html again, with figures measured anew."""
    opened = Opened(run)
    job = opened.job
    split = job.read()
    whole = rows_to_judge(opened.fitted, split)
    split = as_seen(opened.fitted, split)
    sample = split.sampled()
    figures = evaluated(opened.estimator, split, sample)
    click.echo(write_report(opened.fitted, opened.path, job, sample, figures, whole))
