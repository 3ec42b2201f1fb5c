"""Dense networks: stacks of fully connected layers, and a stack tied to another."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from espelho.networks.activations import ACTIVATIONS, initialise

__all__ = ["NORMALIZATIONS", "TiedLinear", "dense", "tied"]

NORMALIZATIONS: Mapping[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm1d,
    "layer": nn.LayerNorm,
}
"""Normalisations by name: over the batch (Ioffe and Szegedy 2015), over the units of each
sample (Ba, Kiros, Hinton 2016)."""


class TiedLinear(nn.Module):
    """Layer ``a = W^T h + b`` that shares the weights W of another layer.

    Parameters
    ----------
    source
        The layer ``W x + c`` whose weights are used; it alone owns them.
    """

    def __init__(self, source: nn.Linear) -> None:
        super().__init__()
        # In a tuple, so that the weights are registered once, by their owner.
        self._source = (source,)
        self.bias = nn.Parameter(torch.zeros(source.in_features))

    @property
    def source(self) -> nn.Linear:
        """The layer that owns the weights."""
        return self._source[0]

    def forward(self, h: Float[Tensor, "n outputs"]) -> Float[Tensor, "n inputs"]:
        """Multiply by the transposed weights and add the layer's own bias."""
        return F.linear(h, self.source.weight.t(), self.bias)


def dense(
    sizes: Sequence[int],
    activation: str,
    last_activation: str,
    normalization: str = "none",
    dropout: float = 0.0,
) -> nn.Sequential:
    """Build a stack of fully connected layers.

    Parameters
    ----------
    sizes
        Width of the input, of each layer, and of the output.
    activation
        Name of the activation after every layer but the last.
    last_activation
        Name of the activation after the last layer.
    normalization
        A name of `NORMALIZATIONS`: what stands between every layer but the last and its
        activation.
    dropout
        Share of the units that are set to 0 after each activation but the last, in training,
        while the others grow to make up for it (Srivastava et al. 2014, JMLR 15).

    Returns
    -------
    nn.Sequential
        Network from ``(n, sizes[0])`` to ``(n, sizes[-1])``.

    Examples
    --------
    >>> dense((4, 3, 2), "relu", "linear")
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=2, bias=True)
    )
    """
    names = [activation] * (len(sizes) - 2) + [last_activation]
    # What normalises has a bias of its own; that of the layer before would do nothing.
    free = normalization == "none"
    last = len(names) - 1
    pairs = enumerate(pairwise(sizes))
    layers = [nn.Linear(a, b, bias=free or index == last) for index, (a, b) in pairs]
    for layer, name in zip(layers, names, strict=True):
        initialise(layer, name, last=layer is layers[-1])
    return _stack(layers, sizes[1:], names, normalization, dropout)


def tied(
    encoder: nn.Sequential,
    activation: str,
    last_activation: str,
    normalization: str = "none",
    dropout: float = 0.0,
) -> nn.Sequential:
    """Build the mirror image of a dense stack, with its weights transposed.

    Parameters
    ----------
    encoder
        A stack made by `dense`; it keeps and owns the weights.
    activation, last_activation
        Names of the activations after every layer but the last, and after it.
    normalization, dropout
        As in `dense`.

    Returns
    -------
    nn.Sequential
        Network from the encoder's output to its input, with biases of its own.
    """
    layers = [layer for layer in encoder if isinstance(layer, nn.Linear)][::-1]
    names = [activation] * (len(layers) - 1) + [last_activation]
    widths = [layer.in_features for layer in layers]
    return _stack([TiedLinear(layer) for layer in layers], widths, names, normalization, dropout)


def _stack(
    layers: Sequence[nn.Module],
    widths: Sequence[int],
    names: Sequence[str],
    normalization: str,
    dropout: float,
) -> nn.Sequential:
    modules: list[nn.Module] = []
    last = len(layers) - 1
    for index, (layer, width, name) in enumerate(zip(layers, widths, names, strict=True)):
        modules.append(layer)
        if normalization != "none" and index < last:
            modules.append(NORMALIZATIONS[normalization](width))
        if name != "linear":
            modules.append(ACTIVATIONS[name].build())
        if dropout and index < last:
            modules.append(nn.Dropout(dropout))
    return nn.Sequential(*modules)
