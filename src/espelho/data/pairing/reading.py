"""Reading: two sets of samples from files, in pairs or not."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from espelho.data.images.choice import ImageChoice
from espelho.data.images.places import ImageFiles
from espelho.data.pairing.examples import PAIRED_EXAMPLES, load_example
from espelho.data.pairing.loading import alike, as_pairs, find, read_rows, warn
from espelho.data.pairing.matching import match
from espelho.data.pairing.pairs import Pairs, Unpaired
from espelho.data.stored.images import StoredImages
from espelho.data.stored.limit import n_bytes
from espelho.errors import SettingError, ShapeError

__all__ = ["check_sources", "read_pairs", "read_unpaired"]

Source = str | os.PathLike[str]
_FIELDS = ("A", "B", "names_A", "names_B", "source")


def read_pairs(
    a: Source | None = None,
    b: Source | None = None,
    *,
    pairs: Source | None = None,
    left: Literal["A", "B"] = "A",
    resize: Sequence[int] | None = None,
    cut: Sequence[int] | None = None,
    skip_damaged: bool = False,
    skip_unmatched: bool = False,
    memory_limit: int | str = "1GB",
) -> Pairs:
    """Read samples that belong together in pairs.

    Parameters
    ----------
    a, b : str or path-like
        Where the samples of A and of B are: each a folder of images, a ``.zip`` archive of
        them, a folder inside an archive (``set.zip/train``), an image, or a file of samples
        such as ``.npy`` or idx. Images are matched by their names, whatever the suffix, others
        by their rows.
    pairs : str or path-like
        Instead of both, images of which each holds a sample of A and one of B side by side; or
        the name of a bundled set (``PAIRED_EXAMPLES``).
    left : {"A", "B"}, default="A"
        Which of the two is on the left.
    resize : (int, int), optional
        The height and width that all images are brought to, in pixels; of images side by side
        each half.
    cut : (int, int), optional
        The height and width of the part of each image that is taken, after that: at the same
        place of both of a pair. Each epoch of a training draws its own, else it is the middle.
    skip_damaged : bool, default=False
        Whether pairs with a damaged image are left out, with a warning, instead of being an
        error.
    skip_unmatched : bool, default=False
        Whether images without a partner are left out, with a warning, instead of being an
        error.
    memory_limit : int or str, default="1GB"
        The most bytes of samples of both to hold in memory. What is larger, and what parts are
        drawn from, stays on disk and is read a part at a time.

    Returns
    -------
    Pairs
        The samples.

    Raises
    ------
    FileError
        If a file is missing or damaged.
    DataError
        If an image has no partner.
    ShapeError
        If images differ in size, are too small, or of odd width where they are two side by side.
    SettingError
        If it is not said where both are.

    Examples
    --------
    >>> from espelho.data.pairing.reading import read_pairs
    >>> read_pairs(pairs="photograph-edges").shapes
    ((64, 64), (3, 64, 64))
    """
    check_sources(a, b, pairs)
    choice = ImageChoice.of(resize, cut, skip_damaged=skip_damaged)
    limit = n_bytes(memory_limit)
    if pairs is not None:
        return _read_sides(pairs, left, choice, limit)
    files_a, files_b = (find(str(source)) for source in (a, b))
    if files_a is not None and files_b is not None:
        return _read_matched(files_a, files_b, choice, limit, skip_unmatched=skip_unmatched)
    first, second = (read_rows(source, choice, limit) for source in (a, b))
    if len(first) != len(second):
        raise ShapeError(
            f"{a} holds {len(first)} samples and {b} holds {len(second)}: row i of one belongs to "
            "row i of the other, so there must be as many. Without pairs, use a cycle-gan."
        )
    first, second = alike((str(a), first), (str(b), second), choice)
    return Pairs(A=first, B=second, source=f"{_absolute(a)} {_absolute(b)}")


def read_unpaired(
    a: Source | None = None,
    b: Source | None = None,
    *,
    pairs: Source | None = None,
    left: Literal["A", "B"] = "A",
    resize: Sequence[int] | None = None,
    cut: Sequence[int] | None = None,
    skip_damaged: bool = False,
    memory_limit: int | str = "1GB",
) -> Unpaired:
    """Read two sets of samples that belong together as a whole.

    Parameters
    ----------
    a, b, pairs, left, resize, cut, skip_damaged, memory_limit
        As in `read_pairs`; nothing is matched, and both sets may differ in number.

    Returns
    -------
    Unpaired
        The samples.

    Raises
    ------
    FileError, DataError, ShapeError, SettingError
        As in `read_pairs`.

    Examples
    --------
    >>> from espelho.data.pairing.reading import read_unpaired
    >>> read_unpaired(pairs="photographs").shapes
    ((3, 64, 64), (3, 64, 64))
    """
    check_sources(a, b, pairs)
    choice = ImageChoice.of(resize, cut, skip_damaged=skip_damaged)
    limit = n_bytes(memory_limit)
    if pairs is not None:
        if pairs in PAIRED_EXAMPLES:
            choice.refuse(str(pairs))
            both: Any = load_example(str(pairs))
        else:
            both = _read_sides(pairs, left, choice, limit)
        return Unpaired(**{name: getattr(both, name) for name in _FIELDS})
    first, second = (read_rows(source, choice, limit // 2) for source in (a, b))
    names = [_names(X) for X in (first, second)]
    source = f"{_absolute(a)} {_absolute(b)}"
    return Unpaired(A=first, B=second, names_A=names[0], names_B=names[1], source=source)


def check_sources(a: Source | None, b: Source | None, pairs: Source | None) -> None:
    """Refuse to be told of one set only, or of both in two ways.

    Raises
    ------
    SettingError
        If that is so.
    """
    if pairs is not None and a is None and b is None:
        return
    if pairs is not None:
        raise SettingError(
            f"pairs={str(pairs)!r} holds both A and B; a= and b= (--a, --b) say where they are "
            "otherwise. Give one or the other."
        )
    if a is None and b is None:
        raise SettingError(
            "Two sets are needed. Say where they are by a= and b= (--a DIR --b DIR), or by pairs= "
            "(--pairs DIR) if images lie side by side in files. Without data of your own, take "
            f"one of {', '.join(PAIRED_EXAMPLES)}."
        )
    for name, other, given in (("a", "b", a), ("b", "a", b)):
        if given is None:
            raise SettingError(
                f"{other}= (--{other}) is given without {name}= (--{name}). Say where the samples "
                f"of {name.upper()} are too, or use pairs= (--pairs) if both lie side by side."
            )


def _read_matched(
    a: ImageFiles, b: ImageFiles, choice: ImageChoice, limit: int, *, skip_unmatched: bool
) -> Pairs:
    found = match(a, b, skip_unmatched=skip_unmatched)
    if alone := found.alone(a, b):
        warn(f"Left out, without a partner of the same name: {alone}.")
    return as_pairs((a, found.a, choice), (b, found.b, choice), limit, f"{a.path} {b.path}")


def _read_sides(source: Source, left: str, choice: ImageChoice, limit: int) -> Pairs:
    if source in PAIRED_EXAMPLES:
        choice.refuse(str(source))
        example = load_example(str(source))
        if not isinstance(example, Pairs):
            raise SettingError(
                f"{source} are two sets without pairs, which cycle-gan learns from. Of pairs "
                f"there is {next(iter(PAIRED_EXAMPLES))}."
            )
        return example
    if left not in ("A", "B"):
        raise SettingError(f"left must be 'A' or 'B', got {left!r}.")
    files = find(str(source))
    if files is None:
        return _halves_of_rows(source, left, choice, limit)
    _refuse_two_folders(files)
    halves = replace(choice, side="left"), replace(choice, side="right")
    first, second = halves if left == "A" else halves[::-1]
    names = list(files.names)
    return as_pairs((files, names, first), (files, names, second), limit, str(files.path))


def _refuse_two_folders(files: ImageFiles) -> None:
    """Refuse to cut images in half that lie in folders called A and B."""
    folders = {name.parts[0] for name in files.names if len(name.parts) > 1}
    for a in folders:
        b = f"{a[:-1]}B" if a.endswith("A") else f"{a[:-1]}b"
        if a[-1] in "Aa" and b in folders:
            raise SettingError(
                f"{files.path} holds the folders {a} and {b}, and pairs= (--pairs) names images "
                f"of which each holds both sides. Use a= and b= (--a {files.path / a} --b "
                f"{files.path / b})."
            )


def _halves_of_rows(source: Source, left: str, choice: ImageChoice, limit: int) -> Pairs:
    rows = np.asarray(read_rows(source, choice, limit))
    if rows.ndim < 3 or rows.shape[-1] % 2:
        raise ShapeError(
            f"{source} must hold images of even width, two side by side, (n, height, width) or "
            f"(n, channels, height, width), got {rows.shape}."
        )
    halves = np.split(rows, 2, axis=-1)
    first, second = halves if left == "A" else halves[::-1]
    return Pairs(A=first.copy(), B=second.copy(), source=_absolute(source))


def _names(X: Any) -> tuple[str, ...] | None:
    return X.file_names if isinstance(X, StoredImages) else None


def _absolute(source: Source | None) -> str:
    return str(Path(str(source)).absolute())
