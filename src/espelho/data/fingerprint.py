"""Fingerprints: whether data is the data it was."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["content_fingerprint", "fingerprint"]

_WHOLE_UP_TO = 64 * 2**20
_BLOCK = 2**20
_SPREAD_BLOCKS = 64


def fingerprint(values: Any) -> str:
    """Return a hash of an array, sparse matrix or stored samples, to recognise it later.

    It covers shape, type and content, whatever the layout in memory or the byte order. Of
    an array of more than 64 MiB it covers, besides shape and type, 64 blocks of rows of
    about 1 MiB each, evenly spread from the first row to the last: a change between two
    blocks goes unnoticed. An ``.npy`` file has the fingerprint of its array; of Parquet
    files on disk it covers footers and blocks of bytes.

    Parameters
    ----------
    values
        Array ``(n, ...)``, sparse matrix ``(n, d)``, or what has a fingerprint of its own:
        samples on disk, sequences.

    Returns
    -------
    str
        The SHA-256 digest as 64 hexadecimal digits.

    Examples
    --------
    >>> fingerprint(np.zeros((2, 3))) == fingerprint(np.zeros((3, 2)))
    False
    """
    if hasattr(values, "fingerprint"):
        found: str = values.fingerprint()
        return found
    return content_fingerprint(values)


def content_fingerprint(values: Any) -> str:
    """Return the hash of what is read by slices, as of an array in memory.

    Parameters
    ----------
    values
        As in `fingerprint`.

    Returns
    -------
    str
        As in `fingerprint`.
    """
    digest = hashlib.sha256(f"{values.shape} {_little(values.dtype).str}".encode())
    parts = [values]
    if hasattr(values, "tocsr"):
        rows = values.tocsr()
        parts = [rows.data, rows.indices.astype(np.int64), rows.indptr.astype(np.int64)]
    for part in parts:
        for block in _blocks(part):
            digest.update(np.asarray(block, dtype=_little(part.dtype)).tobytes())
    return digest.hexdigest()


def _little(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("<")


def _blocks(array: Any) -> Iterator[NDArray[Any]]:
    bytes_per_row = max(1, array.nbytes // max(1, len(array)))
    step = max(1, _BLOCK // bytes_per_row)
    starts = np.arange(0, len(array), step)
    if array.nbytes > _WHOLE_UP_TO:
        starts = np.unique(
            np.linspace(0, max(0, len(array) - step), _SPREAD_BLOCKS, dtype=np.intp)
        )
    for start in starts:
        yield array[start : start + step]
