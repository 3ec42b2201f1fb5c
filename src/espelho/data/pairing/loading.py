"""Loading: the samples of two sets, both in memory or both on disk."""

import warnings
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from espelho.data.files import read
from espelho.data.images.choice import ImageChoice
from espelho.data.images.places import ImageFiles, find_images
from espelho.data.pairing.pairs import Pairs
from espelho.data.stored.base import Stored
from espelho.data.stored.images import StoredImages, damaged_rows
from espelho.errors import DataError, EspelhoWarning, FileError

__all__ = ["Images", "alike", "as_pairs", "find", "read_rows", "warn"]

_NAMED = 5

Images = tuple[ImageFiles, list[PurePosixPath], ImageChoice]
"""Where images are, which of them are taken, and what is done with them."""


def as_pairs(a: Images, b: Images, limit: int, source: str) -> Pairs:
    """Return images in pairs: in memory if both fit, else on disk."""
    kept = _sound(a, b)
    first, second = (
        StoredImages(files, [names[row] for row in kept], choice)
        for files, names, choice in (a, b)
    )
    for images in (first, second):
        images.check_sizes()
    in_memory = a[2].cut is None and first.nbytes + second.nbytes <= limit
    A, B = (np.asarray(X) if in_memory else X for X in (first, second))
    names_A, names_B = (tuple(str(x[1][row]) for row in kept) for x in (a, b))
    return Pairs(A=A, B=B, names_A=names_A, names_B=names_B, source=source)


def _sound(a: Images, b: Images) -> list[int]:
    """Return which pairs are not damaged, as far as that is asked."""
    n = len(a[1])
    if not a[2].skip_damaged:
        return list(range(n))
    same = a[0] is b[0]
    found = [damaged_rows(files, names) for files, names, _ in ((a,) if same else (a, b))]
    damaged = set().union(*found)
    if damaged:
        named = [
            str(images[1][row])
            for images, rows in zip((a, b), found, strict=False)
            for row in rows
        ]
        more = f" and {len(named) - _NAMED} more" * (len(named) > _NAMED)
        warn(
            f"{len(damaged)} of {n} pairs left out, as an image is damaged: "
            f"{', '.join(named[:_NAMED])}{more}."
        )
    if len(damaged) == n:
        raise FileError(f"{a[0].path} and {b[0].path} have no pair that is not damaged.")
    return [row for row in range(n) if row not in damaged]


def read_rows(source: Any, choice: ImageChoice, limit: int) -> Any:
    """Return the samples of one set."""
    find(str(source))
    options: dict[str, Any] = {"resize": choice.size, "cut": choice.cut}
    dataset = read(
        Path(str(source)), memory_limit=limit, skip_damaged=choice.skip_damaged, **options
    )
    if not isinstance(dataset.X, np.ndarray | Stored):
        raise DataError(
            f"{source} holds sequences that differ in length, which have no translator."
        )
    return dataset.X


def alike(a: tuple[str, Any], b: tuple[str, Any], choice: ImageChoice) -> tuple[Any, Any]:
    """Return two sets that are both in memory, or both on disk."""
    sets = [X for _, X in (a, b)]
    if len({isinstance(X, Stored) for X in sets}) == 1:
        return sets[0], sets[1]
    both = [X if isinstance(X, Stored) else read_rows(s, choice, 0) for s, X in (a, b)]
    if not all(isinstance(X, Stored) for X in both):
        raise DataError(
            f"Of {a[0]} and {b[0]} one stays on disk, as it is larger than memory_limit, and the "
            "other is of a format that is read whole. Raise memory_limit, or store both as .npy."
        )
    return both[0], both[1]


def find(source: str) -> ImageFiles | None:
    """Return the images of a source; nothing where it is of another format."""
    path = Path(source)
    found = find_images(path)
    if found is None and path.is_dir():
        raise FileError(f"{path} is a folder without images.")
    return found


def warn(text: str) -> None:
    """Warn whoever asked for the data."""
    warnings.warn(text, EspelhoWarning, stacklevel=5)
