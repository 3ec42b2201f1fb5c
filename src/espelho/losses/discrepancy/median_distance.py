"""The median heuristic: a kernel's width from the distances between samples."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["median_distance"]

_ROWS = 1000
"""Rows that distances are taken between: half a million of them."""


def median_distance(x: Tensor, weight: Float[Tensor, " n"] | None = None) -> float:
    """Return the median distance between two samples (Gretton et al. 2012, section 8).

    Distances of 0, between samples given twice, are left out; where there are no others it
    is 1. Nothing is drawn: more than 1000 samples are thinned evenly.

    Parameters
    ----------
    x
        Samples ``(n, *sample)``.
    weight
        Weights of the samples: a pair counts with the product of its two.

    Examples
    --------
    >>> median_distance(torch.tensor([[0.0], [1.0], [3.0]]))
    2.0
    """
    which = torch.linspace(0, len(x) - 1, min(_ROWS, len(x))).long()
    rows = x.detach().flatten(1)[which.to(x.device)].double().cpu()
    distances = torch.pdist(rows)
    counts = torch.ones_like(distances)
    if weight is not None:
        first, second = torch.triu_indices(len(rows), len(rows), offset=1)
        own = weight.detach().cpu().double()[which]
        counts = own[first] * own[second]
    kept = distances > 0
    if not kept.any():
        return 1.0
    ordered, places = distances[kept].sort()
    reached = counts[kept][places].cumsum(0)
    return float(ordered[int(torch.searchsorted(reached, reached[-1] / 2))])
