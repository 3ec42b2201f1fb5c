"""E2: all games on Fashion-MNIST by one protocol, beside a variational autoencoder."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import espelho
from benchmarks.data import fashion_labels, fashion_mnist
from benchmarks.published.pictures import PICTURES
from benchmarks.published.result import Result
from espelho.data.writing import write
from espelho.evaluation.comparison.sets import gaussian_like
from espelho.evaluation.images import ClassifierFeatures, FrechetDistance, frechet_distance

__all__ = ["e2"]

Images = NDArray[np.uint8]

N_TRAIN, N_SAMPLES, SEED = 48_000, 10_000, 0
"""So many images are 750 batches of 64: four passes are 3,000 steps."""

SETTINGS: Mapping[str, Any] = {
    "latent_dim": 64,
    "channels": (16, 32),
    "batch_size": 64,
    "max_epochs": 4,
    "random_state": SEED,
}
GAMES: Mapping[str, Mapping[str, Any]] = {
    "minimax": {"game": "minimax"},
    "non-saturating": {},
    "least squares": {"game": "least-squares"},
    "relativistic": {"game": "relativistic"},
    "hinge, spectral norm": {"game": "hinge", "spectral_norm": True},
    "Wasserstein, gradient penalty": {"game": "wasserstein"},
    "non-saturating, DRAGAN": {"penalty": "dragan"},
}


def e2() -> Iterator[Result]:
    """Measure the Frechet distance of each game's samples, on a small classifier's features."""
    torch.set_num_threads(1)
    (X, X_test), y = fashion_mnist(), fashion_labels()[0]
    features = ClassifierFeatures(random_state=SEED).fit(X, y)
    tested = features(X_test)

    def distance(images: Images) -> FrechetDistance:
        return frechet_distance(features(images), tested)

    protocol = (
        f"Frechet distance on 64 features of a classifier ({features.accuracy_:.3f} right), "
        "10,000 samples against the 10,000 test images"
    )
    learned, spare = X[:N_TRAIN], X[N_TRAIN : N_TRAIN + N_SAMPLES]
    normal = distance(_gaussian(learned))
    bar = f"below {normal.distance:.1f}, that of draws from a Gaussian of the pixels"
    made: dict[str, Callable[[Images], Images]] = {
        "training images": lambda _: spare,
        "variational autoencoder": _variational,
        **{name: _game(settings) for name, settings in GAMES.items()},
    }
    for name, draw in made.items():
        found = distance(_kept(name, draw(learned)))
        error = f"{protocol}; standard error {found.standard_error:.2f}, bias {found.bias:.2f}"
        met = found.distance < normal.distance
        yield Result(name, error, bar, found.distance, met, SEED)


def _game(settings: Mapping[str, Any]) -> Callable[[Images], Images]:
    def drawn(X: Images) -> Images:
        model = espelho.GAN(**SETTINGS, **settings, keep="last").fit(X)
        return model.sample(N_SAMPLES, random_state=SEED)

    return drawn


def _variational(X: Images) -> Images:
    model = espelho.ConvolutionalAutoencoder(
        latent="gaussian", loss="bernoulli", normalization="batch", learning_rate=1e-3, **SETTINGS
    )
    return model.fit(X).sample(N_SAMPLES, random_state=SEED)


def _gaussian(X: Images) -> Images:
    rows = X[:N_SAMPLES].reshape(N_SAMPLES, -1)
    drawn = gaussian_like(rows, N_SAMPLES, np.random.default_rng(SEED))
    return drawn.round().clip(0, 255).astype(np.uint8).reshape(-1, *X.shape[1:])


def _kept(name: str, samples: Images) -> Images:
    """Write the first hundred samples as a picture, and return them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = name.lower().replace(", ", "-").replace(" ", "-")
    write(PICTURES / f"e2-{file}.png", samples[:100])
    return samples
