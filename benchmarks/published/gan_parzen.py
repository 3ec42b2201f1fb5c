"""D1, D3: samples of dense adversarial networks, by the Parzen log-likelihood of MNIST."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import espelho
from benchmarks.data import labels, mnist
from benchmarks.published.parzen import N_SAMPLES, N_TRAIN, ruled
from benchmarks.published.pictures import PICTURES
from benchmarks.published.result import Result
from espelho.data.writing import write

__all__ = ["d1", "d3"]

MIRZA = "132 +- 1.8: Mirza and Osindero 2014, table 1"
GOODFELLOW = "Goodfellow et al. 2014, table 1"
SEEDS = (0, 1, 2)

SETTINGS: Mapping[str, Any] = {
    "structure": "dense",
    "latent_dim": 64,
    "hidden_sizes": (256, 512),
    "discriminator_sizes": (512, 256),
    "normalization": "batch",
    "learning_rate": 2e-3,
    "instance_noise": 1.0,
    "penalty_weight": 0.05,
    "penalty_every": 4,
    "averaging": 2e5,
    "batch_size": 100,
    "max_epochs": 16,
}


def d1() -> Iterator[Result]:
    """Measure samples whose labels are drawn as often as they come in the data."""
    torch.set_num_threads(1)
    settings = {**SETTINGS, "penalty_weight": 0.02, "max_epochs": 15}
    model = espelho.ConditionalGAN(**settings, random_state=0)
    samples = _drawn(model.fit(_images(), labels()[0][:N_TRAIN]), "d1-samples")
    yield from ruled("conditional GAN, dense", samples, f"200 [{MIRZA}]", 200, 0)


def d3() -> Iterator[Result]:
    """Measure samples of a dense network, with three seeds."""
    torch.set_num_threads(1)
    for seed in SEEDS:
        model = espelho.GAN(**SETTINGS, random_state=seed).fit(_images())
        samples = _drawn(model, f"d3-samples-{seed}")
        yield from ruled("GAN, dense", samples, f"225 [{GOODFELLOW}]", 225, seed)


def _images() -> NDArray[np.uint8]:
    return mnist()[0][:N_TRAIN].reshape(N_TRAIN, -1)


def _drawn(model: espelho.GAN, picture: str) -> NDArray[np.float32]:
    samples = model.sample(N_SAMPLES, random_state=0)
    PICTURES.mkdir(parents=True, exist_ok=True)
    write(PICTURES / f"{picture}.png", samples[:100].reshape(-1, 28, 28))
    return samples / np.float32(255)
