"""``espelho report RUN``: write the report about a run again."""

import click

from espelho.cli.opened import Opened
from espelho.cli.output import check_measurable
from espelho.cli.series.seen import as_seen
from espelho.cli.training import evaluated, write_report
from espelho.cli.translation.finish import is_translation, report_again

__all__ = ["report"]


@click.command()
@click.argument("run")
def report(run: str) -> None:
    """Write RUN/report.html again, with figures measured anew."""
    opened = Opened(run)
    if is_translation(opened.path):
        click.echo(report_again(opened.estimator, opened.path))
        return
    job = opened.job
    split = job.read()
    check_measurable(split.train.X)
    split = as_seen(opened.fitted, split)
    sample = split.sampled()
    figures = evaluated(opened.estimator, split, sample)
    click.echo(write_report(opened.fitted, opened.path, job, sample, figures))
