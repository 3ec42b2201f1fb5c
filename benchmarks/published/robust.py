"""B5: robust (correntropy) against plain stacked autoencoders, learned from spoiled images."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

import espelho
from benchmarks.data import mnist
from benchmarks.published.result import Result

__all__ = ["b5"]

QI = "Qi et al. 2014, abstract"
SEED = 0
N_TRAIN = 50_000
SHARE = 0.3
"""Share of the pixels that are replaced by black or white."""
BANDWIDTH = 0.5
"""Of 0.4, 0.5 and 0.6 the one with the least error on training images that were held out."""


def b5() -> Iterator[Result]:
    """Learn from spoiled images, and give back clean and spoiled ones."""
    torch.set_num_threads(1)
    train, test = (images.reshape(-1, 784) for images in mnist())
    rng = np.random.default_rng(SEED)
    spoiled, spoiled_test = _spoiled(train[:N_TRAIN], rng), _spoiled(test, rng)
    plain, robust = (
        espelho.StackedAutoencoder(
            hidden_sizes=(256,),
            latent_dim=64,
            activation="logistic",
            code_activation="logistic",
            output_activation="logistic",
            pretraining_epochs=15,
            max_epochs=40,
            learning_rate=3e-3,
            schedule="cosine",
            batch_size=128,
            random_state=SEED,
            **loss,
        ).fit(spoiled)
        for loss in ({}, {"loss": "correntropy", "bandwidth": BANDWIDTH})
    )
    what = "stacked 784-256-64, correntropy against squared error"
    learned = f"learned from {N_TRAIN} images with {SHARE:.0%} of the pixels black or white"
    for given, rows in (("clean", test), ("equally spoiled", spoiled_test)):
        errors = [_error(model.reconstruct(rows), test) for model in (plain, robust)]
        lower = (1 - errors[1] / errors[0]) * 100
        measure = "% by which the squared error against the clean test images is lower"
        figures = f"{errors[1]:.2f} against {errors[0]:.2f}"
        protocol = f"{learned}; {measure}, {given} ones being given ({figures})"
        yield Result(what, protocol, f"39 [{QI}]", lower, lower >= 39, SEED)


def _spoiled(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    noise = rng.integers(0, 2, images.shape, dtype=np.uint8) * np.uint8(255)
    return np.where(rng.random(images.shape, dtype=np.float32) < SHARE, noise, images)


def _error(found: NDArray[np.uint8], clean: NDArray[np.uint8]) -> float:
    difference = (found.astype(np.float32) - clean) / 255
    return float(np.square(difference).sum(axis=1).mean())
