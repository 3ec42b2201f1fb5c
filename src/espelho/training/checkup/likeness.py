"""How like two sets of samples are: signals of what a generator makes beside what it is to be."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

__all__ = ["Likeness"]

_NEAREST = 5
"""Neighbours that a sample's surroundings reach to, as in Naeem et al. (2020)."""

_BINS, _ROUNDS = 10, 10
_PER_BIN = 8
"""Real samples that a bin has at least on average, so that an empty one is no accident."""


@dataclass(eq=False)
class Likeness:
    """Figures of made samples beside real ones, from the distances between them.

    What is known of the real ones alone is computed once.

    Parameters
    ----------
    real
        Samples ``(n, d)``.
    """

    real: Tensor

    def figures(self, made: Tensor) -> dict[str, float | list[float]]:
        """Return the figures of made samples ``(m, d)``.

        ``samples/diversity`` and ``samples/spacing`` are the mean distance between two of them
        and the median distance to the nearest other, each over that of the real ones;
        ``samples/coverage`` the share of real samples with a made one nearer than their fifth
        neighbour (Naeem et al. 2020, https://arxiv.org/abs/2002.09797); ``samples/told_apart``
        how often the nearest other sample is of the same kind, 1/2 where nothing tells them
        apart (Lopez-Paz and Oquab 2017, https://arxiv.org/abs/1610.06545); ``samples/bins_real``
        and ``samples/bins_made`` the shares that fall into clusters of the real ones (Richardson
        and Weiss 2018, https://arxiv.org/abs/1805.12462).
        """
        across, within = torch.cdist(made, self.real), _between(made)
        nearest_made, nearest_real = within.amin(1), across.amin(1)
        as_real = _nearer(self._nearest, across.amin(0))
        as_made = _nearer(nearest_made, nearest_real)
        shares = self._shares(made)
        numbers = torch.stack(
            [
                _ratio(_mean_distance(within), self._mean),
                _ratio(nearest_made.median(), self._nearest.median()),
                (across.amin(0) <= self._surroundings).to(made.dtype).mean(),
                (as_real + as_made) / 2,
            ]
        ).tolist()
        names = ("diversity", "spacing", "coverage", "told_apart")
        found = {f"samples/{n}": value for n, value in zip(names, numbers, strict=True)}
        return found | {"samples/bins_real": self._real_shares, "samples/bins_made": shares}

    @cached_property
    def _distances(self) -> Tensor:
        return _between(self.real)

    @cached_property
    def _mean(self) -> Tensor:
        return _mean_distance(self._distances)

    @cached_property
    def _nearest(self) -> Tensor:
        return self._distances.amin(1)

    @cached_property
    def _surroundings(self) -> Tensor:
        k = min(_NEAREST, len(self.real) - 1)
        return self._distances.kthvalue(k, dim=1).values

    @cached_property
    def _centres(self) -> Tensor:
        k = max(1, min(_BINS, len(self.real) // _PER_BIN))
        centres = self._far_apart(k)
        k = len(centres)
        for _ in range(_ROUNDS):
            member = torch.cdist(self.real, centres).argmin(1)
            owned = torch.nn.functional.one_hot(member, k).to(self.real.dtype)
            sizes = owned.sum(0)
            means = owned.T @ self.real / sizes.clamp(min=1).unsqueeze(1)
            centres = torch.where(sizes.unsqueeze(1) > 0, means, centres)
        return centres

    def _far_apart(self, k: int) -> Tensor:
        """Return real samples, each drawn by its squared distance from those before (k-means++).

        Always the same ones; Arthur and Vassilvitskii (2007).
        """
        squares = self._distances.square().fill_diagonal_(0.0)
        random = torch.Generator(squares.device).manual_seed(0)
        chosen = [int(squares.sum(1).argmin())]
        while len(chosen) < k:
            weights = squares[:, chosen].amin(1)
            if not weights.any():
                break
            chosen.append(int(torch.multinomial(weights, 1, generator=random)))
        return self.real[chosen]

    @cached_property
    def _real_shares(self) -> list[float]:
        return self._shares(self.real)

    def _shares(self, x: Tensor) -> list[float]:
        member = torch.cdist(x, self._centres).argmin(1)
        counts = torch.bincount(member, minlength=len(self._centres))
        return (counts / len(x)).tolist()


def _between(x: Tensor) -> Tensor:
    """Return the distances between samples, infinite from each to itself."""
    return torch.cdist(x, x).fill_diagonal_(torch.inf)


def _mean_distance(distances: Tensor) -> Tensor:
    n = len(distances)
    return distances.clone().fill_diagonal_(0.0).sum() / (n * (n - 1))


def _ratio(a: Tensor, b: Tensor) -> Tensor:
    return a / b if b > 0 else torch.full_like(a, torch.nan)


def _nearer(own: Tensor, other: Tensor) -> Tensor:
    """Return how often the nearest sample is of the own kind; as near counts as a half."""
    return ((own < other).to(own.dtype) + 0.5 * (own == other)).mean()
