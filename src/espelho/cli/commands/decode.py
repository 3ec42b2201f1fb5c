"""``espelho decode RUN CODES -o FILE``: write the data that codes stand for."""

import click

from espelho.cli.opened import Opened
from espelho.cli.output import output_option, write_result

__all__ = ["decode"]


@click.command()
@click.argument("run")
@click.argument("codes")
@output_option
def decode(run: str, codes: str, output: str) -> None:
    """Write the data that CODES, a file as encode writes it, stand for."""
    from espelho.data.files import read

    opened = Opened(run)
    write_result(output, opened.estimator.inverse_transform(read(codes).X), opened.names)
