"""Files of NumPy arrays: one (.npy) or several with names (.npz). Pickles are refused."""

import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from espelho.data.formats.content import Choice, Content, as_labels, choose_columns
from espelho.data.nearest import did_you_mean
from espelho.errors import DataError, FileError

__all__ = ["Layout", "npy_layout", "read_npy", "read_npz"]

_MAGIC = b"\x93NUMPY"
_DAMAGED = (ValueError, EOFError, OSError, MemoryError, zlib.error, zipfile.BadZipFile)


class Layout(NamedTuple):
    """How the numbers of an array lie in its file."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]
    offset: int


def npy_layout(path: Path) -> Layout:
    """Read how the numbers of an ``.npy`` file lie in it, and no number.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Layout
        Shape, order, type, and the byte at which the numbers begin.

    Raises
    ------
    FileError
        If it is damaged, not of this format, or holds pickled objects.
    """
    try:
        with path.open("rb") as file:
            return _layout(file, str(path))
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def read_npy(path: Path, choice: Choice) -> Content:
    """Read an ``.npy`` file.

    Parameters
    ----------
    path : Path
        The file.
    choice : Choice
        Columns, by their index, if it holds a table.

    Returns
    -------
    Content
        Its array.

    Raises
    ------
    FileError
        If it is damaged, not of this format, or holds pickled objects.
    """
    try:
        with path.open("rb") as file:
            array = _array(file, str(path))
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    return choose_columns(Content(array), choice, str(path))


def read_npz(path: Path, choice: Choice) -> Content:
    """Read an ``.npz`` file.

    Parameters
    ----------
    path : Path
        The file.
    choice : Choice
        ``array`` names the samples and ``target`` the labels among its arrays. The samples
        need no name if there is no other array than the labels.

    Returns
    -------
    Content
        Its samples and labels.

    Raises
    ------
    FileError
        If it is damaged, not of this format, or holds pickled objects.
    DataError
        If an array is unknown or it is not clear which one to take.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = _chosen_arrays(archive, choice, str(path))
    except (FileError, DataError):
        raise
    except _DAMAGED as error:
        raise FileError(
            f"{path} is not an .npz file, or it is truncated or damaged ({error}). It "
            "should be a ZIP archive of .npy files, as numpy.savez writes it."
        ) from error
    return content


def _chosen_arrays(archive: zipfile.ZipFile, choice: Choice, where: str) -> Content:
    members = [name for name in archive.namelist() if name.endswith(".npy")]
    names = [name.removesuffix(".npy") for name in members]
    for asked in (choice.array, choice.target):
        if asked is not None and asked not in names:
            raise DataError(
                f"{where} has no array {asked!r}; it has {_described(archive, names)}."
                + did_you_mean(asked, names)
            )
    candidates = [name for name in names if name != choice.target]
    if not candidates:
        raise DataError(f"{where} has no array that could be the samples.")
    if choice.array is None and len(candidates) > 1:
        raise DataError(
            f"{where} has {len(candidates)} arrays that could be the samples: "
            f"{_described(archive, candidates)}. Name one "
            "(array=, or --array on the command line)."
        )
    X = _member(archive, choice.array or candidates[0], where)
    columns = Choice(columns=choice.columns, drop=choice.drop)
    content = choose_columns(Content(X), columns, where)
    if choice.target is None:
        return content
    y = _member(archive, choice.target, where)
    y = as_labels(y, len(X), labels=f"Array {choice.target!r}", where=where)
    return content._replace(y=y, target_name=choice.target)


def _member(archive: zipfile.ZipFile, name: str, where: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as file:
        return _array(file, f"{where}, array {name!r}")


def _described(archive: zipfile.ZipFile, names: list[str]) -> str:
    described = []
    for name in names:
        with archive.open(f"{name}.npy") as file:
            described.append(f"{name} {_header(file)[0]}")
    return ", ".join(described) or "none"


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    return read(file)


def _array(file: IO[bytes], where: str) -> np.ndarray:
    _layout(file, where)
    file.seek(0)
    try:
        return np.lib.format.read_array(file, allow_pickle=False)
    except _DAMAGED as error:
        raise _damaged(where, error) from error


def _layout(file: IO[bytes], where: str) -> Layout:
    start = file.read(len(_MAGIC))
    if start != _MAGIC:
        raise FileError(
            f"{where} is not a NumPy array: it should start with {_MAGIC!r}, got {start!r}."
        )
    file.seek(0)
    try:
        layout = Layout(*_header(file), offset=file.tell())
    except _DAMAGED as error:
        raise _damaged(where, error) from error
    if layout.dtype.hasobject:
        raise FileError(
            f"{where} holds pickled Python objects, which are never loaded: they can run any "
            "code. Save it again as numbers, as in numpy.save(path, array.astype(float))."
        )
    return layout


def _damaged(where: str, error: BaseException) -> FileError:
    return FileError(f"{where} is a truncated or damaged NumPy array ({error}).")
