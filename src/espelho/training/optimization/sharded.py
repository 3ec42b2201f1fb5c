"""Sharded storage: parameters of which each process keeps a part."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from espelho.errors import EspelhoError, SettingError
from espelho.training.weights import shard_like

__all__ = ["ShardedGroup", "shard"]


def shard(model: nn.Module, device: torch.device) -> nn.Module:
    """Let each process keep a part of every parameter, in place, by torch's FSDP2.

    Parameters
    ----------
    model
        A model whose networks are its children; each is put together when it runs.
    device
        Where it is.

    Raises
    ------
    SettingError
        If two networks share a parameter.
    """
    mesh = init_device_mesh(device.type, (torch.distributed.get_world_size(),))
    networks = [child for child in model.children() if any(True for _ in child.parameters())]
    ids = [{id(parameter) for parameter in network.parameters()} for network in networks]
    if sum(map(len, ids)) > len(set().union(*ids)):
        raise SettingError(
            "parallel='shard' and networks that share weights (tied=True) cannot work together. "
            "Use parallel='replicate'."
        )
    for network in networks:
        # By default a network would stay whole after a forward pass without a backward one.
        fully_shard(network, mesh=mesh, reshard_after_forward=True)
    return model


class ShardedGroup:
    """One parameter's part on this process, with what an update needs of `FlatGroup`.

    Parameters
    ----------
    name, parameter
        The parameter, which `shard` has divided.
    """

    __slots__ = ("data", "grad", "parameters")

    def __init__(self, name: str, parameter: nn.Parameter) -> None:
        self.parameters = {name: parameter}
        self.data = _local(parameter)
        self.grad = torch.zeros_like(self.data)
        # A gradient that is there is added to, so its storage stays what it is.
        parameter.grad = self._whole(self.grad)

    def _whole(self, part: Tensor) -> DTensor:
        parameter = next(iter(self.parameters.values()))
        if not isinstance(parameter, DTensor):
            raise EspelhoError("A parameter of a sharded model is on one process alone.")
        return DTensor.from_local(
            part,
            parameter.device_mesh,
            parameter.placements,
            shape=parameter.shape,
            stride=parameter.stride(),
        )

    def pack(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return this process's part of the value given, or zeros."""
        for name in self.parameters.keys() & values.keys():
            return _local(shard_like(values[name], self.parameters[name])).clone()
        return torch.zeros_like(self.data)

    def unpack(self, flat: Tensor) -> dict[str, Tensor]:
        """Return the whole of which every process has a part, by name."""
        return {name: self._whole(flat).full_tensor() for name in self.parameters}

    def check(self, current: Mapping[str, nn.Parameter]) -> None:
        """Raise if the parameter or its gradient was replaced."""
        for name, parameter in self.parameters.items():
            grad = parameter.grad
            kept = grad is not None and _local(grad).data_ptr() == self.grad.data_ptr()
            if not kept or parameter is not current.get(name):
                raise EspelhoError(
                    f"The storage of parameter {name!r} or of its gradient was replaced while it "
                    "was training, so its updates would be lost."
                )

    def release(self) -> None:
        """Leave the parameter without a gradient."""
        for parameter in self.parameters.values():
            parameter.grad = None


def _local(tensor: Tensor) -> Tensor:
    part = tensor.to_local() if isinstance(tensor, DTensor) else tensor
    return part.detach()
