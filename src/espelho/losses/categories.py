"""Categories among numbers: what it costs to give back a table.

A row is numbers first, then a group for each column of categories, zeros with a one. The
decoder's output holds numbers first, then a logit for each category.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from espelho.losses.reconstruction import Reconstruction

__all__ = ["Groups", "categorical", "with_categories"]

Rows = Float[Tensor, "n width"]


@dataclass(frozen=True)
class Groups:
    """Where numbers end, and how wide each group of categories behind them is.

    Attributes
    ----------
    n_numbers
        Numbers at the start of a row.
    sizes
        Categories of each group.
    """

    n_numbers: int
    sizes: tuple[int, ...]

    def apart(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the numbers ``(n, n_numbers)`` of rows, and their groups ``(n, others)``."""
        return rows[:, : self.n_numbers], rows[:, self.n_numbers :]

    def probabilities(self, logits: Tensor) -> Tensor:
        """Return the softmax of each group of ``(n, others)``."""
        return _by_group(logits, self.sizes, F.softmax)

    def drawn(self, rows: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return rows whose probabilities have become categories: zeros with a one, drawn.

        The category with the largest ``p / e`` is drawn, with e from an exponential
        distribution, which is one with the probability p.

        Parameters
        ----------
        rows
            Numbers and probabilities ``(n, width)``.
        generator
            What they are drawn from; ``None`` for torch's random state.
        """
        numbers, p = self.apart(rows)
        noise = torch.empty_like(p).exponential_(generator=generator)

        def settled(part: Tensor, dim: int) -> Tensor:
            return F.one_hot(part.argmax(dim), part.shape[dim]).to(part)

        return torch.cat([numbers, _by_group(p / noise, self.sizes, settled)], dim=1)


def categorical(x: Rows, logits: Rows, sizes: Sequence[int]) -> Rows:
    """Return ``-x_j log softmax(a)_j`` for each category of each group, in nats.

    Summed over a group that is ``-log p`` of the category that x is.

    Parameters
    ----------
    x
        Groups of zeros with a one.
    logits
        ``a``, groups of as many logits.
    sizes
        How wide each group is.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0, 1.0, 0.0]])
    >>> categorical(x, torch.zeros(1, 4), (2, 2)).sum()
    tensor(1.3863)
    """
    return -x * _by_group(logits, sizes, F.log_softmax)


def with_categories(numbers: Reconstruction, groups: Groups) -> Reconstruction:
    """Return the reconstruction loss of tables: a loss of numbers, and that of categories.

    The sum of the loss over numbers and of the negative log-likelihood of each column's
    category.

    Parameters
    ----------
    numbers
        The loss of numbers.
    groups
        Where the categories are.

    Examples
    --------
    >>> from espelho.losses.reconstruction import RECONSTRUCTIONS
    >>> loss = with_categories(RECONSTRUCTIONS["squared_error"], Groups(1, (2,)))
    >>> loss.mean(torch.tensor([[3.0, 0.0, 1.0]]), torch.tensor([[1.0, 0.0, 0.0]]))
    tensor(4.6931)
    """
    # No closures: estimators that hold them are pickled.
    mixed = _Mixed(numbers, groups)
    return Reconstruction(mixed.elements, mixed.total, mixed.output, numbers.unit_interval)


@dataclass(frozen=True)
class _Mixed:
    numbers: Reconstruction
    groups: Groups

    def elements(self, x: Tensor, output: Tensor) -> Tensor:
        (number, group), (mean, logits) = self.groups.apart(x), self.groups.apart(output)
        costs = categorical(group, logits, self.groups.sizes)
        return torch.cat([self.numbers.elements(number, mean), costs], dim=1)

    def total(self, x: Tensor, output: Tensor) -> Tensor:
        (number, group), (mean, logits) = self.groups.apart(x), self.groups.apart(output)
        costs = categorical(group, logits, self.groups.sizes).sum()
        return self.numbers.total(number, mean) + costs

    def output(self, output: Tensor) -> Tensor:
        mean, logits = self.groups.apart(output)
        return torch.cat([self.numbers.output(mean), self.groups.probabilities(logits)], dim=1)


def _by_group(
    rows: Tensor, sizes: Sequence[int], change: Callable[[Tensor, int], Tensor]
) -> Tensor:
    """Return groups changed each for itself, ``(n, others)``."""
    return torch.cat([change(part, 1) for part in rows.split(list(sizes), dim=1)], dim=1)
