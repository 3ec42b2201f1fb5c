"""Attribution: what a code adds to strangeness, passed on to the features that made the code."""

from typing import Any

import torch
from torch import Tensor

__all__ = ["code_by_feature"]


def code_by_feature(model: Any, x: Tensor, *known: Tensor | None) -> Tensor:
    """Return what each element of samples adds to ``KL(q(z | x) || N(0, I))``, ``(n, *sample)``.

    Half the slope times the way: ``1/2 (x_j - x0_j) dKL/dx_j`` where x0 is the most ordinary
    sample, what the decoder makes of z = 0. Of an encoder that is linear, with variances that do
    not depend on x, this is the whole of ``|m|^2 / 2``, the part that differs between samples
    (Euler's theorem on the quadratic form that it is); of others it is the first order of that.

    Parameters
    ----------
    model
        A variational model.
    x
        Samples as the network sees them.
    *known
        Their lengths, where they are sequences.
    """
    origin = torch.zeros_like(model.posterior(x, *known).mean)
    longest = {"n_steps": x.shape[1]} if known else {}
    ordinary = model.decode(origin, *known, **longest)
    # On GPUs the fast LSTM has no slopes but in training.
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.backends.cudnn.flags(enabled=False),
    ):
        moved = x.clone().requires_grad_()
        lengths = (None if part is None else part.clone() for part in known)
        divergence = model.posterior(moved, *lengths).kl().sum()
        (slope,) = torch.autograd.grad(divergence, moved)
    found: Tensor = 0.5 * (x - ordinary) * slope
    return found
