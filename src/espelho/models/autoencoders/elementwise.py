"""Elementwise functions in place, with the slope that a gradient goes back through."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

__all__ = ["Elementwise", "elementwise"]

_aten = torch.ops.aten


class Elementwise(NamedTuple):
    """An activation in place, and the slope, times which the gradient goes back.

    Attributes
    ----------
    apply
        ``a -> h`` in place.
    back
        ``(gradient by h, h) -> gradient by a`` in place.
    """

    apply: Callable[[Tensor], Tensor]
    back: Callable[[Tensor, Tensor], Tensor]


def _relu_back(d: Tensor, h: Tensor) -> Tensor:
    return cast(Tensor, _aten.threshold_backward.grad_input(d, h, 0, grad_input=d))


def _logistic_back(d: Tensor, h: Tensor) -> Tensor:
    return cast(Tensor, _aten.sigmoid_backward.grad_input(d, h, grad_input=d))


def _tanh_back(d: Tensor, h: Tensor) -> Tensor:
    return cast(Tensor, _aten.tanh_backward.grad_input(d, h, grad_input=d))


def _elu_back(d: Tensor, h: Tensor) -> Tensor:
    return cast(Tensor, _aten.elu_backward.grad_input(d, 1.0, 1.0, 1.0, True, h, grad_input=d))


def _selu_back(d: Tensor, h: Tensor) -> Tensor:
    return cast(
        Tensor, _aten.elu_backward.grad_input(d, _ALPHA, _SCALE, 1.0, True, h, grad_input=d)
    )


# Klambauer et al. 2017, with as many digits as torch has.
_ALPHA, _SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946

# Those whose slope follows from their output; the others are left to autograd.
_ELEMENTWISE: Mapping[type[nn.Module], Elementwise] = {
    nn.ReLU: Elementwise(torch.relu_, _relu_back),
    nn.Sigmoid: Elementwise(Tensor.sigmoid_, _logistic_back),
    nn.Tanh: Elementwise(Tensor.tanh_, _tanh_back),
    nn.ELU: Elementwise(nn.functional.elu_, _elu_back),
    nn.SELU: Elementwise(torch.selu_, _selu_back),
}


def elementwise(module: nn.Module) -> Elementwise | None:
    """Return what is known of an activation, or nothing if it is left to autograd."""
    usual = getattr(module, "alpha", 1.0) == 1.0
    return _ELEMENTWISE.get(type(module)) if usual else None
