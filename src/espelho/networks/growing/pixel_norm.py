"""Pixel normalisation: the features of every pixel brought to one length."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

__all__ = ["PixelNorm"]

_EPSILON = 1e-8


class PixelNorm(nn.Module):
    """Divide the features of every pixel by the root of their mean square (Karras et al. 2018).

    ``b = a / sqrt(mean_c a_c^2 + 1e-8)``, of images over channels and of vectors over all; so
    signals can neither grow nor vanish when two networks compete. There is nothing to learn. It
    can be differentiated once.
    """

    def forward(
        self, a: Float[Tensor, "n features *places"]
    ) -> Float[Tensor, "n features *places"]:
        """Return the features normalised."""
        found: Tensor = _PixelNorm.apply(a)
        return found


class _PixelNorm(torch.autograd.Function):
    """The norm with its gradient by hand, which takes a third of the time.

    With ``r = 1 / sqrt(mean_c a_c^2 + 1e-8)``: ``da = r (db - b mean_c(db_c b_c))``.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor) -> Tensor:
        h = a.movedim(1, -1)
        r = torch.rsqrt(h.square() @ _mean_of(h) + _EPSILON).unsqueeze(-1)
        b = h * r
        ctx.save_for_backward(b, r)
        return b.movedim(-1, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        b, r = ctx.saved_tensors
        db = gradient.movedim(1, -1)
        along = ((db * b) @ _mean_of(b)).unsqueeze(-1)
        da: Tensor = torch.addcmul(db, b, along, value=-1) * r
        return da.movedim(-1, 1)


def _mean_of(h: Tensor) -> Tensor:
    """Return the vector by which a product is the mean over the last axis."""
    n = h.shape[-1]
    return h.new_full((n,), 1 / n)
