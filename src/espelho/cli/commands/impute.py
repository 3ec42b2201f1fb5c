"""``espelho impute RUN DATA -o FILE``: write data with what is missing filled."""

from typing import Any

import click
import numpy as np

from espelho.cli.opened import Opened
from espelho.cli.options.source import source_options
from espelho.cli.output import (
    by_blocks,
    dtypes_of,
    output_option,
    write_categories,
    write_result,
)
from espelho.data.containers import cast
from espelho.data.tables.table import Table

__all__ = ["impute"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@output_option
@source_options
def impute(run: str, data: str | None, output: str, **options: Any) -> None:
    """Write DATA, or the run's own data, with what is missing filled by the model.

    Empty cells of text, NaN and nulls are what is missing; everything else is written as it
    was read. Of words, of which only empty cells are missing, the likeliest are written. The run
    is that of an autoencoder fitted with --missing mask. The file has the columns that the model
    was trained on.
    """
    opened = Opened(run, "impute")
    dataset = opened.read(data, options)
    if isinstance(dataset.X, Table):
        made = opened.estimator.impute(dataset.X)
        write_categories(output, _whole(made, dtypes_of(dataset)))
        _say(dataset.X.n_missing, dataset.X.size)
        return
    n_filled = 0

    def filled(block: "np.ndarray[Any, Any]") -> Any:
        nonlocal n_filled
        n_filled += int(np.isnan(block).sum())
        return opened.estimator.impute(block)

    parts = by_blocks(dataset, filled, gaps=True)
    write_result(output, len(dataset.X), parts, dataset.feature_names, dtypes_of(dataset))
    _say(n_filled, dataset.X.size)


def _whole(table: Table, dtypes: "list[np.dtype[Any]] | None") -> Table:
    """Return a table whose numbers are whole where the file's are, though some were missing."""
    kinds = [array.dtype if dtypes is None else dtypes[i] for i, array in enumerate(table.arrays)]
    arrays = [
        cast(array, kind) if array.dtype.kind == "f" and kind.kind in "iu" else array
        for array, kind in zip(table.arrays, kinds, strict=True)
    ]
    return Table(table.names, arrays, table.orders)


def _say(n_filled: int, n_values: int) -> None:
    click.echo(f"{n_filled} of {n_values} values were missing and are filled", err=True)
