"""Output: where a command's result is written, and saying so."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
import numpy as np

from espelho.data.writing import write

__all__ = ["output_option", "write_result"]

Command = TypeVar("Command", bound=Callable[..., Any])


def output_option(command: Command) -> Command:
    """Give a command the option that names its output."""
    option = click.option(
        "-o",
        "--output",
        required=True,
        help="The file to write: .npy, .csv or .parquet, or .zip for images.",
    )
    return option(command)


def write_result(
    output: str,
    values: Any,
    names: Sequence[str] | None,
    dtypes: Sequence[np.dtype[Any]] | None = None,
) -> None:
    """Write a result and say, on the standard error stream, what was written.

    Parameters
    ----------
    output
        The file; its suffix decides the format.
    values
        The result ``(n, ...)``.
    names
        Names of the columns.
    dtypes
        Their types, where they are to be those of a table that was read.
    """
    values = np.asarray(values)
    path = write(output, values, names=names, dtypes=dtypes)
    shape = " x ".join(str(n) for n in values.shape)
    click.echo(f"{path}: {shape}, {values.dtype}", err=True)
