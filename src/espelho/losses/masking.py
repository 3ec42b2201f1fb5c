"""Sums over what counts: a sequence's own steps, or the elements that were observed."""

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["counted", "valid_sum"]


def counted(
    elements: Float[Tensor, "n *sample"], valid: Bool[Tensor, "n *places"] | None
) -> Float[Tensor, "n *sample"]:
    """Return elements with 0 for those that do not count.

    Parameters
    ----------
    elements, valid
        As of `valid_sum`.
    """
    if valid is None:
        return elements
    left_out = ~valid.reshape(*valid.shape, *[1] * (elements.ndim - valid.ndim))
    return elements.masked_fill(left_out, 0.0)


def valid_sum(
    elements: Float[Tensor, "n *sample"], valid: Bool[Tensor, "n *places"] | None
) -> Float[Tensor, " n"]:
    """Return the sum over each sample's elements that count.

    Parameters
    ----------
    elements
        The loss of each element, as a `Reconstruction` gives it.
    valid
        Which of them count; ``None`` for all. Of sequences ``(n, time)``: a step counts with
        all its features. What stands at the others is not even multiplied by 0, so it may
        be infinite or no number; but its gradient, as it comes from the loss, must be a
        number, so data should be padded, and gaps filled, with one.

    Examples
    --------
    >>> import torch
    >>> elements = torch.tensor([[1.0, 2.0], [3.0, float("nan")]])
    >>> valid_sum(elements, torch.tensor([[True, True], [True, False]]))
    tensor([3., 3.])
    """
    return counted(elements, valid).flatten(1).sum(1)
