"""R1: digits of a label asked for, recognised by a classifier that knows nothing of them."""

from collections.abc import Iterator

import numpy as np
import torch
from sklearn.svm import SVC

import espelho
from benchmarks.data import labels, mnist
from benchmarks.published.parzen import N_TRAIN
from benchmarks.published.pictures import PICTURES
from benchmarks.published.result import Result
from espelho.data.writing import write

__all__ = ["r1"]

SEED = 0
N_EACH, SHOWN = 1000, 10
BAR = 0.97


def r1() -> Iterator[Result]:
    """Ask a convolutional conditional network for a thousand digits of each kind."""
    torch.set_num_threads(1)
    (X, X_test), (y, y_test) = mnist(), labels()
    judge = SVC(C=10).fit(_rows(X[N_TRAIN:]), y[N_TRAIN:])
    right = judge.score(_rows(X_test), y_test)
    model = espelho.ConditionalGAN(
        latent_dim=64, channels=(32, 64), instance_noise=0.2, max_epochs=12, random_state=SEED
    ).fit(X[:N_TRAIN], y[:N_TRAIN])
    asked = np.repeat(np.arange(10), N_EACH)
    samples = model.sample(len(asked), y=asked, random_state=SEED)
    PICTURES.mkdir(parents=True, exist_ok=True)
    first = np.arange(len(asked)) % N_EACH < SHOWN
    write(PICTURES / "r1-samples.png", samples[first])
    found = judge.predict(_rows(samples)) == asked
    shares = found.reshape(10, N_EACH).mean(axis=1)
    error = np.sqrt(found.mean() * (1 - found.mean()) / len(found))
    protocol = (
        f"share of 10,000 samples that a support vector machine, learned from the 10,000 training "
        f"images that the network was not given ({right:.3f} of the test images right), gives the "
        f"label asked for, standard error {error:.4f}; by digit {shares.min():.3f} to "
        f"{shares.max():.3f}"
    )
    share = float(found.mean())
    yield Result("conditional GAN", protocol, f"at least {BAR}", share, share >= BAR, SEED)


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / np.float32(255)
