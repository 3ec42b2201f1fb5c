"""Contraction: what the norm of the encoder's Jacobian adds to a step."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from benchmarks.speed.contestants import ByAutograd, second_epoch
from benchmarks.speed.page import Section, Table, at_most
from benchmarks.speed.regimes import Regime
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import Objective
from espelho.networks.dense import dense
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

__all__ = ["measure"]

ROUNDS = 9
NOTE = f"""\
CPU time of a step, medians of {ROUNDS} rounds in turn, on one thread; logistic units, Adam, the
squared error. Plain is the same network by autograd, which a penalty needs. Exact is the closed
form of one layer, and along a deep encoder the propagation of its Jacobian; Hutchinson's estimate
takes one random probe."""

ONE_LAYER = Regime("one layer", (784, 256, 784), 128, 40)
DEEP = Regime("two layers", (784, 256, 32, 256, 784), 128, 40)
KINDS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "exact": {"contraction": 0.1, "contraction_method": "exact"},
    "Hutchinson": {"contraction": 0.1, "contraction_method": "hutchinson"},
}


def measure() -> Section:
    """Return the time of a step without and with contraction."""
    found = {regime: _rounds(regime) for regime in (ONE_LAYER, DEEP)}
    one, deep = (_ratios(rounds) for rounds in found.values())
    bars = (
        at_most("contraction of one layer, exact, of the plain step", 1.3, one["exact"]),
        at_most("contraction of one layer, one probe, of the plain step", 2.0, one["Hutchinson"]),
        at_most(
            "contraction of two layers, one probe, of the plain step", 2.0, deep["Hutchinson"]
        ),
    )
    tables = tuple(_table(regime, rounds) for regime, rounds in found.items())
    return Section("What contraction adds to a step", NOTE, tables, bars)


def _rounds(regime: Regime) -> list[dict[str, float]]:
    return [
        {name: second_epoch(_trainer(regime, s)) / regime.steps for name, s in KINDS.items()}
        for _ in range(ROUNDS + 1)
    ][1:]


def _trainer(
    regime: Regime, settings: Mapping[str, Any]
) -> Callable[[tuple[Callback, ...]], Trainer]:
    objective = Objective(
        name="squared_error", reconstruction=RECONSTRUCTIONS["squared_error"], **settings
    )
    half = len(regime.sizes) // 2 + 1
    model = ByAutograd(
        dense(regime.sizes[:half], "logistic", "logistic"),
        dense(regime.sizes[half - 1 :], "logistic", "linear"),
        objective,
    )
    recipe = Recipe(max_epochs=2, batch_size=regime.batch_size)

    def made(callbacks: tuple[Callback, ...]) -> Trainer:
        return Trainer(
            model, TensorData(Batch(regime.data())), recipe, seed=0, callbacks=callbacks
        )

    return made


def _ratios(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(seconds[name] / seconds["plain"] for seconds in rounds) for name in KINDS}


def _table(regime: Regime, rounds: list[dict[str, float]]) -> Table:
    ratios = _ratios(rounds)
    rows = {
        name: (median(seconds[name] for seconds in rounds) * 1e6, ratios[name]) for name in KINDS
    }
    return Table(regime.title, {"us/step": ".0f", "of the plain step": ".2f"}, rows)
