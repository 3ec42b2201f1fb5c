"""The device that trains: chosen, or found to be missing."""

import os

import torch

from espelho.errors import DeviceError

__all__ = ["find_device"]


def find_device(name: str) -> torch.device:
    """Return the device of a name.

    Parameters
    ----------
    name
        ``auto`` for the first there is of CUDA, Apple's MPS and the CPU; or ``cpu``,
        ``cuda``, ``cuda:1``, ``mps``.

    Raises
    ------
    DeviceError
        If there is no such device here.
    """
    if name == "auto":
        name = next((kind for kind in ("cuda", "mps") if _available(kind)), "cpu")
    if name == "cuda" and (rank := os.environ.get("LOCAL_RANK")):
        name = f"cuda:{rank}"  # one of several processes: each has a GPU of its own
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(
            f"device must be 'auto', 'cpu', 'cuda', 'cuda:0', ... or 'mps', got {name!r}."
        ) from error
    if not _available(device.type) or (device.index or 0) >= _count(device.type):
        raise DeviceError(
            f"device={name!r} is not available here; available: {', '.join(_all())}. "
            "device='auto' takes the best one."
        )
    return device


def _available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    return kind == "cpu"


def _count(kind: str) -> int:
    return torch.cuda.device_count() if kind == "cuda" else 1


def _all() -> list[str]:
    found = ["cpu"] + [kind for kind in ("mps",) if _available(kind)]
    return found + [f"cuda:{i}" for i in range(torch.cuda.device_count())]
