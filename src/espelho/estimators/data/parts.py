"""Parts of the data: rows with their weights and labels, split, and made ready for training."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from espelho.data.fingerprint import fingerprint
from espelho.data.scaling import Scaling
from espelho.data.series.sequences import Sequences
from espelho.data.stored.base import Stored
from espelho.errors import DataError
from espelho.estimators.data.samples import (
    Samples,
    check_weights,
    observed,
    stand_ins,
    tensors,
)
from espelho.estimators.data.sequences import pad
from espelho.training.batches import Batch, Data, LazyData, StreamedData, TensorData

__all__ = ["Part", "check_part", "n_held_out", "told"]


@dataclass(frozen=True)
class Part:
    """Rows of the data.

    Attributes
    ----------
    samples
        The rows.
    weight
        Their weights ``(n,)``, or ``None`` where all are alike.
    y
        The numbers of their classes ``(n,)``, or of each column of labels ``(n, columns)``, for
        those who learn from them.
    """

    samples: Samples
    weight: NDArray[np.float64] | None
    y: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.samples)

    def take(self, rows: NDArray[Any]) -> "Part":
        """Return some of the rows, by their numbers in ascending order."""
        weight = None if self.weight is None else self.weight[rows]
        y = None if self.y is None else self.y[rows]
        return Part(self.samples.take(rows), weight, y)

    def fingerprint(self) -> str:
        """Return a hash of samples, labels and weights, to recognise them later."""
        found = fingerprint(self.samples.values)
        more = [fingerprint(part) for part in (self.y, self.weight) if part is not None]
        return fingerprint(np.array([found, *more])) if more else found

    def split(self, fraction: float, seed: int) -> "tuple[Part, Part | None]":
        """Return the rows to learn from, and those that are held out, if any.

        Where the rows have classes, each gives its share, as nearly as whole rows allow.

        Parameters
        ----------
        fraction
            Share of the rows to hold out.
        seed
            Which ones.

        Raises
        ------
        DataError
            If none would be left to learn from.
        """
        if not fraction:
            return self, None
        n_first = n_held_out(len(self), fraction)
        order = np.random.default_rng(seed).permutation(len(self))
        if self.y is not None:
            order = _spread(order, self.y, n_first)
        return self.take(np.sort(order[n_first:])), self.take(np.sort(order[:n_first]))

    def data(
        self,
        scaling: Scaling,
        shape: tuple[int, ...],
        like: torch.Tensor,
        beside: tuple[NDArray[np.int64], int] | None = None,
    ) -> Data:
        """Return the rows as training takes them: in memory, or streamed from disk.

        Parameters
        ----------
        scaling
            Into the units of the network.
        shape
            Shape of one sample inside the network.
        like
            A tensor of the type and on the device that is wanted.
        beside
            Of rows on disk that are read beside others, as of `StreamedData`.
        """
        values, weight = self.samples.values, self._tensor_of_weights(like)
        y = None if self.y is None else told(self.y, like)
        if isinstance(values, Sequences):
            x, lengths, _ = pad(values, scaling, int(values.lengths.max()), like)
            return TensorData(Batch(x, y, weight, lengths=lengths))
        if isinstance(values, Stored):
            dtype = np.float64 if like.dtype == torch.float64 else np.float32

            def prepare(block: NDArray[Any]) -> torch.Tensor:
                scaled = scaling.across_gaps(block, dtype)
                return torch.from_numpy(scaled).reshape(len(block), *shape)

            return StreamedData(
                values, prepare, shape=shape, like=like, y=y, weight=weight, beside=beside,
                stand_ins=stand_ins(scaling, shape, like),
            )  # fmt: skip
        if not hasattr(values, "tocsr"):
            x = torch.empty((len(self), *shape), dtype=like.dtype, device=like.device)
            start = 0
            for _, block in tensors(values, scaling, shape, like):
                x[start : start + len(block)] = block
                start += len(block)
            return TensorData(Batch(x, y, weight, observed=observed(values, scaling, x)))

        def fetch(rows: torch.Tensor) -> Batch:
            blocks = [block for _, block in tensors(values[rows.numpy()], scaling, shape, like)]
            columns = (None if c is None else c[rows.to(c.device)] for c in (y, weight))
            return Batch(torch.cat(blocks), *columns)

        return LazyData(len(self), fetch)

    def _tensor_of_weights(self, like: torch.Tensor) -> torch.Tensor | None:
        if self.weight is None:
            return None
        return torch.from_numpy(self.weight / self.weight.mean()).to(like.dtype).to(like.device)


def n_held_out(n: int, fraction: float) -> int:
    """Return how many of the rows a validation fraction is, at least one.

    Raises
    ------
    DataError
        If none would be left to learn from.
    """
    found = max(1, round(n * fraction))
    if found >= n:
        raise DataError(
            f"validation_fraction={fraction} of {n} rows leaves none to learn from. Give more "
            "rows or a smaller fraction."
        )
    return found


def told(y: NDArray[Any], like: torch.Tensor) -> torch.Tensor:
    """Return numbers of labels as models take them, fractions in the type of the samples."""
    found = torch.from_numpy(y).to(like.device)
    return found.to(like.dtype) if found.is_floating_point() else found


def _spread(order: NDArray[Any], y: NDArray[Any], n_first: int) -> NDArray[Any]:
    """Return rows in an order whose first ones are spread evenly over the labels."""
    by_class = order[np.lexsort(np.atleast_2d(y[order].T)[::-1])]
    places = (np.arange(n_first) * len(order) + len(order) // 2) // n_first
    return np.concatenate([by_class[places], np.delete(by_class, places)])


def check_part(estimator: Any, X: Any, sample_weight: Any, *, reset: bool, y: Any = None) -> Part:
    """Check data, its weights and its target.

    Parameters
    ----------
    estimator
        Whose data it is.
    X, reset
        As `espelho.estimators.data.samples.read` takes them.
    sample_weight
        As in `Estimator.fit`. A row of weight zero is no row: it counts neither in a batch
        nor in a range.
    y
        The target, which the estimator reads if it learns from any.
    """
    samples = estimator._check_samples(X, reset=reset)
    weight = check_weights(sample_weight, samples)
    target = estimator._read_target(y, len(samples))
    if weight is not None:
        rows = np.flatnonzero(weight)
        samples, weight = samples.take(rows), weight[rows]
        target = None if target is None else target[rows]
    if target is not None:
        target = estimator._number_target(target, weight, reset=reset)
    return Part(samples, weight, target)
