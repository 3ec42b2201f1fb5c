"""Contraction: what it costs an encoder that its code moves when the data moves.

The penalty is the mean over samples of the squared Frobenius norm of the encoder's Jacobian,
``mean_i w_i ||d encoder(x_i) / d x_i||_F^2`` (Rifai et al. 2011, ICML).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.errors import SettingError
from espelho.losses.penalties.dense_jacobian import (
    dense_layers,
    obstacle,
    run_with_slopes,
    squared_norms,
)

__all__ = ["CONTRACTION_METHODS", "contraction", "encode_with_contraction"]

CONTRACTION_METHODS = ("auto", "exact", "hutchinson")
"""How the norm may be computed, by name."""

Encoder = Callable[[Tensor], Tensor]


def contraction(
    encoder: Encoder,
    x: Float[Tensor, "n *sample"],
    *,
    method: str = "auto",
    n_probes: int = 1,
    weight: Tensor | None = None,
) -> Float[Tensor, ""]:
    """Return ``mean_i w_i ||d encoder(x_i) / d x_i||_F^2``.

    Parameters
    ----------
    encoder, x, method, n_probes, weight
        As in `encode_with_contraction`, which also returns the codes.

    Raises
    ------
    SettingError
        As `encode_with_contraction` does.

    Examples
    --------
    >>> encoder = nn.Linear(2, 1)
    >>> _ = encoder.weight.data.copy_(torch.tensor([[3.0, 4.0]]))
    >>> contraction(encoder, torch.zeros(5, 2)).item()
    25.0
    """
    return encode_with_contraction(encoder, x, method=method, n_probes=n_probes, weight=weight)[1]


def encode_with_contraction(
    encoder: Encoder,
    x: Float[Tensor, "n *sample"],
    *,
    method: str = "auto",
    n_probes: int = 1,
    weight: Tensor | None = None,
) -> tuple[Float[Tensor, "n *code"], Float[Tensor, ""]]:
    """Run an encoder once; return the codes and what their Jacobian costs.

    ``mean_i w_i ||J_i||_F^2``, exactly for stacks of fully connected layers, and for any
    other encoder by Hutchinson's (1990) estimate ``||J||_F^2 = E ||J^T v||^2``, with random
    signs v for the code's elements, drawn from torch's random state.

    Batch normalisation in training makes a code depend on the other samples of its batch.
    The estimate then is of the Jacobian of the whole batch, how much all codes move with
    all samples, divided by the number of samples; there is no exact one. In evaluation mode
    it is a layer like any other.

    Parameters
    ----------
    encoder
        From samples to codes, a module or a function, twice differentiable by autograd.
    x
        Samples.
    method
        ``exact``, ``hutchinson``, or ``auto``: exact where that is possible. A training step
        takes about 1.1 times as long with the exact one of a single layer, 1.6 times with
        one probe; the exact one of a deep stack grows with the width of the code.
    n_probes
        Number of random vectors, for Hutchinson's estimate; its variance falls as 1 / n.
    weight
        Weights of the samples, whose mean over the whole data set is 1.

    Returns
    -------
    tuple
        Codes and penalty; constants where autograd is switched off.

    Raises
    ------
    SettingError
        If the method is unknown, the number of probes is below 1, or an exact one is
        asked for where there is none.
    """
    reason = _check(encoder, x, method, n_probes)
    outside = torch.is_grad_enabled()
    # Slopes need autograd, in evaluation too; in inference mode data has to be copied for it.
    with torch.inference_mode(False), torch.enable_grad():
        x = x.clone() if x.is_inference() else x
        if method == "hutchinson" or reason is not None:
            z, norms = _estimate(encoder, x, n_probes)
        else:
            z, weights, slopes = run_with_slopes(dense_layers(encoder), x)  # type: ignore[arg-type]
            norms = squared_norms(weights, slopes)
        penalty = _mean(norms, weight, len(x))
    return (z, penalty) if outside else (z.detach(), penalty.detach())


def _check(encoder: Encoder, x: Tensor, method: str, n_probes: int) -> str | None:
    """Return what stands against an exact penalty, if anything, after a look at the rest."""
    if method not in CONTRACTION_METHODS or n_probes < 1:
        raise SettingError(
            f"Contraction needs a method of {CONTRACTION_METHODS} and at least one "
            f"probe, got {method!r} and {n_probes}."
        )
    reason = obstacle(encoder, x)
    if method == "exact" and reason is not None:
        raise SettingError(
            f"The exact contraction of this encoder is not known: {reason}. "
            "Use method='hutchinson', which takes any encoder."
        )
    return reason


def _mean(norms: Tensor, weight: Tensor | None, n: int) -> Tensor:
    return norms.mean() if weight is None else torch.dot(weight, norms.expand(n)) / n


def _estimate(encoder: Encoder, x: Tensor, n_probes: int) -> tuple[Tensor, Tensor]:
    x = x if x.requires_grad else x.detach().requires_grad_()
    with _twice_differentiable(encoder, x):
        z = encoder(x)
    norms = [_probe(z, x) for _ in range(n_probes)]
    return z, norms[0] if n_probes == 1 else torch.stack(norms).mean(0)


def _probe(z: Tensor, x: Tensor) -> Tensor:
    signs = torch.empty_like(z).random_(2).mul_(2).sub_(1)
    (moved,) = torch.autograd.grad(z, x, signs, create_graph=True)
    return moved.flatten(1).square().sum(1)


@contextmanager
def _twice_differentiable(encoder: Encoder, x: Tensor) -> Iterator[None]:
    """Keep recurrent layers away from cuDNN, whose gradient cannot be differentiated."""
    modules = encoder.modules() if isinstance(encoder, nn.Module) else ()
    recurrent = x.is_cuda and any(isinstance(m, nn.RNNBase) for m in modules)
    with torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext():
        yield
