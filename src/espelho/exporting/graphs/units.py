"""Units: scaling and types as modules, so that a graph takes and gives what the data holds."""

import copy
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor, nn

from espelho.networks.dense import TiedLinear

__all__ = [
    "AsType",
    "Scale",
    "Unscale",
    "data_type",
    "detached",
    "gaps_of",
    "per_row",
    "row_numbers",
]

Network = TypeVar("Network", bound=nn.Module)
Numbers = tuple[NDArray[Any], NDArray[Any]]


def data_type(dtype: DTypeLike, precision: str) -> str:
    """Return the type that data of a type has in a graph: its own, or for floats the graph's.

    Examples
    --------
    >>> data_type("uint8", "float32"), data_type("float64", "float32")
    ('uint8', 'float32')
    """
    found = np.dtype(dtype)
    return found.name if found.kind in "biu" else precision


def detached(network: Network, precision: str) -> Network:
    """Return a copy of a network for a graph: on the CPU, in its type, as after training.

    Layers that are tied to others get weights of their own.
    """
    found = copy.deepcopy(network)
    for module in list(found.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, TiedLinear):
                setattr(module, name, _untied(child))
    return found.cpu().to(getattr(torch, precision)).eval().requires_grad_(False)


def row_numbers(estimator: Any) -> Numbers:
    """Return the shift and the scale of an estimator's rows."""
    scaling, row = estimator.scaling_, estimator.row_shape_
    return per_row(scaling.shift, row), per_row(scaling.scale, row)


def gaps_of(estimator: Any) -> NDArray[Any] | None:
    """Return what stands for missing elements of rows, if any may be missing."""
    found = getattr(estimator.scaling_, "stand_ins", None)
    return None if found is None else np.asarray(found).reshape(estimator.row_shape_)


def per_row(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the numbers of a scaling for rows of a shape: one where all are alike."""
    alike = values.size and (values == values.flat[0]).all()
    return values.flat[0].reshape(()) if alike else values.reshape(shape)


class Scale(nn.Module):
    """From the data's units and type to the network's: ``(x - shift) / scale``.

    Parameters
    ----------
    numbers
        shift and scale, which broadcast over rows ``(batch, ...)``.
    precision
        Type of the result.
    stand_ins
        What stands for missing elements, NaN, in the network's units; ``None`` where nothing may
        be missing.
    """

    shift: Tensor
    scale: Tensor
    stand_ins: Tensor | None

    def __init__(
        self, numbers: Numbers, precision: str, stand_ins: NDArray[Any] | None = None
    ) -> None:
        super().__init__()
        shift, scale = numbers
        self.dtype = getattr(torch, precision)
        self.shifted, self.scaled = bool(np.any(shift != 0)), bool(np.any(scale != 1))
        self.register_buffer("shift", torch.tensor(np.asarray(shift), dtype=self.dtype))
        self.register_buffer("scale", torch.tensor(np.asarray(scale), dtype=self.dtype))
        known = None if stand_ins is None else torch.tensor(stand_ins, dtype=self.dtype)
        self.register_buffer("stand_ins", known)

    def forward(self, x: Tensor) -> Tensor:
        """Return data as the network sees it."""
        x = x.to(self.dtype)
        x = x - self.shift if self.shifted else x
        x = x / self.scale if self.scaled else x
        return x if self.stand_ins is None else torch.where(x.isnan(), self.stand_ins, x)


class Unscale(Scale):
    """From the network's units to the data's: ``x * scale + shift``, still real numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what a network made in the units of the data."""
        x = x * self.scale if self.scaled else x
        return x + self.shift if self.shifted else x


class AsType(nn.Module):
    """From real numbers to a type: rounded and kept in range where it is of integers.

    Parameters
    ----------
    dtype
        The type, by NumPy's name.
    precision
        Type of what comes in.
    """

    def __init__(self, dtype: str, precision: str) -> None:
        super().__init__()
        self.kind, self.dtype = np.dtype(dtype).kind, getattr(torch, dtype)
        if self.kind in "iu":
            bounds, real = np.iinfo(dtype), np.dtype(precision).type
            top = real(bounds.max)
            # A float holds few of the largest integers: take one that is not beyond them.
            top = top if int(top) <= bounds.max else np.nextafter(top, real(0))
            self.low, self.top = float(bounds.min), float(top)

    def forward(self, x: Tensor) -> Tensor:
        """Return the numbers in that type."""
        if self.kind == "b":
            return x > 0.5
        if self.kind in "iu":
            return x.round().clamp(self.low, self.top).to(self.dtype)
        return x.to(self.dtype)


def _untied(layer: TiedLinear) -> nn.Linear:
    weight = layer.source.weight.detach().t().contiguous()
    found = nn.Linear(weight.shape[1], weight.shape[0]).to(weight)
    found.weight = nn.Parameter(weight)
    found.bias = nn.Parameter(layer.bias.detach())
    return found
