"""Rows: what an export is checked with: the user's, or drawn where there are none."""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import cast, is_frame, unwrap
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.estimators.data.samples import spread

__all__ = ["MOST", "Rows", "drawn", "rows_like", "some"]

MOST = 32
"""Rows that are looked at, evenly spread over those there are."""

_SEED = 0


class Rows(NamedTuple):
    """Rows to check an export with.

    Attributes
    ----------
    values
        Arrays ``(n, *row)``, or sequences in a list.
    given
        Whether they are data, or were drawn.
    """

    values: Any
    given: bool


def some(X: Any) -> Any:
    """Return some rows of what a user hands in, in memory: an array, or a list of sequences."""
    if is_sequences(X):
        return [np.asarray(X[i]) for i in spread(len(X), MOST)]
    plain = unwrap(X)
    if hasattr(plain, "tocsr"):
        plain = plain.tocsr()
    elif is_frame(plain) or not hasattr(plain, "shape"):
        plain = np.asarray(plain)
    chosen = plain[spread(plain.shape[0], MOST)]
    return np.asarray(chosen.toarray() if hasattr(chosen, "toarray") else chosen)


def drawn(scaling: Any, row: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return rows as wide as data: normal, or uniform over its range.

    Parameters
    ----------
    scaling
        Of the data.
    row
        Shape of a row; ``(-1,)`` for flat ones.
    dtype
        Type of the data.
    """
    rng = np.random.default_rng(_SEED)
    shape = (MOST, len(scaling.shift) if row == (-1,) else prod(row))
    low = {"range": 0.0, "minmax": 0.0, "centred": -1.0}.get(scaling.kind)
    units = rng.standard_normal(shape) if low is None else rng.uniform(low, 1.0, shape)
    return cast(scaling.inverse(units), np.dtype(dtype)).reshape(MOST, *row)


def rows_like(estimator: Any, X: Any) -> Rows:
    """Return rows for an estimator that takes one set: some of X, or drawn ones.

    Parameters
    ----------
    estimator
        The fitted estimator.
    X
        Samples as in `fit`, or nothing.

    Raises
    ------
    DataError
        If they are not such as it was fitted with.
    """
    if X is None:
        return Rows(drawn(estimator.scaling_, estimator.row_shape_, estimator.dtype_), given=False)
    estimator._check_samples(X, reset=False)
    return Rows(some(X), given=True)


def as_list(X: Any, features: int) -> Sequence[NDArray[Any]]:
    """Return sequences as arrays ``(time, features)``, whatever holds them."""
    parts = list(X) if isinstance(X, Sequences) else X
    return [np.asarray(part).reshape(-1, features) for part in parts]
