"""Conditions: what networks are told besides samples or noise, as rows of numbers."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

__all__ = ["beside", "beside_steps", "condition_rows", "condition_width"]


def condition_width(sizes: Sequence[int]) -> int:
    """Return how wide the rows are that `condition_rows` makes."""
    return sum(max(1, size) for size in sizes)


def condition_rows(
    y: Float[Tensor, "n columns"], sizes: Sequence[int]
) -> Float[Tensor, "n width"]:
    """Return labels as networks are told them.

    Parameters
    ----------
    y
        A number for each column: of a class, from 0, or any number.
    sizes
        The number of classes of each column, which becomes a block of zeros with a one; 0 for
        a column that stays one number.

    Examples
    --------
    >>> import torch
    >>> condition_rows(torch.tensor([[1.0, 0.5], [0.0, -2.0]]), (3, 0))
    tensor([[ 0.0000,  1.0000,  0.0000,  0.5000],
            [ 1.0000,  0.0000,  0.0000, -2.0000]])
    """
    parts = [
        F.one_hot(column.long(), size).to(y) if size else column[:, None]
        for column, size in zip(y.unbind(1), sizes, strict=True)
    ]
    return torch.cat(parts, dim=1)


def beside(
    x: Float[Tensor, "n *sample"], rows: Float[Tensor, "n width"]
) -> Float[Tensor, "n *more"]:
    """Return samples with what is told of them beside them.

    Parameters
    ----------
    x
        Vectors ``(n, d)``, or images ``(n, channels, height, width)``, which get a constant
        channel for each number.
    rows
        What is told, ``(n, width)``.
    """
    places = rows.reshape(*rows.shape, *[1] * (x.ndim - 2))
    return torch.cat([x, places.expand(-1, -1, *x.shape[2:])], dim=1)


def beside_steps(
    x: Float[Tensor, "n steps features"], rows: Float[Tensor, "n width"], size: int = 1
) -> Float[Tensor, "n steps more"]:
    """Return sequences with what is told of them beside every step.

    Parameters
    ----------
    x
        Sequences; of packs one after the other, ``(n, size * time, features)``.
    rows
        What is told, of all of a pack side by side.
    size
        Sequences in a pack.
    """
    each = rows.reshape(len(x), size, -1).repeat_interleave(x.shape[1] // size, dim=1)
    return torch.cat([x, each], dim=2)
