"""The exact Jacobian of a dense encoder, by its layers' weights and slopes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

__all__ = ["dense_layers", "obstacle", "run_with_slopes", "squared_norms"]

_DIAGONAL = frozenset(
    {
        nn.AlphaDropout, nn.CELU, nn.Dropout, nn.ELU, nn.GELU, nn.Hardsigmoid, nn.Hardswish,
        nn.Hardtanh, nn.LeakyReLU, nn.LogSigmoid, nn.Mish, nn.ReLU, nn.ReLU6, nn.SELU,
        nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Softsign, nn.Tanh,
    }
)  # fmt: skip
"""Modules of torch each of whose outputs depends on the input in its own place only."""

_ELEMENTS = 1 << 24
"""Elements of the Jacobians that are worked on at once: 64 MB in single precision."""


def dense_layers(encoder: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers of a stack, those of stacks inside it in their place.

    Parameters
    ----------
    encoder
        An ``nn.Sequential``; anything else is one layer by itself.
    """
    if type(encoder) is nn.Sequential:
        for module in encoder:
            yield from dense_layers(module)
    else:
        yield encoder


def obstacle(encoder: object, x: Tensor) -> str | None:
    """Return why an encoder's Jacobian has no exact form here, in words, or nothing.

    It has one for an ``nn.Sequential`` of fully connected layers (``nn.Linear``, or a layer
    tied to one), elementwise activations, dropout and batch normalisation in evaluation
    mode. A module of another class counts as elementwise if its class says
    ``diagonal_jacobian = True``.

    Parameters
    ----------
    encoder
        The encoder.
    x
        What it is given.
    """
    if not isinstance(encoder, nn.Module):
        return "it is a function"
    stacks = [m for m in encoder.modules() if type(m) is nn.Sequential]
    if any(m._forward_hooks or m._forward_pre_hooks for m in stacks):
        return "a hook changes what it does"
    layers = list(dense_layers(encoder))
    flat = x.ndim == 2 or type(layers[0]) is nn.Flatten
    if not flat or not any(_matrix(layer) is not None for layer in layers):
        return "it does not go from vectors to vectors through fully connected layers"
    return next((found for found in map(_misfit, layers) if found), None)


def _misfit(layer: nn.Module) -> str | None:
    if _matrix(layer) is not None or _keeps_elements(layer) or _is_diagonal(layer):
        return None
    if isinstance(layer, nn.modules.batchnorm._BatchNorm):
        return "batch normalisation in training makes each code depend on the whole batch"
    return f"{type(layer).__name__} is no fully connected layer and no elementwise activation"


def _matrix(layer: nn.Module) -> Tensor | None:
    """Return W of a layer ``W x + b``, or nothing if the layer is another."""
    # By the method, so that a parametrised layer is one and a subclass with its own is none.
    if isinstance(layer, nn.Linear):
        return layer.weight if type(layer).forward is nn.Linear.forward else None
    source = getattr(layer, "source", None)
    return source.weight.t() if isinstance(source, nn.Linear) else None


def _keeps_elements(layer: nn.Module) -> bool:
    whole = type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1)
    return whole or type(layer) is nn.Identity


def _is_diagonal(layer: nn.Module) -> bool:
    if isinstance(layer, nn.BatchNorm1d):
        return not layer.training and layer.running_mean is not None
    return type(layer) in _DIAGONAL or getattr(layer, "diagonal_jacobian", False) is True


def run_with_slopes(
    layers: Iterable[nn.Module], x: Tensor
) -> tuple[Tensor, list[Tensor], list[Tensor | None]]:
    """Run a dense stack; return the codes, the weights, and the slopes around them.

    Parameters
    ----------
    layers
        The layers of an encoder without `obstacle`.
    x
        Samples, with autograd switched on.

    Returns
    -------
    tuple
        The codes ``(n, m)``; the L weights ``W_l``; and L + 1 slopes ``(n, width)``, of
        what stands before the first weight, between two, and after the last, none where
        nothing does. The Jacobian is ``D_L W_L ... D_1 W_1 D_0``.
    """
    h = x
    weights: list[Tensor] = []
    slopes: list[Tensor | None] = [None]
    for layer in layers:
        weight = _matrix(layer)
        if weight is None and not _keeps_elements(layer):
            h, slope = _with_slope(layer, h)
            slopes[-1] = slope if slopes[-1] is None else slopes[-1] * slope
            continue
        h = layer(h)
        if weight is not None:
            weights.append(weight)
            slopes.append(None)
    return h, weights, slopes


def _with_slope(activation: nn.Module, a: Tensor) -> tuple[Tensor, Tensor]:
    if not a.requires_grad:
        a = a.detach().requires_grad_()
    # One that works in place would leave nothing to differentiate by.
    h = activation(a.clone() if getattr(activation, "inplace", False) else a)
    (slope,) = torch.autograd.grad(h, a, torch.ones_like(h), create_graph=True)
    return h, slope


def squared_norms(
    weights: Sequence[Tensor], slopes: Sequence[Tensor | None]
) -> Float[Tensor, "*n"]:
    """Return ``||D_L W_L ... D_1 W_1 D_0||_F^2`` of each sample, or one if it is all the same.

    One layer has a closed form, ``sum_j f'(a_j)^2 sum_i W_ji^2`` (Rifai et al. 2011). More
    are multiplied out from the end where that takes fewer operations, and the last product
    is taken with ``W W^T`` where this is smaller than ``W``. Above 16 million elements,
    samples are worked on in parts, whose products are computed again on the way back.

    Parameters
    ----------
    weights, slopes
        As `run_with_slopes` returns them.
    """
    if len(weights) == 1:
        return _one_layer(weights[0], slopes[0], slopes[1])
    # The Jacobian and its transpose have the same norm.
    turned = [w.t() for w in reversed(weights)], slopes[::-1]
    weights, slopes = min((weights, slopes), turned, key=lambda way: _operations(*way))
    known = [slope for slope in slopes if slope is not None]
    part = max(1, _ELEMENTS // (len(weights[-1]) * max(w.shape[1] for w in weights)))
    if not known or len(known[0]) <= part:
        return _product_norms(weights, slopes)
    norms = [
        checkpoint(
            _product_norms,
            weights,
            [None if slope is None else slope[start : start + part] for slope in slopes],
            use_reentrant=False,
            preserve_rng_state=False,
        )
        for start in range(0, len(known[0]), part)
    ]
    return torch.cat(norms)


def _one_layer(weight: Tensor, first: Tensor | None, last: Tensor | None) -> Tensor:
    if first is None:
        rows: Tensor = _SquaredRows.apply(weight)
    else:
        rows = first.square() @ weight.square().t()
    return _weighted_rows(rows, last)


class _SquaredRows(torch.autograd.Function):
    """``sum_i W_ji^2`` of each row, with one pass over the weights each way.

    What autograd makes of ``W.square().sum(1)`` writes three tensors of their size.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        norms: Tensor = torch.linalg.vector_norm(weight, dim=1)
        return norms.square_()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (weight,) = ctx.saved_tensors
        slope: Tensor = weight * (2 * grad).unsqueeze(1)
        return slope


def _weighted_rows(rows: Tensor, last: Tensor | None) -> Tensor:
    return rows.sum(-1) if last is None else (last.square() * rows).sum(-1)


def _operations(weights: Sequence[Tensor], slopes: Sequence[Tensor | None]) -> int:
    """Return the multiplications of a sample's Jacobian, starting from the last weight."""
    first, *between, last = weights
    ends = first.shape[1] if slopes[0] is not None else min(first.shape)
    return len(last) * (sum(w.numel() for w in between) + len(first) * ends)


def _product_norms(weights: Sequence[Tensor], slopes: Sequence[Tensor | None]) -> Tensor:
    first, *between = weights
    jacobian = between.pop()
    for weight, slope in zip(reversed([first, *between]), slopes[-2:0:-1], strict=True):
        if slope is not None:
            jacobian = jacobian * slope.unsqueeze(-2)  # (n, m, width)
        if weight is not first:
            jacobian = jacobian @ weight
    return _weighted_rows(_last_product(jacobian, first, slopes[0]), slopes[-1])


def _last_product(jacobian: Tensor, first: Tensor, slope: Tensor | None) -> Tensor:
    """Return the squared norms of the rows of ``J W D``."""
    if slope is None and len(first) < first.shape[1]:
        return (jacobian @ (first @ first.t()) * jacobian).sum(-1)
    product = jacobian @ first
    return (product if slope is None else product * slope.unsqueeze(-2)).square().sum(-1)
