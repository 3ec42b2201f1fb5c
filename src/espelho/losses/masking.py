"""Sums over the steps that are a sequence's own, and not padding."""

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["valid_sum"]


def valid_sum(
    elements: Float[Tensor, "n time *features"], valid: Bool[Tensor, "n time"] | None
) -> Float[Tensor, " n"]:
    """Return the sum over each sample's valid steps and all their features.

    Parameters
    ----------
    elements
        The loss of each element, as a `Reconstruction` gives it.
    valid
        Which steps count; ``None`` for all. What stands at the others is not even
        multiplied by 0, so it may be infinite or no number; but its gradient, as it comes
        from the loss, must be a number, so data should be padded with one.

    Examples
    --------
    >>> import torch
    >>> elements = torch.tensor([[1.0, 2.0], [3.0, float("nan")]])
    >>> valid_sum(elements, torch.tensor([[True, True], [True, False]]))
    tensor([3., 3.])
    """
    if valid is not None:
        padded = ~valid.reshape(*valid.shape, *[1] * (elements.ndim - 2))
        elements = elements.masked_fill(padded, 0.0)
    return elements.flatten(1).sum(1)
