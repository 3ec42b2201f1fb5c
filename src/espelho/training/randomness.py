"""Random streams: seeded, kept apart from the caller's, saved and taken up again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

__all__ = ["forked", "load_random_states", "random_states"]


@contextmanager
def forked(seed: int, device: torch.device) -> Iterator[None]:
    """Work in a random state of its own; leave the caller's as it was.

    Parameters
    ----------
    seed
        Where the random state starts.
    device
        The device whose random state is forked besides the CPU's.
    """
    cpu = device.type == "cpu"
    devices = [] if cpu else [device.index or 0]
    with torch.random.fork_rng(devices, device_type="cuda" if cpu else device.type):
        torch.manual_seed(seed)
        yield


def random_states(device: torch.device) -> dict[str, Tensor]:
    """Return the state of the random streams that a training draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        states[device.type] = torch.get_device_module(device).get_rng_state()
    return states


def load_random_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Take the random streams up where `random_states` left them."""
    torch.set_rng_state(states["cpu"])
    if device.type in states and device.type != "cpu":
        torch.get_device_module(device).set_rng_state(states[device.type])
