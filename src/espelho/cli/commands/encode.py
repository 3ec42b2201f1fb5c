"""``espelho encode RUN DATA -o FILE``: write the codes of data."""

from typing import Any

import click

from espelho.cli.opened import Opened
from espelho.cli.options.source import series_options, source_options
from espelho.cli.output import by_blocks, output_option, write_result

__all__ = ["encode"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@output_option
@source_options
@series_options
def encode(run: str, data: str | None, output: str, **options: Any) -> None:
    """Write the codes of DATA, or of the run's own data, to a file.

    Of series that is a row for each window.
    """
    opened = Opened(run, "transform")
    dataset = opened.read_seen(data, options)
    codes = by_blocks(dataset, opened.estimator.transform, gaps=opened.takes_gaps)
    names = [str(name) for name in opened.estimator.get_feature_names_out()]
    write_result(output, len(dataset.X), codes, names)
