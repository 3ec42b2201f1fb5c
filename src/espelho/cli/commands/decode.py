"""``espelho decode RUN CODES -o FILE``: write the data that codes stand for."""

import click

from espelho.cli.opened import Opened
from espelho.cli.options.source import make_source, memory_limit_option
from espelho.cli.output import by_blocks, output_option, write_categories, write_result

__all__ = ["decode"]


@click.command()
@click.argument("run")
@click.argument("codes")
@output_option
@memory_limit_option
def decode(run: str, codes: str, output: str, memory_limit: str | None) -> None:
    """Write the data that CODES, a file as encode writes it, stand for."""
    opened = Opened(run, "inverse_transform")
    dataset = make_source(codes, {"memory_limit": memory_limit}).read()
    if hasattr(opened.estimator, "layout_"):
        write_categories(output, opened.estimator.inverse_transform(dataset.X))
        return
    decoded = by_blocks(dataset, opened.estimator.inverse_transform)
    write_result(output, len(dataset.X), decoded, opened.names)
