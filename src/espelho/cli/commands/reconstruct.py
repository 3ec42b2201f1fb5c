"""``espelho reconstruct RUN DATA -o FILE``: write data as the model gives it back."""

from typing import Any

import click

from espelho.cli.opened import Opened
from espelho.cli.output import output_option, write_result
from espelho.cli.source import source_options

__all__ = ["reconstruct"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@output_option
@source_options
def reconstruct(run: str, data: str | None, output: str, **options: Any) -> None:
    """Write DATA, or the run's own data, as the model gives it back."""
    opened = Opened(run)
    dataset = opened.read(data, options)
    write_result(output, opened.estimator.reconstruct(dataset.X), dataset.feature_names)
