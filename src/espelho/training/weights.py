"""The weights of a model: copied out whole, and put back in place."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from espelho.training.environment.processes import Processes
from espelho.training.environment.randomness import forked
from espelho.training.structure import Structure

__all__ = [
    "Kept",
    "agree_on_buffers",
    "averaged_buffers",
    "divide_again",
    "full",
    "is_sharded",
    "lent",
    "load_state",
    "shard_like",
    "state_of",
]


def is_sharded(value: Tensor) -> bool:
    """Return whether processes keep parts of a tensor (torch's DTensor, slow to import)."""
    return hasattr(value, "full_tensor")


def full(value: Tensor) -> Tensor:
    """Return a tensor as a whole; every process must ask."""
    return value.full_tensor() if is_sharded(value) else value  # type: ignore[attr-defined]


def shard_like(value: Tensor, like: Tensor) -> Tensor:
    """Return a tensor that every process has whole, divided as another is."""
    if not is_sharded(like) or is_sharded(value):
        return value
    from torch.distributed.tensor import distribute_tensor

    value = value.to(like.device)
    mesh, placements = like.device_mesh, like.placements  # type: ignore[attr-defined]
    return distribute_tensor(value, mesh, placements, src_data_rank=None)


def divide_again(model: nn.Module) -> None:
    """Let processes keep parts of every network again that a forward pass has put together.

    A backward pass does so by itself; without one networks stay whole, and what is read of
    them is a copy that no update moves.
    """
    for module in model.modules():
        reshard: Any = getattr(module, "reshard", None)
        if reshard is not None:
            reshard()


def state_of(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of a model's weights and buffers, whole where they are sharded."""
    return {name: full(v.detach()).clone() for name, v in model.state_dict().items()}


class Kept:
    """A copy of what training moves, as it is now: flat storage, and a model's buffers.

    Parameters
    ----------
    groups
        The storage of the parameters.
    structure
        Where the buffers are.
    """

    __slots__ = ("_buffers", "_flats", "_structure")

    def __init__(self, groups: Iterable[Any], structure: Structure) -> None:
        self._structure = structure
        self._flats = [(group.data, torch.empty_like(group.data)) for group in groups]
        self.renew()

    def renew(self) -> None:
        """Keep everything as it is now, in the place of what was kept before."""
        for flat, kept in self._flats:
            kept.copy_(flat)
        self._buffers = [(b, b.detach().clone()) for b in self._structure.buffers()]

    def put_back(self) -> None:
        """Make everything what it was."""
        with torch.no_grad():
            for value, kept in [*self._flats, *self._buffers]:
                value.copy_(kept)


def load_state(model: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Put weights and buffers into a model, in place; the others stay."""
    state = model.state_dict()
    with torch.no_grad():
        for name, value in values.items():
            state[name].copy_(shard_like(value, state[name]))


def averaged_buffers(model: nn.Module) -> dict[str, Tensor]:
    """Return the buffers by name that are statistics, of which an average is one too.

    Floating ones, but for those of modules whose attribute ``remembers`` is true: these hold
    something as it was, past samples say.

    Parameters
    ----------
    model
        The model.
    """
    return {
        name: buffer
        for prefix, module in model.named_modules()
        if not getattr(module, "remembers", False)
        for name, buffer in module.named_buffers(prefix, recurse=False)
        if buffer.is_floating_point()
    }


@contextmanager
def lent(model: nn.Module, values: Mapping[str, Tensor]) -> Iterator[None]:
    """Give a model other weights for a while, in evaluation mode; it then has its own again.

    No random stream moves, whatever is done with the model meanwhile.

    Parameters
    ----------
    model
        The model, whole in this process.
    values
        Weights and buffers by name; the others stay.
    """
    own, mode = state_of(model), model.training
    device = next(model.parameters()).device
    try:
        load_state(model, values)
        model.eval()
        with forked(0, device):
            yield
    finally:
        load_state(model, own)
        model.train(mode)


def agree_on_buffers(model: nn.Module, processes: Processes) -> None:
    """Make statistics that each process gathered by itself the mean over all of them."""
    if not processes.alone:
        for buffer in averaged_buffers(model).values():
            processes.mean(buffer)
