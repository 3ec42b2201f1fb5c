"""A1 to A5: reconstruction of MNIST, pixels in 0..1, 60,000 training and 10,000 test images."""

from collections.abc import Iterator

import numpy as np
import torch
from sklearn.decomposition import PCA

import espelho
from benchmarks.data import mnist
from benchmarks.published.result import Result

__all__ = ["a1", "a2", "a3", "a4", "a5", "pca_error"]

SUMMED = "mean over the test images of the sum of squared errors over 784 pixels in 0..1"
HINTON = "Hinton and Salakhutdinov 2006, fig. 2"
SEED = 0


def _pixels() -> tuple[np.ndarray, np.ndarray]:
    train, test = mnist()
    return train.reshape(-1, 784) / np.float32(255), test.reshape(-1, 784) / np.float32(255)


def pca_error(train: np.ndarray, test: np.ndarray, width: int) -> float:
    """Return the mean over test rows of the summed squared error of PCA."""
    pca = PCA(width, svd_solver="covariance_eigh").fit(train.astype(np.float64))
    return float(np.square(test - pca.inverse_transform(pca.transform(test))).sum(axis=1).mean())


def a1() -> Iterator[Result]:
    """PCA with 30 components."""
    error = pca_error(*_pixels(), 30)
    yield Result("PCA, 30", SUMMED, f"13.87 [{HINTON}]", error, abs(error - 13.87) < 0.01)


def a2() -> Iterator[Result]:
    """PCA with 2, 32 and 64 components."""
    for width, figure in ((2, 43.645), (32, 13.193), (64, 7.093)):
        error = pca_error(*_pixels(), width)
        source = f"{figure} [run with scikit-learn by this protocol]"
        yield Result(f"PCA, {width}", SUMMED, source, error, abs(error - figure) < 0.01)


def a3() -> Iterator[Result]:
    """Measure the deep autoencoder 784-1000-500-250-30."""
    train, test = mnist()
    torch.set_num_threads(2)
    settings = espelho.preset("deep-images", random_state=SEED, verbose=2)
    model = espelho.Autoencoder(**settings).fit(train)
    error = float(model.reconstruction_error(test).mean()) / 255**2
    bar = f"3.00 [{HINTON}]; 2.65 [a public re-implementation, 500 epochs]"
    what = "deep autoencoder 784-1000-500-250-30"
    yield Result(what, SUMMED, bar, error, error <= 2.65, SEED)


def a4() -> Iterator[Result]:
    """Measure the linear autoencoder against PCA of the same width."""
    train, test = _pixels()
    width = 32
    model = espelho.Autoencoder(
        hidden_sizes=(),
        latent_dim=width,
        activation="linear",
        scaling="none",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=256,
        max_epochs=40,
        random_state=SEED,
    ).fit(train)
    error = float(model.reconstruction_error(test).mean())
    expected = pca_error(train, test, width)
    source = f"{expected:.3f}, the error of PCA [Baldi and Hornik 1989]"
    met = abs(error / expected - 1) < 0.005
    yield Result(f"linear autoencoder, {width}", SUMMED, source, error, met, SEED)


def a5() -> Iterator[Result]:
    """Measure two autoencoders with the Bernoulli loss."""
    train, test = _pixels()
    for sizes, figure in (((), 0.102), ((128, 64), 0.090)):
        model = espelho.Autoencoder(
            hidden_sizes=sizes,
            latent_dim=32,
            code_activation="relu",
            loss="bernoulli",
            scaling="none",
            batch_size=256,
            max_epochs=50,
            random_state=SEED,
        ).fit(train)
        nats = float(model.reconstruction_error(test).mean()) / 784
        name = "-".join(str(n) for n in (784, *sizes, 32))
        protocol = "Bernoulli loss per pixel on the test images, in nats, 50 epochs"
        source = f"{figure} [run by this protocol]"
        yield Result(name, protocol, source, nats, nats <= figure, SEED)
