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
    before = random_states(device)
    # On the CPU alone: the streams of other devices are the caller's, and not forked here.
    (torch.default_generator if device.type == "cpu" else torch).manual_seed(seed)
    try:
        yield
    finally:
        load_random_states(before, device)


def random_states(device: torch.device) -> dict[str, Tensor]:
    """Return the state of the random streams that a training draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def load_random_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Take the random streams up where `random_states` left them."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    elif device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])
