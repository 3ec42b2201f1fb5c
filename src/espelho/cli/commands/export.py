"""``espelho export RUN``: write the model as files that other programs run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.opened import Opened
from espelho.cli.options.source import source_options
from espelho.errors import DataError, FileError, SettingError

if TYPE_CHECKING:
    from espelho.exporting.result import ExportedPart

__all__ = ["export"]

_SIDES = 2
"""Height and width."""


@click.command()
@click.argument("run")
@click.option("-o", "--output", help="The folder for the files.  [default: RUN/export]")
@click.option(
    "--format",
    type=click.Choice(["onnx", "torch"]),
    default="onnx",
    help="ONNX files, or programs that torch.export.load reads.  [default: onnx]",
)
@click.option(
    "--part",
    multiple=True,
    help="encoder, decoder, reconstruction, generator, translator, predictor or score; may be "
    "given again.  [default: all that the model has]",
)
@click.option(
    "--rows",
    metavar="DATA",
    help="Data that files are compared with the library on; of a translator samples of A.  "
    "[default: the run's own data]",
)
@click.option(
    "--resolution",
    metavar="HEIGHT|HEIGHTxWIDTH",
    help="How large images are, where RUN is of a progressive-gan: a size that it was trained at "
    "(16, or 24x16).",
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "float64"]),
    default="float32",
    help="Type of the numbers in the graphs.  [default: float32]",
)
@source_options
def export(
    run: str,
    *,
    output: str | None,
    format: str,  # noqa: A002 as the option is called
    part: tuple[str, ...],
    rows: str | None,
    resolution: str | None,
    precision: str,
    **options: Any,
) -> None:
    """Write the model of RUN as files that run without espelho, in the units of the data.

    Each is compared with the library before it appears, and has a program beside it that shows
    how it is used. Files of the same names in the folder are replaced. A part takes some seconds,
    and a minute or more where it has many layers, or steps that are fed back.
    """
    from espelho.exporting.export import export as write

    opened = Opened(run, anything=True)
    made = write(
        opened.fitted,
        Path(run, "export") if output is None else output,
        part=part or None,
        format=format,  # type: ignore[arg-type]
        rows=_rows(opened, rows, options),
        resolution=None if resolution is None else _size(resolution),
        precision=precision,  # type: ignore[arg-type]
        watch=_say,
    )
    for name, reason in made.skipped.items():
        click.echo(f"no {name}: {reason}", err=True)
    click.echo(f"\nfolder   {made.path}")


def _say(part: "ExportedPart", number: int, total: int) -> None:
    """Say that a part is finished: what it takes and gives, and how long it took."""
    click.echo(str(part))
    click.echo(f"{number} of {total}, {part.seconds:.1f} s", err=True)


def _rows(opened: Opened, data: str | None, options: dict[str, Any]) -> Any:
    """Return data to compare files on; where the run's own is not to be had, nothing."""
    from espelho.cli.translation.finish import is_translation
    from espelho.exporting.finding import needs_rows

    if not needs_rows(opened.fitted):
        return None
    try:
        if data is None and is_translation(opened.path):
            from espelho.cli.translation.job import TranslationJob

            return TranslationJob.of(opened.path).read().measured()
        return opened.read(data, options).X
    except (DataError, FileError) as error:
        if data is not None:
            raise
        click.echo(f"espelho: rows are drawn to compare files on: {error}", err=True)
        return None


def _size(resolution: str) -> int | tuple[int, int]:
    """Return a height, or a height and a width.

    Raises
    ------
    SettingError
        If it is neither.
    """
    parts = resolution.lower().split("x")
    if len(parts) > _SIDES or not all(part.isdecimal() for part in parts):
        raise SettingError(
            f"--resolution is a height, such as 16, or a height and a width, such as 24x16; got "
            f"{resolution!r}."
        )
    return int(parts[0]) if len(parts) == 1 else (int(parts[0]), int(parts[1]))
