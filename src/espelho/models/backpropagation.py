"""Backpropagation by hand for dense autoencoders: the same gradient in fewer steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Self, cast

import torch
from torch import Tensor, nn

from espelho.networks.dense import TiedLinear
from espelho.training.batches import Batch
from espelho.training.plan import Terms

__all__ = ["DenseBackpropagation"]

_aten = torch.ops.aten


class _Elementwise(NamedTuple):
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
_ELEMENTWISE: Mapping[type[nn.Module], _Elementwise] = {
    nn.ReLU: _Elementwise(torch.relu_, _relu_back),
    nn.Sigmoid: _Elementwise(Tensor.sigmoid_, _logistic_back),
    nn.Tanh: _Elementwise(Tensor.tanh_, _tanh_back),
    nn.ELU: _Elementwise(nn.functional.elu_, _elu_back),
    nn.SELU: _Elementwise(torch.selu_, _selu_back),
}


class _Layer(NamedTuple):
    """``h = s(x W^T + b)``, or ``s(x W + b)`` where the weights are another layer's."""

    weight: Tensor
    bias: Tensor
    tied: bool
    activation: _Elementwise | None

    @property
    def width(self) -> int:
        return len(self.bias)

    def forward(self, x: Tensor, out: Tensor) -> Tensor:
        weight = self.weight if self.tied else self.weight.t()
        torch.addmm(self.bias, x, weight, out=out)
        if self.activation is not None:
            self.activation.apply(out)
        return out

    def backward(self, d: Tensor, x: Tensor, h: Tensor, *, accumulate: bool) -> Tensor:
        """Write the gradient by weights and bias; return that by what the layer summed."""
        if self.activation is not None:
            self.activation.back(d, h)
        left, right = (x.t(), d) if self.tied else (d.t(), x)
        grad = _gradient(self.weight)
        torch.addmm(grad, left, right, out=grad) if accumulate else torch.mm(left, right, out=grad)
        torch.sum(d, 0, out=_gradient(self.bias))
        return d

    def pass_back(self, d: Tensor, out: Tensor) -> Tensor:
        """Return the gradient by the layer's input."""
        return torch.mm(d, self.weight.t() if self.tied else self.weight, out=out)


def _squared_error(x: Tensor, output: Tensor, weight: Tensor | None) -> Tensor:
    d = output.sub_(x)
    if weight is None:
        flat = d.view(-1)
        loss = torch.dot(flat, flat) / len(x)
        d.mul_(2 / len(x))
        return loss
    loss = torch.dot(weight, d.square().sum(1)) / len(x)
    d.mul_(weight.unsqueeze(1)).mul_(2 / len(x))
    return loss


def _absolute_error(x: Tensor, output: Tensor, weight: Tensor | None) -> Tensor:
    d = output.sub_(x)
    by_sample = d.abs().sum(1)
    return _slope_from(d.sign_(), by_sample, weight)


def _bernoulli(x: Tensor, output: Tensor, weight: Tensor | None) -> Tensor:
    elements = nn.functional.binary_cross_entropy_with_logits(output, x, reduction="none")
    return _slope_from(output.sigmoid_().sub_(x), elements.sum(1), weight)


def _slope_from(d: Tensor, by_sample: Tensor, weight: Tensor | None) -> Tensor:
    if weight is not None:
        d.mul_(weight.unsqueeze(1))
        by_sample = by_sample * weight
    d.mul_(1 / len(d))
    return by_sample.sum() / len(d)


_COSTS: Mapping[str, Callable[[Tensor, Tensor, Tensor | None], Tensor]] = {
    "squared_error": _squared_error,
    "absolute_error": _absolute_error,
    "bernoulli": _bernoulli,
}
"""``(x, output, weight) -> loss``; what is left in ``output`` is the loss's slope by it."""


class DenseBackpropagation:
    """The gradient of a dense autoencoder's loss, by the chain rule written out.

    From the output back, with ``d`` the gradient by what a layer summed up:
    ``grad W = d^T h_below``, ``grad b = sum d``, ``d_below = (d W) * s'(h_below)``
    (Rumelhart, Hinton, Williams 1986). Every product is written into memory that is there
    already, which is what makes it faster than autograd on small networks.

    Parameters
    ----------
    layers
        The layers from data to reconstruction.
    name
        Name of the reconstruction loss.
    weight_decay
        What the sum of the squared weights is multiplied with.
    """

    def __init__(self, layers: Sequence[_Layer], name: str, weight_decay: float) -> None:
        self._layers = list(layers)
        self._name = name
        self._cost = _COSTS[name]
        self._weight_decay = weight_decay
        self._weights = list({id(layer.weight): layer.weight for layer in layers}.values())
        owners: set[int] = set()
        self._accumulates = [False] * len(self._layers)
        for index in reversed(range(len(self._layers))):
            key = id(self._layers[index].weight)
            self._accumulates[index] = key in owners
            owners.add(key)
        self._memory: dict[int, tuple[list[Tensor], list[Tensor]]] = {}

    @classmethod
    def of(cls, networks: Iterable[nn.Module], name: str, weight_decay: float) -> Self | None:
        """Return the gradient of networks in a row, or nothing if one is not dense.

        Parameters
        ----------
        networks
            Encoder and decoder.
        name
            Name of the reconstruction loss.
        weight_decay
            What the sum of the squared weights is multiplied with.
        """
        layers: list[_Layer] = []
        for network in networks:
            found = _layers(network)
            if found is None:
                return None
            layers += found
        return cls(layers, name, weight_decay) if layers and name in _COSTS else None

    @torch.no_grad()
    def __call__(self, batch: Batch) -> Terms:
        """Write the gradient of every parameter, and return the terms of the loss."""
        inputs = [batch.x]
        outputs, slopes = self._memory_for(batch.x)
        for layer, out in zip(self._layers, outputs, strict=True):
            inputs.append(layer.forward(inputs[-1], out))
        last = len(self._layers) - 1
        kept = self._kept_output(inputs[-1])
        terms = {self._name: self._cost(batch.x, inputs[-1], batch.weight)}
        d = inputs[-1]
        for index in range(last, -1, -1):
            layer = self._layers[index]
            h = kept if index == last else inputs[index + 1]
            d = layer.backward(d, inputs[index], h, accumulate=self._accumulates[index])
            if index:
                d = layer.pass_back(d, slopes[index])
        if self._weight_decay:
            terms["weight_decay"] = self._decay()
        return terms

    def _kept_output(self, output: Tensor) -> Tensor:
        # The loss's slope takes the place of the output, which the last slope still needs.
        return output if self._layers[-1].activation is None else output.clone()

    def _memory_for(self, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        n = len(x)
        if n not in self._memory:
            outputs = [x.new_empty(n, layer.width) for layer in self._layers]
            slopes = [x.new_empty(0), *(torch.empty_like(out) for out in outputs[:-1])]
            self._memory[n] = outputs, slopes
        return self._memory[n]

    def _decay(self) -> Tensor:
        total = torch.stack([weight.square().sum() for weight in self._weights]).sum()
        for weight in self._weights:
            _gradient(weight).add_(weight, alpha=2 * self._weight_decay)
        return self._weight_decay * total


def _layers(network: nn.Module) -> list[_Layer] | None:
    """Return the layers of a dense stack, or nothing if it is none."""
    if not isinstance(network, nn.Sequential):
        return None
    found: list[_Layer] = []
    for module in network:
        if isinstance(module, TiedLinear):
            found.append(_Layer(module.source.weight, module.bias, True, None))
        elif type(module) is nn.Linear and module.bias is not None:
            found.append(_Layer(module.weight, module.bias, False, None))
        elif found and found[-1].activation is None and type(module) in _ELEMENTWISE:
            found[-1] = found[-1]._replace(activation=_ELEMENTWISE[type(module)])
        else:
            return None
    return None if any(_unusual(layer) for layer in found) else found


def _unusual(layer: _Layer) -> bool:
    return not (layer.weight.requires_grad and layer.bias.requires_grad)


def _gradient(parameter: Tensor) -> Tensor:
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad
