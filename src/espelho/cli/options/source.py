"""Sources: the options that say what data a command reads, and reading it."""

from collections.abc import Callable, Container, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from espelho.cli.options.flags import Sizes
from espelho.errors import DataError, SettingError

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset
    from espelho.data.tables.table import Table

__all__ = [
    "SERIES",
    "Source",
    "check_windows",
    "image_options",
    "make_source",
    "memory_limit_option",
    "series_options",
    "source_options",
]

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Source:
    """Where data comes from and which part of it is taken.

    Attributes
    ----------
    data
        A file or the name of a bundled set.
    array, columns, drop, target, header, labels, memory_limit, resize, cut, skip_damaged
        As `espelho.data.files.read` takes them.
    time_column, series_column, window, stride
        As `espelho.load_series` takes them.
    gaps
        Whether NaN is let pass, for a model that takes what is missing.
    """

    data: str
    array: str | None = None
    columns: Sequence[str] | None = None
    drop: Sequence[str] | None = None
    target: str | Sequence[str] | None = None
    header: str = "auto"
    labels: str | None = None
    memory_limit: str | int = "1GB"
    resize: Sequence[int] | None = None
    cut: Sequence[int] | None = None
    skip_damaged: bool = False
    time_column: str | None = None
    series_column: str | None = None
    window: int | None = None
    stride: int | None = None
    gaps: bool = False

    def read(self, *, categories: bool = False) -> "Dataset":
        """Read the data, and see to it that every value in memory is a number.

        What stays on disk is checked by whoever goes through it; of a table with categories, here
        where the rows are those of the file, only that nothing is missing. Of a table of series
        come its windows, or without `window` its points in the order of time.

        Parameters
        ----------
        categories
            Whether columns of words are taken, as categories; not of series.
        """
        from espelho.data.checks import check_finite
        from espelho.data.files import read
        from espelho.data.series.reading import read_rows
        from espelho.data.stored.base import Stored
        from espelho.data.tables.table import Table

        settings = {name: v for name, v in asdict(self).items() if name not in SERIES}
        data, named = settings.pop("data"), (self.time_column, self.series_column)
        gaps = settings.pop("gaps")
        dataset = (
            read_rows(data, *named, **settings)
            if self.of_series
            else read(data, **settings, categories=categories)
        )
        if isinstance(dataset.X, Table) and not gaps:
            _check_whole(dataset.X)
        elif not isinstance(dataset.X, (Stored, Table)):
            check_finite(dataset.X, dataset.feature_names, gaps=gaps, advice=_ACROSS_GAPS)
        return self._in_series(dataset) if self.of_series else dataset

    @property
    def of_series(self) -> bool:
        """Whether the data is a table whose rows are points of series."""
        return any(getattr(self, name) is not None for name in SERIES)

    def _in_series(self, dataset: "Dataset") -> "Dataset":
        from espelho.data.series.reading import as_series

        named = (self.time_column, self.series_column)
        series = as_series(dataset, self.data, *named, array=self.array, header=self.header)
        if self.window is not None:
            series = series.cut(self.window, self.stride)
        return dataset.of_series(series)

    def absolute(self) -> "Source":
        """Return the same source, found from any folder."""
        from pathlib import Path

        from espelho.data.bundled import BUNDLED

        data = self.data if self.data in BUNDLED else str(Path(self.data).absolute())
        labels = None if self.labels is None else str(Path(self.labels).absolute())
        return replace(self, data=data, labels=labels)


SERIES = ("time_column", "series_column", "window", "stride")
_ACROSS_GAPS = (
    "Or fit an autoencoder of dense networks with --missing mask: it learns across gaps, and "
    "'espelho impute' fills them."
)


def _check_whole(table: "Table") -> None:
    """Raise where a table lacks a value, by the row of the file that it was read from."""
    for name, array in zip(table.names, table.arrays, strict=True):
        empty = [
            row for row, value in enumerate(array.tolist()) if value is None or value != value
        ]
        if empty:
            rows = f"{len(empty)} rows, the first is row" if len(empty) > 1 else "row"
            raise DataError(
                f"Column {name!r} holds no value in {rows} {empty[0]} (counted from 0, without "
                "a header). Remove such rows, give gaps a value of their own (of words, "
                f"'unknown'), or fit without the column (--drop). {_ACROSS_GAPS}"
            )


memory_limit_option = click.option(
    "--memory-limit",
    help="Larger .npy and .parquet data, and larger sets of images, are left on disk and read a "
    "part at a time: a size such as 500MB or 2GiB.  [default: 1GB]",
)

image_options = (
    click.option(
        "--resize",
        type=Sizes(),
        metavar="HEIGHT,WIDTH",
        help="What images are brought to, in pixels, such as 64,64.",
    ),
    click.option(
        "--cut",
        type=Sizes(),
        metavar="HEIGHT,WIDTH",
        help="The part of each image that is taken, in pixels, after --resize: drawn anew in each "
        "epoch of a training, elsewhere the middle. Images may then differ in size.",
    ),
    click.option("--skip-damaged", is_flag=True, help="Leave damaged images out, with a warning."),
)
"""What can be asked of images."""

_SERIES_OPTIONS = (
    click.option(
        "--time-column",
        help="The column of a table that says when each row was: numbers, or ISO dates and "
        "timestamps. Rows are put in its order, and it is no feature.",
    ),
    click.option(
        "--series-column",
        help="The column of a table that says which series each row belongs to, if several.",
    ),
    click.option(
        "--window",
        type=int,
        help="The rows of a table are points of a series, which is cut into windows of so many.",
    ),
    click.option(
        "--stride",
        type=int,
        help="Points from the start of one window to that of the next.  [default: a quarter of "
        "a window]",
    ),
)

_OPTIONS = (
    click.option("--array", help="The array of an .npz file."),
    click.option("--columns", help="The columns to take, with commas between them."),
    click.option("--drop", help="The columns to leave out, with commas between them."),
    click.option(
        "--target",
        multiple=True,
        help="The column with the labels, kept aside for evaluation. For conditional-gan it may "
        "be given again, for each column of several.",
    ),
    click.option(
        "--header",
        type=click.Choice(["auto", "yes", "no"]),
        default="auto",
        help="Whether the first row of a text file holds names.  [default: auto]",
    ),
    click.option("--labels", help="A file with the labels, one a row."),
    memory_limit_option,
    *image_options,
)


def source_options(command: Command) -> Command:
    """Give a command the options that say which part of the data it takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def series_options(command: Command) -> Command:
    """Give a command the options that make series of the rows of a table."""
    for option in reversed(_SERIES_OPTIONS):
        command = option(command)
    return command


def check_windows(source: Source, window: int | None) -> None:
    """Raise where rows have a time or a series, or windows a stride, but no windows are asked for.

    Parameters
    ----------
    source
        The data.
    window
        The window that an estimator itself has.

    Raises
    ------
    SettingError
        If so.
    """
    if not source.of_series or source.window is not None or window is not None:
        return
    names = [name for name in SERIES if getattr(source, name) is not None]
    flag = f"--{names[0].replace('_', '-')}"
    raise SettingError(
        f"{flag} makes series of the rows of a table, and needs --window, the rows that are seen "
        "at once. To only leave a column out, use --drop."
    )


def split_names(text: str) -> tuple[str, ...]:
    """Return names that were given with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name)


def make_source(data: str, options: dict[str, Any], settings: Container[str] = ()) -> Source:
    """Return the source of options that `source_options` made, removing them from the rest.

    Parameters
    ----------
    data
        The data.
    options
        What was asked for.
    settings
        Those of a model, which are none of the source.
    """
    names = [f.name for f in fields(Source) if f.name in options and f.name not in settings]
    chosen = {name: value for name in names if (value := options.pop(name)) is not None}
    for name in ("columns", "drop"):
        if name in chosen:
            chosen[name] = split_names(chosen[name])
    targets = chosen.pop("target", ())
    if targets:
        chosen["target"] = targets[0] if len(targets) == 1 else tuple(targets)
    return Source(data, **chosen)
