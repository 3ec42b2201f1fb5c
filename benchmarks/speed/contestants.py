"""Contestants: ways to run one round of a regime; each returns CPU seconds per step."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from time import process_time

import torch
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits
from torch import nn
from torch.nn import functional as F

from benchmarks.speed.regimes import Regime
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoder import AutoencoderModel
from espelho.networks.dense import dense
from espelho.training.batches import Batch, TensorData
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

__all__ = ["CONTESTANTS"]


def matrix_products(regime: Regime) -> float:
    """Time the matrix products of a step alone: what no loop can be faster than."""
    pairs = [(torch.randn(a), torch.randn(b)) for a, b in regime.products()]
    outputs = [a @ b for a, b in pairs]
    started = process_time()
    for _ in range(regime.steps):
        for (a, b), out in zip(pairs, outputs, strict=True):
            torch.mm(a, b, out=out)
    return (process_time() - started) / regime.steps


def plain_loop(regime: Regime) -> float:
    """Time the loop that people write: slices, default Adam, autograd."""
    network, data = _network(regime), regime.data()
    optimizer = torch.optim.Adam(network.parameters())
    started = process_time()
    order = torch.randperm(len(data))
    for start in range(0, len(data), regime.batch_size):
        x = data[order[start : start + regime.batch_size]]
        loss = F.mse_loss(network(x), x, reduction="sum") / len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (process_time() - started) / regime.steps


def scikit_learn(regime: Regime) -> float:
    """Time scikit-learn's MLPRegressor, an epoch of `partial_fit` with the same network."""
    model = MLPRegressor(
        hidden_layer_sizes=regime.sizes[1:-1], batch_size=regime.batch_size, alpha=0.0
    )
    data = regime.data().numpy()
    with threadpool_limits(1):
        model.partial_fit(data[: regime.batch_size], data[: regime.batch_size])
        started = process_time()
        model.partial_fit(data, data)
    return (process_time() - started) / regime.steps


def espelho(regime: Regime) -> float:
    """Time the trainer, its epoch's shuffle and its history included."""
    half = len(regime.sizes) // 2 + 1
    model = AutoencoderModel(
        dense(regime.sizes[:half], "relu", "linear"),
        dense(regime.sizes[half - 1 :], "relu", "linear"),
        name="squared_error",
        reconstruction=RECONSTRUCTIONS["squared_error"],
    )
    recipe = Recipe(max_epochs=1, batch_size=regime.batch_size)
    trainer = Trainer(model, TensorData(Batch(regime.data())), recipe, seed=0)
    started = process_time()
    trainer.run()
    return (process_time() - started) / regime.steps


def _network(regime: Regime) -> nn.Sequential:
    layers: list[nn.Module] = []
    widths = list(pairwise(regime.sizes))
    middle = len(widths) // 2 - 1
    for index, (inputs, outputs) in enumerate(widths):
        layers.append(nn.Linear(inputs, outputs))
        if index not in (middle, len(widths) - 1):
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


CONTESTANTS: Mapping[str, Callable[[Regime], float]] = {
    "matrix products alone": matrix_products,
    "plain torch loop": plain_loop,
    "scikit-learn MLPRegressor": scikit_learn,
    "espelho": espelho,
}
