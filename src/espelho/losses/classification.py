"""Classification losses: what it costs to hold the wrong class for likely."""

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

__all__ = ["cross_entropy"]


def cross_entropy(
    logit: Float[Tensor, "n classes"],
    y: Int[Tensor, "n"],
    weight: Float[Tensor, "n"] | None = None,
) -> Float[Tensor, ""]:
    """Return ``mean_i -w_i log p(y_i)`` with ``p(c) = e^a_c / sum_k e^a_k``, in nats.

    Parameters
    ----------
    logit
        ``a``, one number per class, before the softmax, so that no logarithm of a rounded
        0 is taken.
    y
        Numbers of the true classes, from 0.
    weight
        Weights ``(n,)`` whose mean over the whole data set is 1.

    Examples
    --------
    >>> import torch
    >>> cross_entropy(torch.zeros(3, 2), torch.tensor([0, 1, 1])).exp()
    tensor(2.)
    """
    if weight is None:
        return F.cross_entropy(logit, y)
    costs = F.cross_entropy(logit, y, reduction="none")
    return weight.dot(costs.to(weight)) / len(y)
