"""Sources: the options that say what data a command reads, and reading it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from espelho.cli.options.flags import Sizes

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = ["Source", "image_options", "make_source", "memory_limit_option", "source_options"]

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

    def read(self, *, categories: bool = False) -> "Dataset":
        """Read the data, and see to it that every value in memory is a number.

        What stays on disk, or has categories, is checked by whoever goes through it.

        Parameters
        ----------
        categories
            Whether columns of words are taken, as categories.
        """
        from espelho.data.checks import check_finite
        from espelho.data.files import read
        from espelho.data.stored.base import Stored
        from espelho.data.tables.table import Table

        settings = asdict(self)
        dataset = read(settings.pop("data"), **settings, categories=categories)
        if not isinstance(dataset.X, (Stored, Table)):
            check_finite(dataset.X, dataset.feature_names)
        return dataset

    def absolute(self) -> "Source":
        """Return the same source, found from any folder."""
        from pathlib import Path

        from espelho.data.bundled import BUNDLED

        data = self.data if self.data in BUNDLED else str(Path(self.data).absolute())
        labels = None if self.labels is None else str(Path(self.labels).absolute())
        return replace(self, data=data, labels=labels)


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


def split_names(text: str) -> tuple[str, ...]:
    """Return names that were given with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name)


def make_source(data: str, options: dict[str, Any]) -> Source:
    """Return the source of options that `source_options` made, removing them from the rest."""
    names = [field.name for field in fields(Source) if field.name in options]
    chosen = {name: value for name in names if (value := options.pop(name)) is not None}
    for name in ("columns", "drop"):
        if name in chosen:
            chosen[name] = split_names(chosen[name])
    targets = chosen.pop("target", ())
    if targets:
        chosen["target"] = targets[0] if len(targets) == 1 else tuple(targets)
    return Source(data, **chosen)
