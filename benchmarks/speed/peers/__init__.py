"""Peers: other libraries on the same network, data, batch, optimiser and loss.

Each is timed as every contestant is: the second of two epochs, without its own set-up, with
progress bars, loggers and checkpoints switched off. `make benchmark` installs them beside
espelho, in the versions of ``benchmarks/peers.txt``.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from benchmarks.speed.regimes import Regime

__all__ = ["PEERS", "Peer", "installed_peers", "missing_peers"]


class Peer(NamedTuple):
    """A library.

    Attributes
    ----------
    name
        What it is called in tables.
    distribution
        Its name in the package index.
    package
        What is imported.
    module
        The module here that has its contestant, ``second_epoch``.
    """

    name: str
    distribution: str
    package: str
    module: str


PEERS = (
    Peer("scikit-learn MLPRegressor", "scikit-learn", "sklearn", "scikit_learn"),
    Peer("PyOD", "pyod", "pyod", "pyod"),
    Peer("Pythae", "pythae", "pythae", "pythae"),
    Peer("Lightning", "lightning", "lightning", "lightning"),
    Peer("Keras on torch", "keras", "keras", "keras"),
)


def installed_peers() -> dict[str, Callable[[Regime], float]]:
    """Return the contestants of the peers that are installed, by name."""
    found = [peer for peer in PEERS if peer not in missing_peers()]
    return {p.name: import_module(f"{__name__}.{p.module}").second_epoch for p in found}


def missing_peers() -> list[Peer]:
    """Return the peers that are not installed."""
    return [peer for peer in PEERS if find_spec(peer.package) is None]
