"""A6: convolutional against dense autoencoders of the same code on Fashion-MNIST."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import espelho
from benchmarks.data import fashion_mnist
from benchmarks.published.pictures import draw_images, save
from benchmarks.published.reconstruction import pca_error
from benchmarks.published.result import Result

__all__ = ["a6"]

SEED = 0
TRAINING: dict[str, Any] = {
    "latent_dim": 32,
    "activation": "gelu",
    "output_activation": "logistic",
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "max_epochs": 8,
    "random_state": SEED,
}


def a6() -> Iterator[Result]:
    """Train both on the same images, as often."""
    torch.set_num_threads(1)
    train, test = fashion_mnist()
    dense = espelho.Autoencoder(hidden_sizes=(72,), **TRAINING).fit(train)
    convolutional = espelho.ConvolutionalAutoencoder(**TRAINING).fit(train)
    errors = [float(m.reconstruction_error(test).mean()) / 255**2 for m in (dense, convolutional)]
    shown = test[:10]
    rows = {
        "original": shown,
        "dense": dense.reconstruct(shown),
        "convolutional": convolutional.reconstruct(shown),
    }
    save("a6-fashion", lambda ax: draw_images(ax, rows), 7.6, 2.4)
    counts = [sum(p.numel() for p in m.model_.parameters()) for m in (dense, convolutional)]
    protocol = (
        "mean over Fashion-MNIST's test images of the sum of squared errors over 784 pixels in "
        f"0..1; {counts[1]:,} parameters against {counts[0]:,}, {TRAINING['max_epochs']} epochs"
    )
    pixels = [images.reshape(-1, 784) / np.float32(255) for images in (train, test)]
    pca = pca_error(*pixels, TRAINING["latent_dim"])
    source = f"below {errors[0]:.3f}, the dense one's, and {pca:.3f}, that of PCA"
    met = errors[1] < min(errors[0], pca)
    yield Result("convolutional against dense, 32", protocol, source, errors[1], met, SEED)
