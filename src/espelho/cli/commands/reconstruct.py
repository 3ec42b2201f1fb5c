"""``espelho reconstruct RUN DATA -o FILE``: write data as the model gives it back."""

from typing import Any

import click

from espelho.cli.opened import Opened
from espelho.cli.options.source import series_options, source_options
from espelho.cli.output import (
    by_blocks,
    check_holds_sequences,
    dtypes_of,
    output_option,
    write_categories,
    write_result,
)
from espelho.cli.series.seen import row_reconstructions
from espelho.data.tables.table import Table

__all__ = ["reconstruct"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@output_option
@source_options
@series_options
def reconstruct(run: str, data: str | None, output: str, **options: Any) -> None:
    """Write DATA, or the run's own data, as the model gives it back.

    Sequences that differ in length become a table with a row for each step. Of series it is the
    mean over the windows that a row lies in.
    """
    opened = Opened(run, "reconstruct")
    dataset = opened.read_seen(data, options)
    if dataset.series is not None:
        found = row_reconstructions(opened.estimator, dataset)
        write_result(output, len(found), [found], dataset.series.feature_names)
        return
    if hasattr(dataset.X, "as_table"):
        check_holds_sequences(output)
        table, names, dtypes = opened.estimator.reconstruct(dataset.X).as_table()
        write_result(output, len(table), [table], names, dtypes)
        return
    if isinstance(dataset.X, Table):
        write_categories(output, opened.estimator.reconstruct(dataset.X))
        return
    rebuilt = by_blocks(dataset, opened.estimator.reconstruct, gaps=opened.takes_gaps)
    names = dataset.feature_names
    write_result(output, len(dataset.X), rebuilt, names, dtypes_of(dataset))
