"""The ``.ts`` format of the UCR and UEA archives: labelled time series as text."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from espelho.data.formats.content import Choice, Content
from espelho.data.formats.raw import read_bytes
from espelho.data.series.sequences import Sequences
from espelho.errors import DataError, FileError, SettingError, ShapeError

__all__ = ["is_ts", "read_ts"]

_TRUE = ("true", "yes", "1")


def is_ts(start: bytes) -> bool:
    """Tell whether a file starts as the format does, with a tag or a comment.

    Parameters
    ----------
    start : bytes
        The first four bytes of the file, or more.

    Returns
    -------
    bool
        Whether it is ``@pro``, of the tag that comes first.
    """
    return start[:4].lower() == b"@pro"


def read_ts(path: Path, choice: Choice) -> Content:
    """Read a ``.ts`` file.

    Lines that start with ``#`` are comments, with ``@`` tags up to ``@data``; then a line is
    a sequence: its dimensions with ``:`` between them, steps with ``,`` between them, and its
    label last where ``@classLabel`` (or ``@targetLabel``) says so.

    Parameters
    ----------
    path : Path
        The file, compressed by gzip or not.
    choice : Choice
        Has to name no columns: the file says what is a label.

    Returns
    -------
    Content
        ``X`` as float64 ``(n, time, features)`` where all sequences are as long, else
        `Sequences`; labels as int64, float64 or strings, whichever fits first.

    Raises
    ------
    FileError
        If it is not of this format, or has time stamps, which are not read.
    DataError
        If it has no sequence, or a missing value, or what is no number.
    ShapeError
        If the dimensions of a sequence differ in length, or sequences in dimensions.
    SettingError
        If columns are chosen.
    """
    if choice.names_columns:
        raise SettingError(
            f"{path} holds sequences, which have no columns to choose from; its labels are set "
            "aside as they are. Leave columns=, drop= and target= out."
        )
    tags, lines = _parted(path)
    if tags.get("timestamps", "").lower() in _TRUE:
        raise FileError(
            f"{path} has a time stamp at every step (@timeStamps true), which is not read. Save "
            "it with values at equal distances and @timeStamps false."
        )
    words = tags.get("classlabel", tags.get("targetlabel", "false")).split()
    labelled = bool(words) and words[0].lower() in _TRUE
    found, labels = [], []
    for number, line in lines:
        values, _, label = line.rpartition(":") if labelled else (line, "", "")
        if labelled and not values:
            raise FileError(f"{path}, line {number}: there is no label after the last ':'.")
        labels.append(label.strip())
        found.append(_sequence(values, f"{path}, line {number}"))
    if not found:
        raise DataError(f"{path} has 0 sequences after @data.")
    name = ("label" if "classlabel" in tags else "target") if labelled else None
    return Content(_together(found, path), _labels(labels) if labelled else None, None, name)


def _parted(path: Path) -> tuple[Mapping[str, str], list[tuple[int, str]]]:
    """Return the tags, by name, and the numbered lines that hold sequences."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not text in UTF-8.") from error
    tags: dict[str, str] = {}
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("@") and not lines:
            tag, _, value = line[1:].partition(" ")
            tags[tag.lower()] = value.strip()
        elif "data" in tags:
            lines.append((number, line))
        else:
            raise FileError(
                f"{path}, line {number}: a .ts file has lines that start with '@' up to '@data', "
                f"and its sequences after that; got {line[:40]!r}."
            )
    if "data" not in tags:
        raise FileError(f"{path} is no .ts file: it has no line '@data'.")
    return tags, lines


def _sequence(text: str, where: str) -> np.ndarray:
    """Return one sequence ``(time, features)``."""
    dimensions = [_numbers(part, where) for part in text.split(":")]
    if len({len(steps) for steps in dimensions}) > 1:
        raise ShapeError(
            f"{where}: the dimensions of a sequence must be as long as each other, got "
            f"{[len(steps) for steps in dimensions]} steps."
        )
    return np.column_stack(dimensions)


def _numbers(text: str, where: str) -> np.ndarray:
    cells = [cell.strip() for cell in text.split(",")]
    if missing := [step for step, cell in enumerate(cells) if cell in ("?", "", "NaN")]:
        raise DataError(
            f"{where}: step {missing[0]} (counted from 0) is missing ({cells[missing[0]]!r}). "
            "Leave such sequences out, or fill the gaps first."
        )
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{where} must hold numbers with commas between them: {error}.") from None


def _together(found: list[np.ndarray], path: Path) -> "np.ndarray | Sequences":
    try:
        sequences = Sequences.of(found)
    except ShapeError as error:
        raise ShapeError(f"{path}: {error}") from None
    equal = bool((sequences.lengths == sequences.n_steps).all())
    return np.asarray(sequences) if equal else sequences


def _labels(labels: list[str]) -> np.ndarray:
    for dtype in (np.int64, np.float64):
        try:
            return np.array([dtype(label) for label in labels])
        except ValueError:
            continue
    return np.array(labels, dtype=np.str_)
