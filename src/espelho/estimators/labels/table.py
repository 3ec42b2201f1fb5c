"""The table of labels: which rows of labels came in the data, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_ROWS", "LabelTable"]

MOST_ROWS = 10_000
"""Rows that are kept. Of more different ones, as continuous labels mostly are, so many of the
data's are drawn."""


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Rows of labels as numbers, and their frequencies.

    Attributes
    ----------
    rows
        ``(m, columns)``, as `Condition.encode` makes them; for a single column of classes one for
        each class, in order.
    frequencies
        The share ``(m,)`` that each has of the data.
    """

    rows: NDArray[np.float64]
    frequencies: NDArray[np.float64]

    @classmethod
    def learn(
        cls, numbers: NDArray[np.float64], weight: NDArray[np.float64] | None, sizes: Sequence[int]
    ) -> Self:
        """Count the rows of labels of the data.

        Parameters
        ----------
        numbers
            ``(n, columns)``, the numbers of the labels.
        weight
            Weights ``(n,)``, or ``None`` where all are alike.
        sizes
            The number of classes of each column, 0 for a continuous one.
        """
        weights = np.ones(len(numbers)) if weight is None else weight
        if len(sizes) == 1 and sizes[0]:
            counts = np.bincount(numbers[:, 0].astype(np.int64), weights, sizes[0])
            return cls(np.arange(float(sizes[0]))[:, np.newaxis], counts / counts.sum())
        if not all(sizes) and len(numbers) > MOST_ROWS:
            return cls._drawn(numbers, weights)
        rows, places = np.unique(numbers, axis=0, return_inverse=True)
        if len(rows) > MOST_ROWS:
            return cls._drawn(numbers, weights)
        counts = np.bincount(places.reshape(-1), weights)
        return cls(rows, counts / counts.sum())

    @classmethod
    def _drawn(cls, numbers: NDArray[np.float64], weights: NDArray[np.float64]) -> Self:
        chosen = np.random.default_rng(0).choice(len(numbers), MOST_ROWS, replace=False)
        return cls(numbers[chosen], weights[chosen] / weights[chosen].sum())

    def draw(self, n: int, random: np.random.Generator) -> NDArray[np.float64]:
        """Return n rows, each as often as it came."""
        found: NDArray[np.float64] = self.rows[
            random.choice(len(self.rows), n, p=self.frequencies)
        ]
        return found
