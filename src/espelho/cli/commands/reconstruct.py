"""``espelho reconstruct RUN DATA -o FILE``: write data as the model gives it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.opened import Opened
from espelho.cli.output import output_option, write_result
from espelho.cli.source import source_options

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
    """Write DATA, or the run's own data, as the model gives it back."""
    opened = Opened(run)
    dataset = opened.read(data, options)
    rebuilt = opened.estimator.reconstruct(dataset.X)
    write_result(output, rebuilt, dataset.feature_names, _dtypes(dataset))


def _dtypes(dataset: "Dataset") -> "list[np.dtype[Any]] | None":
    """Return the types of the columns that came in, where the file knows them."""
    from espelho.data.formats.parquet import column_dtypes

    if dataset.feature_names is None or not dataset.source.endswith(".parquet"):
        return None
    return column_dtypes(Path(dataset.source), dataset.feature_names)
