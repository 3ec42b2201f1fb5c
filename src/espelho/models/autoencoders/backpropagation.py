"""Backpropagation by hand for dense autoencoders: the same gradient in fewer steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from espelho.models.autoencoders.elementwise import Elementwise, elementwise
from espelho.networks.dense import TiedLinear
from espelho.training.batches import Batch
from espelho.training.plan import Terms

__all__ = ["DenseBackpropagation"]

Seen = Tensor | None
"""Which elements count, of samples that are not known whole."""


class _Layer(NamedTuple):
    """``h = s(x W^T + b)``, or ``s(x W + b)`` where the weights are another layer's."""

    weight: Tensor
    bias: Tensor
    tied: bool
    activation: Elementwise | None


class _Forward(NamedTuple):
    """One layer's way up, with the memory it uses; ``x`` is none where the batch comes in."""

    x: Tensor | None
    matrix: Tensor
    bias: Tensor
    out: Tensor
    apply: Callable[[Tensor], Tensor] | None


class _Backward(NamedTuple):
    """One layer's way down; ``below`` is none where nothing is below."""

    d: Tensor
    h: Tensor
    back: Callable[[Tensor, Tensor], Tensor] | None
    left: Tensor
    right: Tensor | None
    accumulate: bool
    weight_grad: Tensor
    bias_grad: Tensor
    matrix: Tensor
    below: Tensor | None


def _squared_error(x: Tensor, output: Tensor, weight: Tensor | None, seen: Seen) -> Tensor:
    d = _counted(output.sub_(x), seen)
    if weight is None:
        flat = d.view(-1)
        loss = torch.dot(flat, flat)
    else:
        loss = torch.dot(weight, d.square().sum(1))
        d.mul_(weight.unsqueeze(1))
    d.mul_(_number(2 / len(x), d.dtype))
    return loss.div_(_number(len(x), d.dtype))


def _absolute_error(x: Tensor, output: Tensor, weight: Tensor | None, seen: Seen) -> Tensor:
    d = _counted(output.sub_(x), seen)
    by_sample = d.abs().sum(1)
    return _slope_from(d.sign_(), by_sample, weight)


def _bernoulli(x: Tensor, output: Tensor, weight: Tensor | None, seen: Seen) -> Tensor:
    elements = nn.functional.binary_cross_entropy_with_logits(output, x, reduction="none")
    by_sample = _counted(elements, seen).sum(1)
    return _slope_from(_counted(output.sigmoid_().sub_(x), seen), by_sample, weight)


def _counted(elements: Tensor, seen: Seen) -> Tensor:
    """Return elements, which are overwritten, with 0 for those that do not count."""
    return elements if seen is None else elements.mul_(seen)


def _slope_from(d: Tensor, by_sample: Tensor, weight: Tensor | None) -> Tensor:
    if weight is not None:
        d.mul_(weight.unsqueeze(1))
        by_sample = by_sample * weight
    d.mul_(_number(1 / len(d), d.dtype))
    return by_sample.sum().div_(_number(len(d), d.dtype))


@lru_cache(maxsize=64)
def _number(value: float, dtype: torch.dtype) -> Tensor:
    """Return a number as torch needs it, which it would make anew each time."""
    return torch.tensor(value, dtype=dtype, device="cpu")


_COSTS: Mapping[str, Callable[[Tensor, Tensor, Tensor | None, Seen], Tensor]] = {
    "squared_error": _squared_error,
    "absolute_error": _absolute_error,
    "bernoulli": _bernoulli,
}
"""``(x, output, weight, observed) -> loss``; what is left in ``output`` is the loss's slope."""


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
        self._ups: dict[tuple[int, int], list[_Forward]] = {}
        self._downs: dict[tuple[int, int, int], list[_Backward]] = {}

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
        own = [layer.weight for layer in layers if not layer.tied]
        biases = [layer.bias for layer in layers]
        once = all(len({id(p) for p in found}) == len(found) for found in (own, biases))
        known = layers and not layers[0].tied and name in _COSTS
        return cls(layers, name, weight_decay) if known and once else None

    @torch.no_grad()
    def __call__(self, batch: Batch, inputs: Tensor | None = None) -> Terms:
        """Write the gradient of every parameter, and return the terms of the loss.

        Parameters
        ----------
        batch
            The samples to give back.
        inputs
            What the encoder sees of them; ``None`` for the samples themselves.
        """
        inputs = batch.x if inputs is None else inputs
        ups = self._way_up(batch.x)
        downs = self._way_down(ups)
        _go_up(ups, inputs)
        output, top = ups[-1].out, downs[0]
        if top.back is not None:
            # The loss's slope takes the place of the output, which its own slope still needs.
            top.h.copy_(output)
        terms = {self._name: self._cost(batch.x, output, batch.weight, batch.observed)}
        _go_down(downs, inputs)
        if self._weight_decay:
            terms["weight_decay"] = self._decay()
            for weight in self._weights:
                _gradient(weight).add_(weight, alpha=2 * self._weight_decay)
        return terms

    @torch.no_grad()
    def terms(self, batch: Batch, inputs: Tensor) -> Terms:
        """Return the terms of the loss alone.

        Parameters
        ----------
        batch, inputs
            As for the gradient.
        """
        ups = self._way_up(batch.x)
        _go_up(ups, inputs)
        terms = {self._name: self._cost(batch.x, ups[-1].out, batch.weight, batch.observed)}
        if self._weight_decay:
            terms["weight_decay"] = self._decay()
        return terms

    def _way_up(self, x: Tensor) -> list[_Forward]:
        """Return the way up for batches of this size and parameters where they are."""
        key = (len(x), self._layers[0].weight.data_ptr())
        if key not in self._ups:
            self._ups[key] = self._build_way_up(x)
        return self._ups[key]

    def _way_down(self, ups: Sequence[_Forward]) -> list[_Backward]:
        """Return the way down from there, for gradients where they are."""
        first = self._layers[0].weight
        key = (len(ups[0].out), first.data_ptr(), _gradient(first).data_ptr())
        if key not in self._downs:
            self._downs[key] = self._build_way_down(ups)
        return self._downs[key]

    def _build_way_up(self, x: Tensor) -> list[_Forward]:
        ups: list[_Forward] = []
        for layer in self._layers:
            weight, bias = layer.weight.detach(), layer.bias.detach()
            out = x.new_empty(len(x), len(bias))
            apply = None if layer.activation is None else layer.activation.apply
            below = ups[-1].out if ups else None
            ups.append(_Forward(below, weight if layer.tied else weight.t(), bias, out, apply))
        return ups

    def _build_way_down(self, ups: Sequence[_Forward]) -> list[_Backward]:
        downs: list[_Backward] = []
        seen: set[int] = set()
        d = ups[-1].out
        for index in reversed(range(len(ups))):
            layer, up = self._layers[index], ups[index]
            h = torch.empty_like(d) if d is up.out else up.out
            below = None if up.x is None else torch.empty_like(up.x)
            back = None if layer.activation is None else layer.activation.back
            left, right = d.t(), up.x
            if layer.tied and up.x is not None:
                left, right = up.x.t(), d
            accumulate, weight_grad = id(layer.weight) in seen, _gradient(layer.weight)
            ways = (d, h, back, left, right, accumulate, weight_grad, _gradient(layer.bias))
            downs.append(_Backward(*ways, up.matrix.t(), below))
            seen.add(id(layer.weight))
            d = d if below is None else below
        return downs

    def _decay(self) -> Tensor:
        total = torch.stack([weight.square().sum() for weight in self._weights]).sum()
        return self._weight_decay * total


def _go_up(ups: Iterable[_Forward], data: Tensor) -> None:
    for x, matrix, bias, out, apply in ups:
        torch.addmm(bias, data if x is None else x, matrix, out=out)
        if apply is not None:
            apply(out)


def _go_down(downs: Iterable[_Backward], data: Tensor) -> None:
    for d, h, back, left, right, accumulate, weight_grad, bias_grad, matrix, below in downs:
        if back is not None:
            back(d, h)
        if accumulate:
            weight_grad.addmm_(left, data if right is None else right)
        else:
            torch.mm(left, data if right is None else right, out=weight_grad)
        torch.sum(d, 0, out=bias_grad)
        if below is not None:
            torch.mm(d, matrix, out=below)


def _layers(network: nn.Module) -> list[_Layer] | None:
    """Return the layers of a dense stack, or nothing if it is none."""
    if type(network) is not nn.Sequential or any(_hooked(m) for m in network.modules()):
        return None
    found: list[_Layer] = []
    for module in network:
        if type(module) is TiedLinear:
            found.append(_Layer(module.source.weight, module.bias, True, None))
        elif type(module) is nn.Linear and module.bias is not None:
            found.append(_Layer(module.weight, module.bias, False, None))
        elif found and found[-1].activation is None and elementwise(module) is not None:
            found[-1] = found[-1]._replace(activation=elementwise(module))
        else:
            return None
    return None if any(_unusual(layer) for layer in found) else found


def _hooked(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _unusual(layer: _Layer) -> bool:
    return not (layer.weight.requires_grad and layer.bias.requires_grad)


def _gradient(parameter: Tensor) -> Tensor:
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad
