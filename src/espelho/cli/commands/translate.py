"""``espelho translate RUN DATA -o OUT``: write what samples of one set are in the other."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.opened import Opened
from espelho.cli.options.source import make_source, source_options
from espelho.cli.output import by_blocks, write_result
from espelho.data.images.places import IMAGE_SUFFIXES, find_images
from espelho.data.writing import WRITABLE_SUFFIXES
from espelho.errors import FileError, SettingError

if TYPE_CHECKING:
    from espelho.cli.translation.tiles import Tiles
    from espelho.data.images.places import ImageFiles

__all__ = ["translate"]

_MOST_PIXELS = 250_000_000
"""Pixels of an image that are decoded without being asked for: 750 MB of red, green and blue."""


@click.command()
@click.argument("run")
@click.argument("data")
@click.option(
    "-o",
    "--output",
    required=True,
    help="A folder, which gets a file for each image, of the same name. Of one image its file; "
    "of other data a .npy, .csv or .parquet file.",
)
@click.option(
    "--to",
    type=click.Choice(["A", "B"]),
    default="B",
    help="The set that DATA is translated to; pix2pix goes to B only.  [default: B]",
)
@click.option(
    "--tile",
    type=click.IntRange(16),
    help="Side of the parts, in pixels, that larger images are cut into.  [default: 512, of "
    "images of more than a million pixels]",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    default=_MOST_PIXELS,
    help=f"Pixels of the largest image that is decoded.  [default: {_MOST_PIXELS}]",
)
@click.option("--force", is_flag=True, help="Translate images again that have a translation.")
@source_options
def translate(
    run: str,
    data: str,
    output: str,
    *,
    to: str,
    tile: int | None,
    max_pixels: int,
    force: bool,
    **options: Any,
) -> None:
    """Write what DATA is in the other set: images as images, of any size.

    DATA is a folder of images, a .zip of them, a folder inside a .zip, an image, or a file of
    samples. Files keep their names, and images their size. Where OUTPUT is a folder, images that
    have a translation are passed over: after an interruption the same command goes on. Large
    images are cut into tiles.
    """
    from espelho.cli.translation.tiles import Tiles

    opened = Opened(run, "translate")
    _check_way(opened, to)
    tiles = Tiles(opened.estimator, to, tile)
    files = find_images(Path(data))
    if files is None or _is_one_file(files, output):
        _translate_rows(tiles, data, output, options)
        return
    from espelho.cli.translation.folder import translate_files

    refused = [name for name in ("resize", "cut") if options[name] is not None]
    if refused:
        raise SettingError(
            f"--{refused[0]} changes the size of images, which translations into files keep. "
            "Leave it out, or name a .npy file as output."
        )
    _raise_guard(max_pixels)
    translate_files(
        files, tiles, opened.path, Path(output), force=force, skip_damaged=options["skip_damaged"]
    )


def _check_way(opened: Opened, to: str) -> None:
    if to not in opened.estimator.goes_to:
        raise SettingError(
            f"{opened.path} holds a {type(opened.estimator).__name__}, which translates to "
            f"{' and '.join(opened.estimator.goes_to)} only. Train another with the sets "
            "exchanged, or a cycle-gan."
        )


def _is_one_file(files: "ImageFiles", output: str) -> bool:
    """Return whether translations go together into one file, and not each into its own."""
    suffix = Path(output).suffix.lower()
    single = files.path.is_file() and files.path.suffix.lower() in IMAGE_SUFFIXES
    if suffix not in (*WRITABLE_SUFFIXES, *IMAGE_SUFFIXES) or (single and suffix != ".npy"):
        return False
    if suffix not in WRITABLE_SUFFIXES:
        raise FileError(
            f"{output} would be one image of many. Name a folder, which gets a file for each."
        )
    return not Path(output).is_dir()


def _raise_guard(most: int) -> None:
    """Let Pillow decode larger images than it does by itself, as the command says it will.

    Its guard (``PIL.Image.MAX_IMAGE_PIXELS``) is there for programs that are sent images by
    strangers; who translates an image names the file.
    """
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = most


def _translate_rows(tiles: "Tiles", data: str, output: str, options: dict[str, Any]) -> None:
    source, target = tiles.domains
    given = make_source(data, options)
    known = getattr(source, "feature_names_in_", None)
    if known is not None and given.columns is None and Path(data).suffix != ".npy":
        given = replace(given, columns=tuple(known))
    dataset = given.read()
    names = getattr(target, "feature_names_in_", None)
    parts = by_blocks(dataset, tiles.rows)
    write_result(output, len(dataset.X), parts, None if names is None else tuple(names))
