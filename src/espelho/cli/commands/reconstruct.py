"""``espelho reconstruct RUN DATA -o FILE``: write data as the model gives it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.opened import Opened
from espelho.cli.options.source import source_options
from espelho.cli.output import (
    by_blocks,
    check_holds_sequences,
    output_option,
    write_categories,
    write_result,
)
from espelho.data.tables.table import Table

if TYPE_CHECKING:
    import numpy as np

    from espelho.data.dataset import Dataset

__all__ = ["reconstruct"]


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@output_option
@source_options
def reconstruct(run: str, data: str | None, output: str, **options: Any) -> None:
    """Write DATA, or the run's own data, as the model gives it back.

    Sequences that differ in length become a table with a row for each step.
    """
    opened = Opened(run, "reconstruct")
    dataset = opened.read(data, options)
    if hasattr(dataset.X, "as_table"):
        check_holds_sequences(output)
        table, names, dtypes = opened.estimator.reconstruct(dataset.X).as_table()
        write_result(output, len(table), [table], names, dtypes)
        return
    if isinstance(dataset.X, Table):
        write_categories(output, opened.estimator.reconstruct(dataset.X))
        return
    rebuilt = by_blocks(dataset, opened.estimator.reconstruct)
    names = dataset.feature_names
    write_result(output, len(dataset.X), rebuilt, names, _dtypes(dataset))


def _dtypes(dataset: "Dataset") -> "list[np.dtype[Any]] | None":
    """Return the types of the columns that came in, where the files know them."""
    from espelho.data.bundled import BUNDLED
    from espelho.data.formats.content import Choice
    from espelho.data.formats.footers import Footers
    from espelho.data.formats.parts import find_parts

    if dataset.feature_names is None or dataset.source in BUNDLED:
        return None
    path = Path(dataset.source)
    files = find_parts(path) or (path,) * (path.suffix.lower() == ".parquet")
    return (
        Footers.of(files, Choice(columns=dataset.feature_names)).column_dtypes if files else None
    )
