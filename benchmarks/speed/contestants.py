"""Contestants: the limit, the loop that people write, espelho, and its peers.

Each trains two epochs and returns the CPU seconds of the second: from the end of the first to
the end of the second, so that shuffling and bookkeeping count and what is done once does not.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import process_time

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.speed.peers import installed_peers
from benchmarks.speed.regimes import Regime
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.networks.dense import dense
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.plan import Plan, Stage
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

__all__ = [
    "AUTOGRAD",
    "ESPELHO",
    "PLAIN",
    "PRODUCTS",
    "ByAutograd",
    "Contestant",
    "contestants",
    "second_epoch",
    "trainer",
]

Contestant = Callable[[Regime], float]

PRODUCTS, PLAIN = "matrix products alone", "plain torch loop"
ESPELHO, AUTOGRAD = "espelho", "espelho by autograd"


def contestants() -> dict[str, Contestant]:
    """Return the contestants by name, those peers among them that are installed."""
    ours = {ESPELHO: espelho, AUTOGRAD: espelho_by_autograd}
    return {PRODUCTS: matrix_products, PLAIN: plain_loop} | installed_peers() | ours


def matrix_products(regime: Regime) -> float:
    """Time the matrix products alone: what no loop can be faster than."""
    pairs = [(torch.randn(a), torch.randn(b)) for a, b in regime.products()]
    outputs = [a @ b for a, b in pairs]
    started = process_time()
    for _ in range(regime.steps):
        for (a, b), out in zip(pairs, outputs, strict=True):
            torch.mm(a, b, out=out)
    return process_time() - started


def plain_loop(regime: Regime) -> float:
    """Time the loop that people write: slices, default Adam, autograd."""
    network, data = nn.Sequential(regime.encoder(), regime.decoder()), regime.data()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    started = 0.0
    for _ in range(2):
        started = process_time()
        order = torch.randperm(len(data))
        for start in range(0, len(data), regime.batch_size):
            x = data[order[start : start + regime.batch_size]]
            loss = F.mse_loss(network(x), x, reduction="sum") / len(x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return process_time() - started


def espelho(regime: Regime) -> float:
    """Time the trainer, its history included."""
    return second_epoch(partial(trainer, regime, AutoencoderModel))


def espelho_by_autograd(regime: Regime) -> float:
    """Time the trainer where no gradient is derived by hand, as for most networks."""
    return second_epoch(partial(trainer, regime, ByAutograd))


def trainer(
    regime: Regime,
    kind: type[AutoencoderModel] = AutoencoderModel,
    callbacks: tuple[Callback, ...] = (),
    epochs: int = 2,
) -> Trainer:
    """Return espelho's trainer for a regime.

    Parameters
    ----------
    regime
        Network and batch.
    kind
        Class of the model.
    callbacks
        What watches.
    epochs
        Passes over the data.
    """
    half = len(regime.sizes) // 2 + 1
    model = kind(
        dense(regime.sizes[:half], "relu", "linear"),
        dense(regime.sizes[half - 1 :], "relu", "linear"),
        Objective(name="squared_error", reconstruction=RECONSTRUCTIONS["squared_error"]),
    )
    recipe = Recipe(max_epochs=epochs, batch_size=regime.batch_size, learning_rate=1e-3)
    data = TensorData(Batch(regime.data()))
    return Trainer(model, data, recipe, seed=0, callbacks=callbacks)


class ByAutograd(AutoencoderModel):
    """An autoencoder without a gradient derived by hand."""

    def plan(self) -> Plan:
        """Return the one stage, to be differentiated by autograd."""
        (stage,) = super().plan()
        return (Stage(*(replace(phase, gradient=None) for phase in stage.phases)),)


class _Clock(Callback):
    def __init__(self) -> None:
        self.marks: list[float] = []

    def on_epoch_end(self, trainer: Trainer) -> None:  # noqa: ARG002
        self.marks.append(process_time())


def second_epoch(made: Callable[[tuple[Callback, ...]], Trainer]) -> float:
    """Return the CPU seconds of a training's second epoch.

    Parameters
    ----------
    made
        From what watches to the trainer.
    """
    clock = _Clock()
    made((clock,)).run()
    return clock.marks[1] - clock.marks[0]
