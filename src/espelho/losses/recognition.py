"""Recognition: what it costs to guess labels of several columns wrongly."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from espelho.losses.adversarial.games import mean_cost
from espelho.losses.classification import cross_entropy

__all__ = ["recognition"]


def recognition(
    guess: Float[Tensor, "n told"],
    y: Float[Tensor, "n columns"],
    sizes: Sequence[int],
    weight: Float[Tensor, "n"] | None = None,
) -> Float[Tensor, ""]:
    """Return ``mean_i w_i (sum_c -log p_c(y_ic) + sum_s (a_s - y_is)^2)``.

    The first sum is over columns of classes, with ``p_c`` the softmax of the column's block of
    the guess (Odena, Olah and Shlens 2017); the second over continuous ones, whose guess is a
    number.

    Parameters
    ----------
    guess
        A block of logits for each column of classes, a number for each other column.
    y
        The labels: numbers of classes, from 0, or any numbers.
    sizes
        The number of classes of each column, 0 for a continuous one.
    weight
        Weights ``(n,)`` whose mean over the whole data set is 1.

    Examples
    --------
    >>> import torch
    >>> y = torch.tensor([[1.0, 0.5], [0.0, 0.5]])
    >>> recognition(torch.zeros(2, 3), y, (2, 0))
    tensor(0.9431)
    """
    blocks = guess.split([max(1, size) for size in sizes], dim=1)
    costs = [
        cross_entropy(block, column.long(), weight)
        if size
        else mean_cost(torch.square, block.squeeze(1) - column, weight)
        for block, column, size in zip(blocks, y.unbind(1), sizes, strict=True)
    ]
    return torch.stack(costs).sum()
