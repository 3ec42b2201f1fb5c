"""The idx format of MNIST and its successors: a typed array with a short header."""

import math
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from espelho.data.formats.content import Choice, Content, choose_columns
from espelho.data.formats.raw import read_bytes
from espelho.errors import FileError

__all__ = ["is_idx", "read_idx"]

_DTYPES: Mapping[int, str] = {
    0x08: "u1",
    0x09: "i1",
    0x0B: ">i2",
    0x0C: ">i4",
    0x0D: ">f4",
    0x0E: ">f8",
}


def is_idx(start: bytes) -> bool:
    r"""Tell whether a file starts as the idx format does.

    Parameters
    ----------
    start : bytes
        The first four bytes of the file, or more.

    Returns
    -------
    bool
        Whether they are two zeros, a known type and a number of dimensions.

    Examples
    --------
    >>> from espelho.data.formats.idx import is_idx
    >>> is_idx(b"\x00\x00\x08\x03"), is_idx(b"PAR1")
    (True, False)
    """
    return len(start) >= 4 and start[:2] == b"\0\0" and start[2] in _DTYPES and start[3] > 0


def read_idx(path: Path, choice: Choice) -> Content:
    """Read an idx file.

    Parameters
    ----------
    path : Path
        The file, compressed by gzip or not.
    choice : Choice
        Columns, if it holds a table.

    Returns
    -------
    Content
        The array with its own dtype and shape; ``(n, height, width)`` for images.

    Raises
    ------
    FileError
        If it is damaged, or not of this format.
    """
    raw = read_bytes(path)
    if not is_idx(raw):
        raise FileError(
            f"{path} is not an idx file: it should start with two zero bytes, a type and a "
            f"number of dimensions, got {raw[:4]!r}."
        )
    dtype, ndim = np.dtype(_DTYPES[raw[2]]), raw[3]
    start = 4 + 4 * ndim
    if len(raw) < start:
        raise FileError(f"{path} is truncated: its header takes {start} bytes, got {len(raw)}.")
    shape = struct.unpack(f">{ndim}I", raw[4:start])
    expected = math.prod(shape) * dtype.itemsize
    if len(raw) - start != expected:
        raise FileError(
            f"{path} is truncated or damaged: an idx file of shape {shape} and dtype "
            f"{dtype.name} takes {expected} bytes after its header, got {len(raw) - start}."
        )
    array = np.frombuffer(raw, dtype, offset=start).reshape(shape)
    return choose_columns(Content(array.astype(dtype.newbyteorder("="))), choice, str(path))
