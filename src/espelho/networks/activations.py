"""The activations by name, and the initialisation of weights that suits each."""

from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["ACTIVATIONS", "Activation", "Binary"]


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


def _glorot(weight: Tensor) -> None:
    nn.init.xavier_uniform_(weight)


def _glorot_logistic(weight: Tensor) -> None:
    # Four times wider: the slope of the logistic function at 0 is 1/4.
    nn.init.xavier_uniform_(weight, gain=4.0)


def _he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _lecun(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="linear")


class Activation(NamedTuple):
    """An activation: how to build it, and how to draw the weights before it."""

    build: Callable[[], nn.Module]
    initialise: Callable[[Tensor], None]


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


def initialise(layer: nn.Linear, activation: str) -> None:
    """Draw the weights of a layer as its activation needs them, with bias zero.

    Parameters
    ----------
    layer
        The layer to initialise, in place.
    activation
        Name of the activation that follows it.
    """
    with torch.no_grad():
        ACTIVATIONS[activation].initialise(layer.weight)
        if layer.bias is not None:
            layer.bias.zero_()
