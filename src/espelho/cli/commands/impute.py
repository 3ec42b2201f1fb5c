"""``espelho impute RUN DATA -o FILE``: write data with what is missing filled."""

from typing import Any

import click
import numpy as np

from espelho.cli.opened import Opened
from espelho.cli.options.source import source_options
from espelho.cli.output import by_blocks, dtypes_of, output_option, write_result

__all__ = ["impute"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@output_option
@source_options
def impute(run: str, data: str | None, output: str, **options: Any) -> None:
    """Write DATA, or the run's own data, with what is missing filled by the model.

    Empty cells of text, NaN and nulls are what is missing; everything else is written as it
    was read. The run is that of an autoencoder fitted with --missing mask. The file
    has the columns that the model was trained on.
    """
    opened = Opened(run, "impute")
    dataset = opened.read(data, options)
    n_filled = 0

    def filled(block: "np.ndarray[Any, Any]") -> Any:
        nonlocal n_filled
        n_filled += int(np.isnan(block).sum())
        return opened.estimator.impute(block)

    parts = by_blocks(dataset, filled, gaps=True)
    write_result(output, len(dataset.X), parts, dataset.feature_names, dtypes_of(dataset))
    click.echo(f"{n_filled} of {dataset.X.size} values were missing and are filled", err=True)
