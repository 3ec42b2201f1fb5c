"""What an extractor makes of rows, checked: one finite row of features for each."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from espelho.data.containers import unwrap
from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.images.layout import Shape
from espelho.evaluation.samples import Floats, Rows, blocks

Extractor: TypeAlias = Callable[[Any], Any]
"""From samples ``(n, *sample_shape)`` in the units of the data to features ``(n, d)``."""

_ROWS = 2


def extract(extractor: Extractor, rows: Rows, shape: Shape) -> Floats:
    """Return the features of rows, asked for in blocks of at most 32 MB.

    Parameters
    ----------
    extractor : callable
        From samples ``(n, *shape)`` to features ``(n, d)``: an array or a tensor.
    rows : ndarray of shape (n, elements)
        Samples, flat.
    shape : tuple of int
        Shape of one sample.

    Returns
    -------
    ndarray of shape (n, d)
        In float64.

    Raises
    ------
    SettingError
        If `extractor` cannot be called.
    ShapeError
        If it gives no row of features for each sample, or not always as many features.
    DataError
        If it gives what is no finite number.
    """
    if not callable(extractor):
        raise SettingError(
            "features must be a function from samples (n, ...) to features (n, d), got "
            f"{extractor!r}."
        )
    found = list(_asked(extractor, rows, shape))
    widths = sorted({part.shape[1] for part in found})
    if len(widths) > 1:
        raise ShapeError(
            f"features must give every sample as many features, got {widths[0]} of some samples "
            f"and {widths[-1]} of others."
        )
    return np.concatenate(found)


def _asked(extractor: Extractor, rows: Rows, shape: Shape) -> Iterator[Floats]:
    for at in blocks(*rows.shape):
        samples = rows[at].reshape(-1, *shape)
        yield _checked(extractor(samples), len(samples))


def _checked(found: Any, n: int) -> Floats:
    """Return features as an array, or raise unless they are finite and one row a sample."""
    values = np.asarray(unwrap(found))
    if values.ndim != _ROWS or len(values) != n or values.shape[1] < 1:
        raise ShapeError(
            f"features must give one row of features a sample, of shape ({n}, d) for {n} samples; "
            f"got shape {values.shape}. Flatten what they are, and leave no sample out."
        )
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise DataError(
            f"features must give finite numbers only, got dtype {values.dtype}"
            + (" with values that are not." if values.dtype.kind in "biuf" else ".")
        )
    return values.astype(np.float64)
