"""Checkups: what the doctor's signals take of a fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import espelho
from benchmarks.speed.page import Section, Table, at_most
from espelho.estimators.training import fitting

__all__ = ["measure"]

ROUNDS = 5
MODELS: dict[str, tuple[type, dict[str, Any]]] = {
    "autoencoder, 100 epochs": (espelho.Autoencoder, {"max_epochs": 100}),
    "autoencoder, 10 epochs": (espelho.Autoencoder, {"max_epochs": 10}),
    "variational autoencoder, 100 epochs": (espelho.VariationalAutoencoder, {"max_epochs": 100}),
    "GAN, 30 epochs": (espelho.GAN, {"max_epochs": 30, "keep": "last"}),
}
NOTE = f"""\
CPU time of a fit on the bundled digits (float64, a tenth held out), with the doctor's checkups and
without, in turn; medians of {ROUNDS} rounds, on one thread."""


def measure() -> Section:
    """Return the seconds of fits with and without checkups."""
    X = espelho.load_data("digits").X
    rows, shares = {}, {}
    for name, (kind, settings) in MODELS.items():
        rounds = [_round(kind, settings, X) for _ in range(ROUNDS + 1)][1:]
        without, watched = (median(found) for found in zip(*rounds, strict=True))
        shares[name] = median(b / a - 1 for a, b in rounds)
        rows[name] = (without, watched, 100 * shares[name])
    table = Table("digits", {"without, s": ".2f", "with, s": ".2f", "per cent more": ".1f"}, rows)
    bars = tuple(at_most(f"checkups, share of {n}", 0.05, share) for n, share in shares.items())
    return Section("What the doctor's checkups take", NOTE, (table,), bars)


def _round(kind: type, settings: dict[str, Any], X: Any) -> tuple[float, float]:
    with _without_checkups():
        without = _fit(kind, settings, X)
    return without, _fit(kind, settings, X)


def _fit(kind: type, settings: dict[str, Any], X: Any) -> float:
    model = kind(**settings, validation_fraction=0.1, random_state=0)
    started = process_time()
    model.fit(X)
    return process_time() - started


@contextmanager
def _without_checkups() -> Iterator[None]:
    with patch.object(fitting, "checkups", lambda *_: ()):
        yield
