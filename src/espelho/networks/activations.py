"""The activations by name, and the initialisation of weights that suits each."""

import math
from collections.abc import Callable, Mapping
from math import prod
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["ACTIVATIONS", "Activation", "Binary", "Weighted", "fans", "initialise"]


class Binary(nn.Module):
    """Step from 0 to 1 whose gradient is that of the logistic function.

    Forward, ``b(a) = 1 if a > 0 else 0``. Backward, the straight-through
    estimator: ``db/da := s(a) (1 - s(a))`` with ``s(a) = 1 / (1 + e^-a)``
    (Bengio, Leonard, Courville 2013, https://arxiv.org/abs/1308.3432).
    """

    diagonal_jacobian: ClassVar[bool] = True

    def forward(self, a: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return 1 where ``a`` is positive and 0 elsewhere."""
        soft = a.sigmoid()
        return soft + ((a > 0).to(a.dtype) - soft).detach()


def _glorot(weight: Tensor, fan_in: float, fan_out: float) -> None:
    _uniform(weight, math.sqrt(2 / (fan_in + fan_out)))


def _glorot_logistic(weight: Tensor, fan_in: float, fan_out: float) -> None:
    # Four times wider: the slope of the logistic function at 0 is 1/4.
    _uniform(weight, 4 * math.sqrt(2 / (fan_in + fan_out)))


def _he(weight: Tensor, fan_in: float, fan_out: float) -> None:  # noqa: ARG001
    nn.init.normal_(weight, std=math.sqrt(2) / math.sqrt(fan_in))


def _lecun(weight: Tensor, fan_in: float, fan_out: float) -> None:  # noqa: ARG001
    nn.init.normal_(weight, std=1 / math.sqrt(fan_in))


def _uniform(weight: Tensor, std: float) -> None:
    bound = math.sqrt(3) * std
    nn.init.uniform_(weight, -bound, bound)


class Activation(NamedTuple):
    """An activation: how to build it, and how to draw the weights before it.

    Attributes
    ----------
    build
        Makes the activation.
    initialise
        ``(weight, fan_in, fan_out)``: draws the weights in place.
    """

    build: Callable[[], nn.Module]
    initialise: Callable[[Tensor, float, float], None]


ACTIVATIONS: Mapping[str, Activation] = {
    "linear": Activation(nn.Identity, _glorot),
    "binary": Activation(Binary, _glorot),
    "relu": Activation(nn.ReLU, _he),
    "logistic": Activation(nn.Sigmoid, _glorot_logistic),
    "tanh": Activation(nn.Tanh, _glorot),
    "selu": Activation(nn.SELU, _lecun),
    "elu": Activation(nn.ELU, _he),
    "leaky-relu": Activation(lambda: nn.LeakyReLU(0.01), _he),
    "gelu": Activation(nn.GELU, _he),
    "silu": Activation(nn.SiLU, _he),
    "mish": Activation(nn.Mish, _he),
    "softplus": Activation(nn.Softplus, _glorot),
}
"""Activations by name.

Weights are drawn after Glorot and Bengio (2010) for the symmetric, the binary and the
logistic ones (four times wider for the last), after He et al. (2015) for the rectified
ones, and with variance ``1 / fan_in`` (LeCun) for SELU, which its fixed point
needs (Klambauer et al. 2017).
"""


Weighted = nn.Linear | nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d | nn.ConvTranspose2d
"""The layers that `initialise` knows."""


def fans(layer: Weighted) -> tuple[float, float]:
    """Return how many inputs an output sums over, and how many outputs an input reaches.

    A convolution with kernels of ``k`` elements and stride ``s`` sums over ``k`` elements
    of each channel along an axis, and each of its inputs reaches ``k / s`` outputs, at
    least one; a transposed convolution is the reverse. Both are numbers away from the
    borders, and means where the stride does not divide the kernel.

    Parameters
    ----------
    layer
        A dense, convolutional or transposed convolutional layer.

    Examples
    --------
    >>> fans(nn.Linear(3, 2)), fans(nn.Conv2d(3, 8, 4, stride=2))
    ((3.0, 2.0), (48.0, 32.0))
    """
    if isinstance(layer, nn.Linear):
        return float(layer.in_features), float(layer.out_features)
    window = float(prod(layer.kernel_size))
    pairs = zip(layer.kernel_size, layer.stride, strict=True)
    reached = prod(max(k / s, 1.0) for k, s in pairs)
    if isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d):
        return layer.in_channels * reached, layer.out_channels * window
    return layer.in_channels * window, layer.out_channels * reached


def initialise(layer: Weighted, activation: str, *, last: bool = False) -> None:
    """Draw the weights of a layer as its activation needs them, with bias zero.

    Parameters
    ----------
    layer
        The layer to initialise, in place.
    activation
        Name of the activation that follows it.
    last
        Whether it ends a network. Four times wider weights keep a signal alive through
        many logistic layers; a single one at the end, above other units, they would only
        saturate.
    """
    name = "linear" if last and activation == "logistic" else activation
    with torch.no_grad():
        ACTIVATIONS[name].initialise(layer.weight, *fans(layer))
        if layer.bias is not None:
            layer.bias.zero_()
