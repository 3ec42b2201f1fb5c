"""D2 and D4: moment matching networks on MNIST, measured by Parzen windows."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

import espelho
from benchmarks.data import mnist
from benchmarks.published.parzen import N_SAMPLES, N_TRAIN, ruled
from benchmarks.published.result import Result

__all__ = ["d2", "d4"]

LI = "Li et al. 2015"
SEEDS = (0, 1, 2)
PIXELS = tuple(sqrt(s) for s in (2, 5, 10, 20, 40, 80))
"""Their widths are those of exp(-d^2 / (2 s)); ours of exp(-d^2 / (2 s^2))."""

SHAPE: dict[str, Any] = {"latent_dim": 10, "hidden_sizes": (64, 256, 256, 1024)}


def d2() -> Iterator[Result]:
    """Match the pixels of images."""
    torch.set_num_threads(1)
    network = espelho.MomentMatchingNetwork(
        **SHAPE,
        bandwidths=PIXELS,
        batch_size=500,
        max_epochs=50,
        learning_rate=1e-3,
        schedule="cosine",
        random_state=0,
    ).fit(_images())
    yield from ruled("moment matching, pixels", _drawn(network, 0), f"147 [{LI}]", 147, 0)


def d4() -> Iterator[Result]:
    """Match the codes of an autoencoder, with three seeds."""
    torch.set_num_threads(1)
    for seed in SEEDS:
        autoencoder = espelho.Autoencoder(
            hidden_sizes=(1024,),
            latent_dim=32,
            code_activation="logistic",
            loss="bernoulli",
            batch_size=256,
            max_epochs=15,
            schedule="one-cycle",
            schedule_options={"peak": 3.0},
            random_state=seed,
        ).fit(_images())
        network = espelho.MomentMatchingNetwork(
            **SHAPE,
            autoencoder=FrozenEstimator(autoencoder),
            batch_size=1000,
            max_epochs=30,
            learning_rate=1e-3,
            schedule="cosine",
            random_state=seed,
        ).fit(_images())
        what = "moment matching in the code space of an autoencoder"
        yield from ruled(what, _drawn(network, seed), f"282 [{LI}]", 282, seed)


def _images() -> NDArray[np.uint8]:
    return mnist()[0][:N_TRAIN].reshape(N_TRAIN, -1)


def _drawn(network: espelho.MomentMatchingNetwork, seed: int) -> NDArray[np.float32]:
    return network.sample(N_SAMPLES, random_state=seed) / np.float32(255)
