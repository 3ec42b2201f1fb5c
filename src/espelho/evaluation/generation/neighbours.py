"""The nearest rows of a set, and how far they are."""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from espelho.evaluation.generation.distances import distance_strips, fill_own
from espelho.evaluation.samples import Floats, Rows, blocks


class Neighbours(NamedTuple):
    """The nearest rows of each row.

    Attributes
    ----------
    squared : ndarray of shape (n, k)
        Squared distances, smallest first.
    indices : ndarray of shape (n, k)
        Which rows they are.
    """

    squared: Floats
    indices: NDArray[np.intp]


def neighbours(A: Rows, B: Rows, k: int, *, own: bool = False) -> Neighbours:
    """Return the `k` rows of `B` that are nearest to each row of `A`.

    Parameters
    ----------
    A : ndarray of shape (n, d)
        Rows.
    B : ndarray of shape (m, d)
        Where to look; at least `k` rows, and one more where they are `A` itself.
    k : int
        How many.
    own : bool, default=False
        Whether `A` and `B` are the same rows: then none is a neighbour of itself.
    """
    squared, indices = np.empty((len(A), k)), np.empty((len(A), k), dtype=np.intp)
    for at, strip in distance_strips(A, B):
        parts = [
            _nearest(fill_own(block, at, to, math.inf) if own else block, to, k)
            for to, block in strip
        ]
        values, rows = (torch.cat(part, dim=1) for part in zip(*parts, strict=True))
        best = values.topk(k, dim=1, largest=False, sorted=True)
        squared[at] = best.values.cpu().numpy()
        indices[at] = rows.gather(1, best.indices).cpu().numpy()
    return Neighbours(squared, indices)


def exact_distances(A: Rows, B: Rows, indices: NDArray[np.intp]) -> Floats:
    """Return the distance of each row of `A` to one of `B`, zero where the two are equal."""
    found = np.empty(len(A))
    for at in blocks(*A.shape):
        difference = np.subtract(A[at], B[indices[at]], dtype=np.float64)
        found[at] = np.sqrt(np.square(difference).sum(axis=1))
    return found


def _nearest(block: Tensor, to: slice, k: int) -> tuple[Tensor, Tensor]:
    """Return the squared distances and numbers of the nearest rows in a block."""
    best = block.topk(min(k, block.shape[1]), dim=1, largest=False)
    return best.values, best.indices + to.start
