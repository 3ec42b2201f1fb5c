"""Data read from files, whatever their format."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from espelho.data.bundled import BUNDLED, load_bundled
from espelho.data.dataset import Dataset
from espelho.data.formats.arrays import read_npy, read_npz
from espelho.data.formats.content import (
    Choice,
    Content,
    Header,
    as_labels,
    as_samples,
    choose_columns,
)
from espelho.data.formats.idx import is_idx, read_idx
from espelho.data.formats.parquet import read_parquet
from espelho.data.formats.parts import find_parts, name_of_parts
from espelho.data.formats.raw import read_start
from espelho.data.formats.text import read_column, read_text
from espelho.data.formats.ts import is_ts, read_ts
from espelho.data.images.choice import ImageChoice
from espelho.data.images.places import ARCHIVE, IMAGE_SUFFIXES, ImageFiles, find_images
from espelho.data.images.reading import read_images
from espelho.data.nearest import did_you_mean
from espelho.data.stored.limit import n_bytes, read_limited_array, read_limited_table
from espelho.errors import FileError, SettingError

__all__ = ["SUFFIXES", "read"]


class _Format(NamedTuple):
    suffixes: tuple[str, ...]
    read: Callable[[Path, Choice], Content]
    starts: Callable[[bytes], bool]


_ARRAY = _Format((".npy",), read_npy, lambda start: start == b"\x93NUM")
_ARRAYS = _Format((".npz",), read_npz, lambda _: False)
_TEXT = _Format(
    (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz"), read_text, lambda _: False
)
_PARQUET = _Format((".parquet",), read_parquet, lambda start: start == b"PAR1")
_IDX = _Format((".idx", ".idx.gz", "-ubyte", "-ubyte.gz"), read_idx, is_idx)
_SERIES = _Format((".ts", ".ts.gz"), read_ts, is_ts)
_FORMATS = (_TEXT, _PARQUET, _ARRAY, _ARRAYS, _IDX, _SERIES)

SUFFIXES: tuple[str, ...] = (
    *(suffix for format_ in _FORMATS for suffix in format_.suffixes),
    *IMAGE_SUFFIXES,
    ARCHIVE,
)


def read(
    source: str | os.PathLike[str],
    *,
    array: str | None = None,
    columns: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    target: str | Sequence[str] | None = None,
    header: Header = "auto",
    labels: str | os.PathLike[str] | None = None,
    memory_limit: int | str = "1GB",
    resize: Sequence[int] | None = None,
    cut: Sequence[int] | None = None,
    skip_damaged: bool = False,
    categories: bool = False,
) -> Dataset:
    """Read data from a file or several, or take a bundled set by its name.

    Nothing that is read can run code: pickled objects are refused.

    Parameters
    ----------
    source : str or path-like
        A path, or the name of a bundled set (``BUNDLED``). The bundled set wins over a
        file of exactly that name; ``./digits``, or a ``Path``, means the file. The suffix
        decides the format (``SUFFIXES``), or else the first bytes of the file do. A folder
        stands for the ``.parquet`` files in it, as a pattern such as ``parts/*.parquet``
        does: one table, its rows in the order of the files' names. Of images, a folder or a
        ``.zip`` archive is a set of samples in the order of the files' paths; the names of
        folders in it are labels.
    array : str, optional
        The array of an ``.npz`` file to take; needed if it has several besides ``target``.
    columns : sequence of str, optional
        The columns of a table to take, in this order; all of them by default. Columns of
        arrays, and of text without a header, are named by their index: ``"0"``, ``"1"``, ...
    drop : sequence of str, optional
        Columns to leave out.
    target : str or sequence of str, optional
        The column to set aside as labels; of an ``.npz`` file, the array. Of several, each is
        read by itself, and the labels are rows ``(n, columns)`` of objects.
    header : {"auto", "yes", "no"}, default="auto"
        Whether the first row of a text file holds names. ``"auto"`` says yes if none
        of its cells is a number.
    labels : str or path-like, optional
        Another file that holds the labels, one a row: idx, ``.npy``, or text of one column.
    memory_limit : int or str, default="1GB"
        The most bytes of samples to hold in memory, or text such as ``"500MB"``. Larger
        ``.npy`` and Parquet data, and larger sets of images, stay on disk: ``X`` is then
        `Stored`, which is read a part at a time. Other formats are always read whole.
    resize : (int, int), optional
        The height and width that images are brought to, in pixels, whatever their own.
    cut : (int, int), optional
        The height and width of the part of each image that is taken, of those of any size:
        each epoch of a training draws its own, else it is the middle. Such sets stay on disk.
    skip_damaged : bool, default=False
        Whether damaged images are left out, with a warning that names them, instead of
        being an error.
    categories : bool, default=False
        Whether columns of words are taken, of text and Parquet files, instead of being an error.
        ``X`` is then a `Table`, where there are any.

    Returns
    -------
    Dataset
        The samples, and what is known about them.

    Raises
    ------
    FileError
        If a file is missing, damaged, or of no format that is known.
    DataError
        If there are no rows, a name is unknown, a column is not numeric, or the files of
        one table differ in their columns.
    ShapeError
        If there are not as many labels as samples, or images of several sizes or kinds.
    SettingError
        If an argument makes no sense for this source.

    Examples
    --------
    >>> from espelho.data.files import read
    >>> wine = read("wine", drop=["proline"], target="alcohol")
    >>> wine.X.shape, wine.y[:2]
    ((178, 11), array([14.23, 13.2 ]))
    """
    if target is not None and labels is not None:
        raise SettingError("target= and labels= both say what y is; give one of them.")
    if target and not isinstance(target, str):
        rest: dict[str, Any] = {
            "array": array, "columns": columns, "header": header,
            "memory_limit": memory_limit, "resize": resize, "cut": cut,
            "skip_damaged": skip_damaged, "categories": categories,
        }  # fmt: skip
        return _read_several(source, tuple(target), _names(drop) or (), rest)
    target = target if isinstance(target, str) else None
    choice = Choice(
        array=array,
        columns=_names(columns),
        drop=_names(drop) or (),
        target=target,
        header=header,
        categories=categories,
    )
    limit = n_bytes(memory_limit)
    asked = ImageChoice.of(resize, cut, skip_damaged=skip_damaged)
    if isinstance(source, str) and source in BUNDLED:
        asked.refuse(source)
        dataset = _read_bundled(source, choice)
    elif (images := find_images(Path(source))) is not None:
        dataset = _read_images(images, choice, asked, limit)
    else:
        asked.refuse(str(source))
        dataset = _read_files(Path(source), choice, limit)
    if labels is None:
        return dataset
    path = Path(labels)
    y = _read_labels(path, len(dataset.X), where=str(source))
    return replace(dataset, y=y, target_name=_stem(path))


def _read_several(
    source: str | os.PathLike[str],
    targets: tuple[str, ...],
    drop: tuple[str, ...],
    rest: Mapping[str, Any],
) -> Dataset:
    """Read data of which several columns are labels."""
    found = []
    for target in targets:
        left_out = (*drop, *(other for other in targets if other != target))
        found.append(read(source, target=target, drop=left_out, **rest))
    y = found[0].y if len(found) == 1 else _rows([one.y for one in found])
    return replace(found[0], y=y, target_name=targets if len(targets) > 1 else targets[0])


def _rows(columns: Sequence[Any]) -> np.ndarray:
    rows = np.empty((len(columns[0]), len(columns)), dtype=object)
    for place, column in enumerate(columns):
        rows[:, place] = column.tolist()
    return rows


def _names(names: Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(map(str, names))


def _read_bundled(name: str, choice: Choice) -> Dataset:
    _refuse_needless(choice, None, name)
    whole = load_bundled(name)
    if not choice.names_columns:
        return whole
    content = Content(whole.X, whole.y, whole.feature_names, BUNDLED[name].target_name)
    return replace(whole, **choose_columns(content, choice, name)._asdict(), sample_shape=None)


def _read_images(images: ImageFiles, choice: Choice, asked: ImageChoice, limit: int) -> Dataset:
    _refuse_needless(choice, None, str(images.path))
    content = read_images(images, asked, limit)
    if choice.names_columns:
        choice.features_of_array(content.X.shape, str(images.path))
    return Dataset(name=images.stem, source=str(images.path.absolute()), **content._asdict())


def _read_files(path: Path, choice: Choice, limit: int) -> Dataset:
    parts = find_parts(path)
    format_ = _PARQUET if parts else _format(path)
    _refuse_needless(choice, format_, str(path))
    if format_ is _PARQUET:
        content = read_limited_table(parts or (path,), choice, limit)
    elif format_ is _ARRAY:
        content = read_limited_array(path, choice, limit)
    else:
        content = format_.read(path, choice)
    if isinstance(content.X, np.ndarray):
        content = content._replace(X=as_samples(content.X, str(path)))
    name = name_of_parts(path) if parts else _stem(path)
    return Dataset(name=name, source=str(path.absolute()), **content._asdict())


def _read_labels(path: Path, n_rows: int, *, where: str) -> np.ndarray:
    format_ = _format(path)
    if format_ is _TEXT:
        y = read_column(path, n_rows)
    elif format_ in (_ARRAY, _IDX):
        y = np.asarray(format_.read(path, Choice()).X)
    else:
        raise FileError(
            f"{path} cannot hold labels: they are read from "
            f"{', '.join(_ARRAY.suffixes + _TEXT.suffixes + _IDX.suffixes)}."
        )
    return as_labels(y, n_rows, labels=str(path), where=where)


def _refuse_needless(choice: Choice, format_: _Format | None, where: str) -> None:
    if choice.array is not None and format_ is not _ARRAYS:
        raise SettingError(f"array= names an array of an .npz file, but {where} is none.")
    if choice.header != "auto" and format_ is not _TEXT:
        raise SettingError(f"header= is about text such as .csv, but {where} is none.")
    if choice.header not in ("auto", "yes", "no"):
        raise SettingError(f"header= must be 'auto', 'yes' or 'no', got {choice.header!r}.")


def _format(path: Path) -> _Format:
    _require_file(path)
    name = path.name.lower()
    for format_ in _FORMATS:
        if name.endswith(format_.suffixes):
            return format_
    start = read_start(path, 4)
    for format_ in _FORMATS:
        if format_.starts(start):
            return format_
    raise FileError(f"{path} is of no format that can be read; those are {', '.join(SUFFIXES)}.")


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise FileError(
            f"{path} is a folder without .parquet files and without images; name a file in it: "
            f"{', '.join(SUFFIXES)}."
        )
    if not path.exists():
        folder = path.parent
        try:
            neighbours = [neighbour.name for neighbour in folder.iterdir()]
        except OSError:
            raise FileError(f"{path} does not exist, nor does its folder {folder}.") from None
        guess = did_you_mean(path.name, [*BUNDLED, *neighbours])
        raise FileError(f"{path} does not exist, and is no bundled data set.{guess}")


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name[: name.rfind(".")] if name.rfind(".") > 0 else name
