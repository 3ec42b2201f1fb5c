"""A folder of translations: what is there already, and what is still to be done."""

import hashlib
import json
import shlex
import sys
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click
import numpy as np

from espelho.cli.translation.images import translate_images
from espelho.data.images.large.writing import suffix_for
from espelho.data.images.places import IMAGE_SUFFIXES
from espelho.data.writing import atomic_file
from espelho.errors import FileError, SettingError

if TYPE_CHECKING:
    from espelho.cli.translation.tiles import Tiles
    from espelho.data.images.places import ImageFiles

__all__ = ["translate_files"]

_NOTE = ".espelho-translation.json"
_ABANDONED = 60.0
"""Seconds after which a file that was being written is what a killed command left."""


def translate_files(
    files: "ImageFiles",
    tiles: "Tiles",
    run: Path,
    output: Path,
    *,
    force: bool,
    skip_damaged: bool,
) -> None:
    """Translate images into files of the same names, but those that are there already.

    A note in the folder says by what its files were translated.

    Parameters
    ----------
    files
        The images.
    tiles
        What they are translated by.
    run
        Its folder.
    output
        The folder; or the file, of one image.
    force
        Whether what is there is replaced.
    skip_damaged
        Whether damaged images are left out, with a warning.

    Raises
    ------
    FileError
        If files are in the way that are no translations, or two images would have one file.
    SettingError
        If the folder holds translations by another run, or to the other set.
    """
    outputs = _outputs(files, tiles, output)
    single = list(outputs.values()) == [output]
    waiting = dict(outputs) if single or force else _waiting(outputs, output, _maker(run, tiles))
    if not single:
        output.mkdir(parents=True, exist_ok=True)
        _clear(output)
        with atomic_file(output / _NOTE) as file:
            file.write(json.dumps(_maker(run, tiles)).encode())
    shown = sys.stderr.isatty()
    done = translate_images(files, tiles, waiting, skip_damaged=skip_damaged)
    n_done = _counted(done, len(waiting), shown=shown)
    there = len(outputs) - len(waiting)
    told = f", {there} were there already" if there else ""
    click.echo(f"{output}: {n_done} images translated to {tiles.to}{told}", err=True)


def _counted(names: Iterable[PurePosixPath], n: int, *, shown: bool) -> int:
    """Go through what is done, and say how far it is where somebody looks."""
    found = 0
    with click.progressbar(length=n, file=sys.stderr, hidden=not shown) as bar:
        for _ in names:
            found += 1
            bar.update(1)
    return found


def _outputs(files: "ImageFiles", tiles: "Tiles", output: Path) -> dict[PurePosixPath, Path]:
    """Return the file of each image's translation."""
    _, target = tiles.domains
    shape, dtype = (target.channels, 1, 1), np.dtype(target.dtype_)
    if len(files.names) == 1 and output.suffix.lower() in IMAGE_SUFFIXES and not output.is_dir():
        if (needed := suffix_for(output.suffix, shape, dtype)) != output.suffix:
            raise FileError(
                f"{output} cannot hold an image of {target.channels} channels, {dtype}. Name a "
                f"{needed} file."
            )
        return {files.names[0]: output}
    found: dict[PurePosixPath, Path] = {}
    taken: dict[Path, PurePosixPath] = {}
    for name in files.names:
        path = output / name.with_suffix(suffix_for(name.suffix, shape, dtype))
        if path in taken:
            raise FileError(
                f"The translations of {taken[path]} and {name} would both be {path}. Rename one, "
                "or translate them into different folders."
            )
        found[name], taken[path] = path, name
    return found


def _maker(run: Path, tiles: "Tiles") -> dict[str, str]:
    """Return what says which weights translate, and to what."""
    weights = hashlib.sha256((run / "weights.safetensors").read_bytes()).hexdigest()
    return {"run": str(run.absolute()), "weights": weights, "to": tiles.to}


def _waiting(
    outputs: dict[PurePosixPath, Path], output: Path, maker: dict[str, str]
) -> dict[PurePosixPath, Path]:
    """Return the images that have no translation yet."""
    there = [path for path in outputs.values() if path.exists()]
    note = _note(output)
    if there and note is None:
        raise FileError(
            f"{there[0]} is there already, and {output} does not say that it was translated. Name "
            "another folder, or replace such files with --force."
        )
    same = note is not None and all(note.get(key) == maker[key] for key in ("weights", "to"))
    if there and not same:
        raise SettingError(
            f"{output} holds translations by other weights or to another set (by "
            f"{shlex.quote(str((note or {}).get('run')))}, to {(note or {}).get('to')}). Name "
            "another folder, or replace them with --force."
        )
    return {name: path for name, path in outputs.items() if not path.exists()}


def _note(output: Path) -> dict[str, str] | None:
    try:
        found: dict[str, str] = json.loads((output / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _clear(output: Path) -> None:
    """Remove what a killed command was writing."""
    for path in output.rglob(".espelho-*.tmp"):
        if time.time() - path.stat().st_mtime > _ABANDONED:
            path.unlink(missing_ok=True)
