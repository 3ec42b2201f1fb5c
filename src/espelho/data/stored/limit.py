"""The memory limit: the size above which samples stay on disk."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espelho.data.formats.arrays import npy_layout, read_npy
from espelho.data.formats.content import Choice, Content
from espelho.data.formats.footers import Footers
from espelho.data.formats.parquet import read_table
from espelho.data.stored.array import StoredArray
from espelho.data.stored.table import StoredTable
from espelho.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["n_bytes", "read_limited_array", "read_limited_table"]

_UNITS = {f"{prefix}B": 1000**power for power, prefix in enumerate(("", "K", "M", "G", "T"))} | {
    f"{prefix}IB": 1024**power for power, prefix in enumerate(("K", "M", "G", "T"), start=1)
}


def n_bytes(limit: int | str) -> int:
    """Return a size in bytes.

    Parameters
    ----------
    limit : int or str
        A number of bytes, or text such as ``500MB``, ``2GB`` (powers of 1000) or ``1.5GiB``
        (powers of 1024).

    Returns
    -------
    int
        The number of bytes.

    Raises
    ------
    SettingError
        If it is neither.

    Examples
    --------
    >>> from espelho.data.stored.limit import n_bytes
    >>> n_bytes("500MB"), n_bytes("1.5GiB"), n_bytes(1000)
    (500000000, 1610612736, 1000)
    """
    if isinstance(limit, int | np.integer) and not isinstance(limit, bool) and limit >= 0:
        return int(limit)
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", str(limit))
    unit = parts and (parts[2] or "B").upper()
    if parts is None or unit not in _UNITS or not isinstance(limit, str):
        raise SettingError(
            "memory_limit must be a number of bytes, or text such as '500MB', '2GB' or "
            f"'1.5GiB', got {limit!r}."
        )
    return int(float(parts[1]) * _UNITS[unit])


def read_limited_array(path: Path, choice: Choice, limit: int) -> Content:
    """Read an ``.npy`` file, or leave it on disk if its samples are larger than a limit.

    Parameters
    ----------
    path : Path
        The file.
    choice : Choice
        Which columns become ``X`` and ``y``.
    limit : int
        The most bytes of samples to hold.

    Returns
    -------
    Content
        ``X`` as an array or as a `StoredArray`.
    """
    layout = npy_layout(path)
    if int(np.prod(layout.shape, dtype=object)) * layout.dtype.itemsize <= limit:
        return read_npy(path, choice)
    stored = StoredArray(path, choice)
    X = stored if stored.nbytes > limit else np.asarray(stored)
    return Content(X, stored.labels, stored.names, choice.target)


def read_limited_table(files: "Sequence[Path]", choice: Choice, limit: int) -> Content:
    """Read Parquet files, or leave them on disk if their samples are larger than a limit.

    Parameters
    ----------
    files : sequence of Path
        The files, in the order of their rows.
    choice : Choice
        Which columns become ``X`` and ``y``.
    limit : int
        The most bytes of samples to hold.

    Returns
    -------
    Content
        ``X`` as an array or as a `StoredTable`.
    """
    footers = Footers.of(files, choice)
    if (
        not footers.all_numbers
        or footers.n_rows * len(footers.features) * footers.dtype.itemsize <= limit
    ):
        return read_table(footers)
    stored = StoredTable(files, choice)
    return Content(stored, stored.labels, stored.names, choice.target)
