"""Flat storage: the parameters that the same phases own, side by side in one buffer.

A fused optimiser then makes one call where it would make one per parameter, and a
gradient is cleared, clipped or added up over processes in one.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from espelho.errors import EspelhoError
from espelho.training.plan import Phase

__all__ = ["FlatGroup", "flatten"]

_ALIGNMENT = 16
"""Elements that every parameter starts at a multiple of: 64 bytes of float32."""


class FlatGroup:
    """Parameters whose values are views of one buffer, and whose gradients of another.

    Names, shapes and strides (so, memory formats) of the parameters stay what they were.

    Parameters
    ----------
    parameters
        The parameters by name, all of one type and on one device.
    """

    __slots__ = ("_addresses", "_offsets", "data", "grad", "parameters")

    def __init__(self, parameters: Mapping[str, nn.Parameter]) -> None:
        self.parameters = dict(parameters)
        first = next(iter(self.parameters.values()))
        self._offsets: dict[str, int] = {}
        end = 0
        for name, parameter in self.parameters.items():
            self._offsets[name] = end
            end += -(-parameter.numel() // _ALIGNMENT) * _ALIGNMENT
        self.data = torch.zeros(end, dtype=first.dtype, device=first.device)
        self.grad = torch.zeros_like(self.data)
        for name, parameter in self.parameters.items():
            view = self.view(self.data, name)
            view.copy_(parameter.detach())
            parameter.data = view
            parameter.grad = self.view(self.grad, name)
        self._addresses = {n: _addresses(p, p.grad) for n, p in self.parameters.items()}

    def view(self, flat: Tensor, name: str) -> Tensor:
        """Return the part of a flat buffer that belongs to one parameter, in its shape."""
        parameter = self.parameters[name]
        strides = torch.empty_like(parameter, device="meta").stride()
        return flat.as_strided(parameter.shape, strides, self._offsets[name])

    def pack(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return a new flat buffer that holds the values given and zeros elsewhere."""
        flat = torch.zeros_like(self.data)
        for name in self.parameters.keys() & values.keys():
            self.view(flat, name).copy_(values[name])
        return flat

    def unpack(self, flat: Tensor) -> dict[str, Tensor]:
        """Return each parameter's part of a flat buffer, as views, by name."""
        return {name: self.view(flat, name) for name in self.parameters}

    def check(self, current: Mapping[str, nn.Parameter]) -> None:
        """Raise if a parameter or its gradient is no longer a view of the buffers.

        Parameters
        ----------
        current
            The model's parameters by name, as they are now.
        """
        for name, parameter in self.parameters.items():
            in_place = _addresses(parameter, parameter.grad) == self._addresses[name]
            if not in_place or parameter is not current.get(name):
                raise EspelhoError(
                    f"The storage of parameter {name!r} or of its gradient was replaced while it "
                    "was training, so its updates would be lost. Change values in place (copy_), "
                    "types, devices and memory formats before fit(), and leave zero_grad() out."
                )

    def release(self) -> None:
        """Give every parameter storage of its own again, and no gradient."""
        for parameter in self.parameters.values():
            parameter.data = parameter.data.clone()
            parameter.grad = None


def _addresses(parameter: Tensor, grad: Tensor | None) -> tuple[int, int]:
    return parameter.data_ptr(), -1 if grad is None else grad.data_ptr()


def flatten(names: Mapping[str, nn.Parameter], phases: Sequence[Phase]) -> list[FlatGroup]:
    """Put the parameters that phases own into one group per set of owning phases.

    Parameters
    ----------
    names
        The model's parameters by name.
    phases
        The phases of a stage, whose modules may overlap.

    Returns
    -------
    list of FlatGroup
        Groups of one type, one device and one set of owners each.
    """
    owned = [phase.parameters().keys() for phase in phases]
    members: dict[tuple[object, ...], dict[str, nn.Parameter]] = {}
    for name, parameter in names.items():
        owners = tuple(i for i, ids in enumerate(owned) if id(parameter) in ids)
        if owners and parameter.requires_grad:
            key = (owners, parameter.dtype, parameter.device)
            members.setdefault(key, {})[name] = parameter
    return [FlatGroup(group) for group in members.values()]
