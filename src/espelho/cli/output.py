"""Output: results computed and written a block of rows at a time, and saying so."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np

from espelho.data.tables.table import Table
from espelho.data.writing import writer
from espelho.errors import FileError, SettingError

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = [
    "by_blocks",
    "check_holds_sequences",
    "check_kind",
    "check_measurable",
    "dtypes_of",
    "output_option",
    "say_score",
    "write_categories",
    "write_result",
]

Command = TypeVar("Command", bound=Callable[..., Any])


def output_option(command: Command) -> Command:
    """Give a command the option that names its output."""
    option = click.option(
        "-o",
        "--output",
        required=True,
        help="The file to write: .npy, .csv or .parquet; for images also .zip, a file each, or "
        ".png, one picture of all.",
    )
    return option(command)


def by_blocks(
    dataset: "Dataset", method: Callable[[Any], Any], *, gaps: bool = False
) -> Iterator[np.ndarray]:
    """Return what a method of an estimator makes of data, a block of rows at a time.

    The blocks are those that the estimator itself works in, so that results are the same
    to the last bit as of all rows at once.

    Parameters
    ----------
    dataset
        The data, in memory or on disk.
    method
        What is done with each block.
    gaps
        Whether it takes NaN, as what is missing.

    Raises
    ------
    DataError
        If data on disk turns out not to be finite: the rows are named by their numbers.
    """
    from espelho.data.checks import check_finite
    from espelho.data.scaling import blocks
    from espelho.errors import DataError

    for block in blocks(dataset.X):
        try:
            yield np.asarray(method(block))
        except DataError:
            if not isinstance(dataset.X, Table):
                check_finite(dataset.X, dataset.feature_names, gaps=gaps)
            raise


def dtypes_of(dataset: "Dataset") -> "list[np.dtype[Any]] | None":
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
        Footers.of(files, Choice(columns=dataset.feature_names, categories=True)).column_dtypes
        if files
        else None
    )


def check_holds_sequences(output: str) -> None:
    """Raise unless a file can hold sequences that differ in length: as a table of steps.

    Parameters
    ----------
    output
        The file.

    Raises
    ------
    FileError
        If it cannot.
    """
    if Path(output).suffix.lower() not in (".csv", ".parquet"):
        raise FileError(
            f"{output} cannot hold sequences that differ in length. Name a .csv or .parquet file: "
            "it gets a row for each step."
        )


def write_result(
    output: str,
    n_rows: int,
    parts: Iterable[np.ndarray],
    names: Sequence[str] | None,
    dtypes: Sequence[np.dtype[Any]] | None = None,
) -> None:
    """Write a result as it comes and say, on the standard error stream, what was written.

    Parameters
    ----------
    output
        The file; its suffix decides the format.
    n_rows
        How many rows there will be.
    parts
        The result, in blocks of rows.
    names
        Names of the columns.
    dtypes
        Their types, where they are to be those of a table that was read.
    """
    with writer(output, n_rows=n_rows, names=names, dtypes=dtypes) as file:
        for part in parts:
            file.append(part)
    shape = " x ".join(str(n) for n in file.shape or ())
    click.echo(f"{output}: {shape}, {file.dtype}", err=True)


def write_categories(output: str, table: Any) -> None:
    """Write a table with categories and say, on the standard error stream, what was written.

    Parameters
    ----------
    output
        The file, .csv or .parquet.
    table
        The table, of any library.
    """
    from espelho.data.tables.writing import write_table

    n_rows, n_columns = write_table(output, table)
    click.echo(f"{output}: {n_rows} x {n_columns}, with categories", err=True)


def check_kind(X: Any, *, numbers_only: bool) -> None:
    """Raise if data is a table with categories, where a model takes numbers only.

    Parameters
    ----------
    X
        The data.
    numbers_only
        Whether it does.

    Raises
    ------
    DataError
        If it does, and the data is such a table: its columns of words are named.
    """
    if numbers_only and isinstance(X, Table):
        np.asarray(X)


def check_measurable(X: Any) -> None:
    """Raise if data is a table with categories, of which there are no figures and reports.

    Parameters
    ----------
    X
        The data.

    Raises
    ------
    SettingError
        If it is.
    """
    if isinstance(X, Table):
        raise SettingError(
            "Figures and reports are of tables of numbers, and this one has categories. Use "
            "'espelho score' on it, or 'espelho sample' and compare the samples with it."
        )


def say_score(facts: Mapping[str, Any], headline: str, *, as_json: bool) -> None:
    """Print what there is to say of a training on a table with categories.

    Parameters
    ----------
    facts
        The run, its score and what else machines are told.
    headline
        What was trained on what, and for how long.
    as_json
        Print JSON instead of sentences.
    """
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(
        f"{headline}\n\nscore    {facts['score']:.6g} on {facts['measured_on']}\n"
        f"run      {facts['run']}\n\nLearned as categories: {', '.join(facts['categories'])}. "
        "If one is a column of labels, set it aside by --target.\n"
        "Other figures and reports are of tables of numbers only."
    )
    if facts["identifiers"]:
        click.echo(
            f"Words that hardly come twice: {', '.join(facts['identifiers'])}. Nothing is learned "
            "from names, numbers of records or dates as categories: leave them out by --drop."
        )
