"""D2 and D4: moment matching networks on MNIST, measured by Parzen windows."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from torch import Tensor, nn

import espelho
from benchmarks.data import mnist
from benchmarks.published.parzen import N_SAMPLES, N_TRAIN, ruled
from benchmarks.published.result import Result

__all__ = ["d2", "d4"]

LI = "Li et al. 2015"
SEEDS = (0, 1, 2)
CODE_WIDTH, CODE_NOISE = 12, 0.3
"""The paper's autoencoder has 32 units and dropout, which spoils its codes as noise does here."""

SCHEDULE: dict[str, Any] = {
    "batch_size": 500,
    "learning_rate": 1e-3,
    "schedule": "cosine",
}
PIXELS = tuple(sqrt(s) for s in (2, 5, 10, 20, 40, 80))
"""Their widths are those of exp(-d^2 / (2 s)); ours of exp(-d^2 / (2 s^2))."""


def d2() -> Iterator[Result]:
    """Match the pixels of images."""
    torch.set_num_threads(1)
    network = espelho.MomentMatchingNetwork(
        hidden_sizes=(64, 256, 256, 1024),
        normalization="batch",
        bandwidths=PIXELS,
        batch_size=1000,
        learning_rate=2e-3,
        schedule="cosine",
        max_epochs=100,
        random_state=0,
    ).fit(_images())
    yield from ruled("moment matching, pixels", _drawn(network, 0), f"147 [{LI}]", 147, 0)


def d4() -> Iterator[Result]:
    """Match the codes of an autoencoder, with three seeds."""
    torch.set_num_threads(1)
    for seed in SEEDS:
        network = espelho.MomentMatchingNetwork(
            autoencoder=FrozenEstimator(_autoencoder(seed)),
            hidden_sizes=(256, 256),
            max_epochs=40,
            random_state=seed,
            **SCHEDULE,
        ).fit(_images())
        what = "moment matching in the code space of an autoencoder"
        yield from ruled(what, _drawn(network, seed), f"282 [{LI}]", 282, seed)


class _Noisy(nn.Module):
    """Adds normal noise in training, so that codes near each other decode to similar images."""

    def forward(self, z: Tensor) -> Tensor:
        return z + CODE_NOISE * torch.randn_like(z) if self.training else z


def _autoencoder(seed: int) -> espelho.Autoencoder:
    torch.manual_seed(seed)
    encoder = nn.Sequential(
        nn.Linear(784, 512),
        nn.ReLU(),
        nn.Linear(512, CODE_WIDTH),
        nn.BatchNorm1d(CODE_WIDTH, affine=False),
        _Noisy(),
    )
    return espelho.Autoencoder(
        encoder=encoder,
        hidden_sizes=(512,),
        loss="bernoulli",
        batch_size=250,
        max_epochs=12,
        schedule="one-cycle",
        schedule_options={"peak": 3.0},
        random_state=seed,
    ).fit(_images())


def _images() -> NDArray[np.uint8]:
    return mnist()[0][:N_TRAIN].reshape(N_TRAIN, -1)


def _drawn(network: espelho.MomentMatchingNetwork, seed: int) -> NDArray[np.float32]:
    return network.sample(N_SAMPLES, random_state=seed) / np.float32(255)
