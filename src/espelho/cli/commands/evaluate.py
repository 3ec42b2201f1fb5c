"""``espelho evaluate RUN [DATA]``: print figures beside those of PCA."""

import json
from typing import Any

import click

from espelho.cli.job import Split
from espelho.cli.opened import Opened
from espelho.cli.options.source import series_options, source_options
from espelho.cli.output import check_measurable
from espelho.cli.series.seen import as_seen
from espelho.cli.training import evaluated
from espelho.cli.translation.finish import evaluated_again, is_translation
from espelho.errors import SettingError

__all__ = ["evaluate"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@click.option(
    "--features",
    type=click.Choice(["classifier", "random", "none"]),
    help="What samples of images are seen through: a small classifier trained on the labels, a "
    "network of random weights, or nothing. By default the classifier where there are labels, or "
    "else the random network.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@source_options
@series_options
def evaluate(
    run: str, data: str | None, *, features: str | None, as_json: bool, **options: Any
) -> None:
    """Print the figures of RUN on DATA, or on what was kept aside when it was trained.

    PCA is fitted on the data that the run was trained on, with codes of the same width.
    """
    opened = Opened(run)
    if is_translation(opened.path):
        if data is not None:
            raise SettingError(
                "A translator takes no DATA here: it is measured on two sets, those of its run. "
                "For others, use espelho.evaluation.evaluate_translations."
            )
        found = evaluated_again(opened.estimator, opened.path)
        click.echo(json.dumps(found.to_dict()) if as_json else str(found))
        return
    split = as_seen(opened.fitted, opened.job.read())
    if data is not None:
        split = Split(split.train, opened.read_seen(data, options))
    check_measurable(split.measured.X)
    figures = evaluated(opened.estimator, split, split.sampled(), features)
    click.echo(json.dumps(figures.to_dict()) if as_json else str(figures))
