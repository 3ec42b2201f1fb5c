"""Scaling: into the units that networks learn well in, and back into the data's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from espelho.data.gaps.marks import has_gaps, missing
from espelho.data.gaps.moments import observed_moments
from espelho.errors import DataError

__all__ = ["Scaling", "blocks", "ranges"]

_BLOCK_ELEMENTS = 1 << 20
"""Elements that are worked on at once: 4 MB of float32, which a processor's cache holds."""

_BLOCK_ROWS = 8192
"""Rows that are worked on at once: a network may be much wider than its data."""

_ROUNDING = 1e-12
"""Share of a mean below which a deviation is what rounding leaves."""

_FLOAT32_HOLDS_BYTES = 2
"""Width of the integers that float32 holds without rounding."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """An affine map per feature: ``scaled = (x - shift) / scale``.

    Attributes
    ----------
    kind
        What it was made as: ``none``, ``standard``, ``minmax``, ``range`` or ``centred``.
    shift, scale
        Arrays ``(d,)`` for samples of d elements, flattened. For sequences of any length,
        arrays ``(features,)`` for one step, which hold for each.
    stand_ins
        What stands for elements that are missing ``(d,)``, in the network's units: the means of
        their columns. ``None`` where none may be.

    Examples
    --------
    >>> scaling = Scaling.fit(np.array([[0.0, 1.0], [4.0, 3.0]]), "minmax")
    >>> scaling.forward(np.array([[2.0, 2.0]]))
    array([[0.5, 0.5]])
    """

    kind: str
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]
    stand_ins: NDArray[np.float64] | None = None

    @classmethod
    def fit(
        cls,
        X: Any,
        kind: str,
        *,
        sample_shape: tuple[int, ...] | None = None,
        sample_weight: NDArray[Any] | None = None,
        step_features: int | None = None,
        gaps: bool = False,
    ) -> "Scaling":
        """Return the scaling that suits the data.

        Parameters
        ----------
        X
            Samples ``(n, d)``, an array, a sparse matrix or samples on disk, which are gone
            through once.
        kind
            ``none``: as it is. ``standard``: mean 0 and variance 1. ``minmax``: from 0 to
            1. ``range``: from 0 to 1 over the range of the integer type of X; ``centred``:
            from -1 to 1. Per column
            for vectors, per channel for images ``(h, w)`` or ``(channels, h, w)``;
            constant ones are shifted only.
        sample_shape
            Shape of one sample; ``None`` for a vector.
        sample_weight
            Weights ``(n,)`` for mean and variance.
        step_features
            Number of features of a step where samples are sequences, whose steps share one
            map; ``None`` where they are not.
        gaps
            Whether elements may be missing, as NaN: what is missing counts for nothing.
        """
        d = X.shape[1]
        shape = sample_shape if sample_shape and step_features is None else (d,)
        shift, scale = np.zeros(d), np.ones(d)
        if kind == "range":
            scale = np.full(d, float(np.iinfo(X.dtype).max))
        elif kind == "centred":
            shift = scale = np.full(d, np.iinfo(X.dtype).max / 2)
        elif kind == "standard":
            with np.errstate(over="ignore", invalid="ignore"):
                shift, scale = _standard(X, shape, sample_weight, gaps=gaps)
        elif kind == "minmax":
            shift, scale = ranges(X, shape)
        if step_features is not None:
            shift, scale = _over_steps(kind, shift, scale, step_features)
        if not (np.isfinite(shift).all() and np.isfinite(scale).all()):
            column = int(np.flatnonzero(~(np.isfinite(shift) & np.isfinite(scale)))[0])
            raise DataError(
                f"The values of column {column} (counted from 0) are too large to be scaled: "
                "their squares overflow. Divide them by their order of magnitude first."
            )
        scaling = cls(kind, shift, np.where(scale > 0, scale, 1.0))
        if not gaps:
            return scaling
        means, _, _ = _moments(X, _weights(X, sample_weight), gaps=True)
        return replace(scaling, stand_ins=scaling.forward(means[np.newaxis])[0])

    def forward(self, values: NDArray[Any], dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return data ``(n, d)`` in the units that the network sees."""
        scaled = self.across_gaps(values, dtype)
        if self.stand_ins is not None and scaled.dtype.kind == "f":
            stand_ins = self.stand_ins.astype(scaled.dtype)
            np.copyto(scaled, stand_ins, where=np.isnan(scaled))
        return scaled

    def across_gaps(self, values: NDArray[Any], dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return data ``(n, d)`` in the network's units, NaN where it is missing."""
        return self._forward(self._by_step(values), dtype).reshape(values.shape)

    def gaps(self, values: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return which elements that the network sees are missing, or nothing where none is."""
        return None if self.stand_ins is None else missing(values)

    def _forward(self, values: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        if np.dtype(dtype) == np.float32 and self._is_exact_quotient(values.dtype):
            narrow = values.astype(np.float32, order="C")
            narrow /= self.scale.astype(np.float32)
            return narrow
        scaled: NDArray[Any] = np.subtract(values, self.shift, dtype=np.float64, order="C")
        scaled /= self.scale
        return scaled.astype(dtype, copy=False)

    def inverse(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return values ``(n, d)`` of the network in the units of the data."""
        by_step = self._by_step(values)
        unscaled: NDArray[np.float64] = np.multiply(by_step, self.scale, dtype=np.float64)
        unscaled += self.shift
        return unscaled.reshape(values.shape)

    def bounds(self, values: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the least and the greatest value of what the network sees, ``(2, d)``.

        Parameters
        ----------
        values
            Samples ``(n, d)``.
        shape
            Shape of one sample.
        """
        low, extent = ranges(values, shape)
        found: NDArray[np.float32] = self.forward(np.stack([low, low + extent]), np.float32)
        return found

    def _by_step(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return sequences ``(n, time * features)`` as steps; other samples as they are."""
        d = len(self.shift)
        return values if values.shape[1] == d else values.reshape(-1, d)

    def _is_exact_quotient(self, dtype: np.dtype[Any]) -> bool:
        """Return whether float32 gives what float64, rounded to float32, would give.

        It does for a single division of numbers that float32 holds (Figueroa 1995, When is
        double rounding innocuous?), as of small integers by the range of their type.
        """
        small = dtype.kind in "iu" and dtype.itemsize <= _FLOAT32_HOLDS_BYTES
        unshifted = self.kind in ("none", "range")
        return small and unshifted and np.array_equal(self.scale.astype(np.float32), self.scale)

    def check_unit_interval(self, X: Any) -> None:
        """Raise unless the scaled data lies in [0, 1].

        Raises
        ------
        DataError
            If it does not.
        """
        ranges = [(block.min(), block.max()) for block in map(self.forward, blocks(X))]
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        if low < -1e-9 or high > 1 + 1e-9:
            raise DataError(
                f"The Bernoulli loss needs data in [0, 1], and with scaling={self.kind!r} it lies "
                f"in [{low:.4g}, {high:.4g}]. Use scaling='minmax' or scaling='auto'."
            )


def blocks(
    X: Any, n_elements: int = _BLOCK_ELEMENTS, *, multiple: int = 1
) -> Iterator[NDArray[Any]]:
    """Return blocks of rows of an array ``(n, ...)``, sparse matrix or samples on disk.

    They are dense, and come one after the other; each but the last holds a multiple of some
    number of rows.
    """
    rows = min(_BLOCK_ROWS, n_elements // max(1, prod(X.shape[1:])))
    rows = max(1, rows // multiple) * multiple
    for start in range(0, X.shape[0], rows):
        block = X[start : start + rows]
        yield block.toarray() if hasattr(block, "toarray") else block


def _standard(
    X: Any, shape: tuple[int, ...], weight: NDArray[Any] | None, *, gaps: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    column_means, squares, total = _moments(X, _weights(X, weight), gaps=gaps)
    mean = _per_channel(column_means, shape, np.mean)
    variance = squares / total + (column_means - mean) ** 2
    deviation = np.sqrt(_per_channel(variance, shape, np.mean))
    # What rounding leaves of a constant is no deviation.
    deviation[deviation <= _ROUNDING * np.abs(mean)] = 0.0
    return mean, deviation


def _weights(X: Any, weight: NDArray[Any] | None) -> NDArray[np.float64]:
    return np.ones(X.shape[0]) if weight is None else np.asarray(weight, dtype=np.float64)


def _moments(
    X: Any, weight: NDArray[np.float64], *, gaps: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], Any]:
    """Return the mean of each column, the sum of squared deviations from it, and its weight.

    In one pass, block by block, each added to those before it (Chan, Golub and LeVeque 1979).
    """
    if gaps and has_gaps(blocks(X)):
        return observed_moments(blocks(X), weight)
    mean, squares = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    total, start = 0.0, 0
    for block in blocks(X):
        own = weight[start : start + len(block)]
        start += len(block)
        if not own.any():
            continue
        values = block.astype(np.float64)
        added = own.sum()
        own_mean = own @ values / added
        between, total = own_mean - mean, total + added
        values -= own_mean
        squares += own @ np.square(values, out=values)
        squares += between**2 * ((total - added) * added / total)
        mean += between * (added / total)
    return mean, squares, weight.sum()


def ranges(X: Any, shape: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least value and the range of each column, or of each channel of images.

    What is missing, as NaN, counts for nothing.

    Parameters
    ----------
    X
        Samples ``(n, d)``.
    shape
        Shape of one sample.
    """
    low, high = np.full(X.shape[1], np.inf), np.full(X.shape[1], -np.inf)
    for block in blocks(X):
        np.fmin(low, np.fmin.reduce(block, axis=0), out=low)
        np.fmax(high, np.fmax.reduce(block, axis=0), out=high)
    low, high = _per_channel(low, shape, np.min), _per_channel(high, shape, np.max)
    return low, high - low


def _over_steps(
    kind: str, shift: NDArray[np.float64], scale: NDArray[np.float64], features: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one map for all steps, from a map for each element of a sequence."""
    shifts, scales = shift.reshape(-1, features), scale.reshape(-1, features)
    if kind == "standard":
        mean = shifts.mean(axis=0)
        deviation = np.sqrt((scales**2 + (shifts - mean) ** 2).mean(axis=0))
        deviation[deviation <= _ROUNDING * np.abs(mean)] = 0.0
        return mean, deviation
    low = shifts.min(axis=0)
    return low, (shifts + scales).max(axis=0) - low


def _per_channel(values: NDArray[np.float64], shape: tuple[int, ...], by: Any) -> NDArray[Any]:
    if len(shape) == 1:
        return values
    channels = shape[0] if len(shape) > 2 else 1
    parts = values.reshape(channels, -1)
    return np.repeat(by(parts, axis=1), parts.shape[1])
