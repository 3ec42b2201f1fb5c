"""Launchers such as torchrun, which start several processes at once. Imports no torch."""

import os

__all__ = ["launched", "local_rank", "rank"]


def launched() -> bool:
    """Return whether this process is one of several that a launcher started."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ


def rank() -> int:
    """Return this process's number, from 0."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """Return this process's number among those of its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))
