"""Sequences of different lengths, as one array of all their steps."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from espelho.data.containers import cast, unwrap
from espelho.errors import DataError, ShapeError

__all__ = ["Sequences", "is_sequences"]

_NUMERIC_KINDS = "biuf"
_WITH_FEATURES = 2


def is_sequences(X: Any) -> bool:
    """Return whether something is a list of sequences, and not one array or table.

    That is `Sequences`, and a list of arrays, tensors or tables; of lists of numbers only if
    they differ in length.

    Examples
    --------
    >>> is_sequences([np.zeros(3), np.zeros(5)]), is_sequences([[1.0, 2.0], [3.0, 4.0]])
    (True, False)
    """
    if isinstance(X, Sequences):
        return True
    objects = isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1
    if not (isinstance(X, (list, tuple)) or objects) or not len(X):
        return False
    if all(hasattr(item, "shape") for item in X):
        return any(len(item.shape) > 0 for item in X)
    return all(isinstance(item, (list, tuple)) for item in X) and len({len(i) for i in X}) > 1


@dataclass(frozen=True, eq=False)
class Sequences:
    """Sequences that may differ in length, whose steps have the same features.

    To NumPy it is the array ``(n, n_steps, features)`` of the sequences padded with 0 at their
    ends. A number takes one sequence out of it, as an array; a slice, numbers or a mask take
    several, as `Sequences` again.

    Attributes
    ----------
    steps
        The steps of all sequences, one after the other: ``(total, features)``.
    lengths
        Number of steps of each sequence: ``(n,)``, at least 1.
    n_steps
        Steps of a padded sequence: at least as many as the longest has.
    univariate
        Whether sequences came as ``(time,)``; a padded one is then ``(n_steps,)``, too.

    Examples
    --------
    >>> pair = Sequences.of([np.array([1.0, 2.0, 3.0]), np.array([4.0])])
    >>> pair.shape, pair.lengths.tolist()
    ((2, 3), [3, 1])
    >>> np.asarray(pair)
    array([[1., 2., 3.],
           [4., 0., 0.]])
    """

    steps: NDArray[Any]
    lengths: NDArray[np.int64]
    n_steps: int
    univariate: bool

    @classmethod
    def of(cls, items: Sequence[Any]) -> "Sequences":
        """Return sequences that were checked, in one type.

        Parameters
        ----------
        items
            Arrays, tensors, tables or lists, ``(time_i, features)`` or all ``(time_i,)``.

        Raises
        ------
        DataError
            If there is no sequence, one has no step, or a value that is no finite number.
        ShapeError
            If sequences differ in the number of their features.
        """
        if isinstance(items, Sequences):
            return items
        arrays = [_plain(item, number) for number, item in enumerate(items)]
        if not arrays:
            raise DataError("Found 0 sequences; at least one is needed to learn from.")
        _check_shapes(arrays)
        univariate = arrays[0].ndim == 1
        steps = np.concatenate(arrays)
        lengths = np.array([len(array) for array in arrays], dtype=np.int64)
        made = cls(steps[:, np.newaxis] if univariate else steps, lengths, 0, univariate)
        made = replace(made, n_steps=int(lengths.max()))
        _check_finite(made)
        return made

    @property
    def n_features(self) -> int:
        """Number of features of a step."""
        return int(self.steps.shape[1])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the padded array."""
        padded = (len(self), self.n_steps)
        return padded if self.univariate else (*padded, self.n_features)

    @property
    def ndim(self) -> int:
        """Number of axes of the padded array."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.steps.dtype

    @property
    def size(self) -> int:
        """Number of values, padding counted."""
        return len(self) * self.n_steps * self.n_features

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Which steps of the padded array are a sequence's own: ``(n, n_steps)``."""
        return np.arange(self.n_steps) < self.lengths[:, np.newaxis]

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        steps = self.steps[:, 0] if self.univariate else self.steps
        stops = np.cumsum(self.lengths)
        return (steps[stop - n : stop] for stop, n in zip(stops, self.lengths, strict=True))

    def __getitem__(self, rows: Any) -> Any:
        numbers = np.arange(len(self))[rows]
        if numbers.ndim == 0:
            stop = int(self.lengths[: numbers + 1].sum())
            found = self.steps[stop - self.lengths[numbers] : stop]
            return found[:, 0] if self.univariate else found
        lengths = self.lengths[numbers]
        starts = (np.cumsum(self.lengths) - self.lengths)[numbers]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        steps = self.steps[np.repeat(starts, lengths) + within]
        return replace(self, steps=steps, lengths=lengths)

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> NDArray[Any]:
        """Return the sequences padded with 0 at their ends."""
        padded = np.zeros((len(self), self.n_steps, self.n_features), dtype or self.dtype)
        padded[self.valid] = self.steps
        return padded.reshape(self.shape)

    def astype(self, dtype: DTypeLike) -> "Sequences":
        """Return the sequences in another type."""
        return replace(self, steps=self.steps.astype(dtype))

    def padded_to(self, n_steps: int) -> "Sequences":
        """Return the sequences with another number of padded steps.

        Raises
        ------
        ShapeError
            If a sequence is longer.
        """
        if n_steps < self.lengths.max():
            raise ShapeError(
                f"Sequences of up to {self.lengths.max()} steps cannot be padded to {n_steps}."
            )
        return replace(self, n_steps=n_steps)

    def with_steps(self, steps: NDArray[np.float64]) -> "Sequences":
        """Return sequences of the same lengths and type with other values.

        Parameters
        ----------
        steps
            ``(total, features)``; rounded and kept in range where the type is of integers.
        """
        return replace(self, steps=cast(steps, self.dtype))

    def as_table(self) -> tuple[NDArray[np.float64], list[str], list[np.dtype[Any]]]:
        """Return a row for each step: the values, the columns' names, and their types.

        The first two columns are the number of the sequence and that of the step in it,
        counted from 0.
        """
        numbers = np.repeat(np.arange(len(self)), self.lengths)
        firsts = np.repeat(np.cumsum(self.lengths) - self.lengths, self.lengths)
        places = np.arange(len(self.steps)) - firsts
        names = ["sequence", "step", *(f"x{feature}" for feature in range(self.n_features))]
        whole = np.dtype(np.int64)
        dtypes = [whole, whole, *[self.dtype] * self.n_features]
        return np.column_stack([numbers, places, self.steps]).astype(np.float64), names, dtypes

    def fingerprint(self) -> str:
        """Return a hash of values and lengths, to recognise them later."""
        from espelho.data.fingerprint import content_fingerprint

        parts = f"{content_fingerprint(self.steps)} {content_fingerprint(self.lengths)}"
        return hashlib.sha256(parts.encode()).hexdigest()


def _plain(item: Any, number: int) -> NDArray[Any]:
    item = unwrap(item)
    array = np.asarray(item.toarray() if hasattr(item, "toarray") else item)
    if array.ndim not in (1, _WITH_FEATURES):
        raise ShapeError(
            f"Sequence {number} must have the shape (time, features) or (time,), got "
            f"{array.shape}."
        )
    if not array.size:
        raise DataError(
            f"Sequence {number} is empty (it has the shape {array.shape}). Leave it out: there "
            "is nothing to learn from it."
        )
    if array.dtype.kind not in _NUMERIC_KINDS:
        raise DataError(f"Sequence {number} must hold numbers, got dtype {array.dtype}.")
    return array


def _check_shapes(arrays: Sequence[NDArray[Any]]) -> None:
    first = arrays[0].shape[1:]
    for number, array in enumerate(arrays):
        if array.shape[1:] != first:
            raise ShapeError(
                "The sequences must have the same features at every step: sequence 0 has the "
                f"shape {arrays[0].shape}, and sequence {number} the shape {array.shape}."
            )


def _check_finite(sequences: Sequences) -> None:
    if sequences.dtype.kind != "f" or np.isfinite(sequences.steps).all():
        return
    at_fault = ~np.isfinite(sequences.steps)
    places = np.argwhere(at_fault)
    n_nan = int(np.isnan(sequences.steps).sum())
    counted = f"{n_nan} NaN and {len(places) - n_nan} infinite values"
    step, feature = (int(n) for n in places[0])
    stops = np.cumsum(sequences.lengths)
    number = int(np.searchsorted(stops, step, side="right"))
    step -= int(stops[number] - sequences.lengths[number])
    raise DataError(
        f"Sequences must hold finite numbers, but they hold {counted}: the first in sequence "
        f"{number}, step {step}, feature {feature} (counted from 0). Leave such sequences out, "
        "or fill the gaps first."
    )
