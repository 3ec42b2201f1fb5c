"""Trainings for the doctor: each illness planted on purpose, and a healthy one of each model."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

import espelho

__all__ = ["HEALTHY", "PLANTED", "Case"]

Floats = NDArray[np.float32]


class Case(NamedTuple):
    """A training by its seed.

    Attributes
    ----------
    model
        From a seed to the estimator.
    data
        From a seed to what ``fit`` takes.
    """

    model: Callable[..., Any]
    data: Callable[[int], tuple[Any, ...]]


def _digits(seed: int, n: int = 1000) -> tuple[Floats, NDArray[np.int64]]:
    """Return so many of scikit-learn's 8 x 8 digits as flat rows, and what they show."""
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(seed).permutation(len(X))[:n]
    return X[rows].astype(np.float32), y[rows]


def digits(seed: int) -> tuple[Any, ...]:
    """Return 1000 digits."""
    return _digits(seed)[:1]


def few_digits(seed: int) -> tuple[Any, ...]:
    """Return 80 digits."""
    return _digits(seed, 80)[:1]


def labelled_digits(seed: int) -> tuple[Any, ...]:
    """Return 1000 digits and what they show."""
    return _digits(seed)


def pictures(seed: int) -> tuple[Any, ...]:
    """Return 1000 digits as images."""
    return (_digits(seed)[0].reshape(-1, 8, 8),)


def ring(seed: int) -> tuple[Any, ...]:
    """Return 1000 points on a ring of eight clusters."""
    random = np.random.default_rng(seed)
    angles = 2 * np.pi * random.integers(8, size=1000) / 8
    centres = np.column_stack([np.cos(angles), np.sin(angles)])
    return ((centres + 0.05 * random.normal(size=(1000, 2))).astype(np.float32),)


def waves(seed: int) -> tuple[Any, ...]:
    """Return 400 sines of 12 steps."""
    random = np.random.default_rng(seed)
    phase, rate = random.uniform(0, 6.28, (400, 1)), random.uniform(0.3, 0.8, (400, 1))
    return (np.sin(phase + rate * np.arange(12)).astype(np.float32)[..., np.newaxis],)


_LONG: dict[str, Any] = {
    "hidden_sizes": (64,),
    "latent_dim": 8,
    "max_epochs": 120,
    "learning_rate": 4e-3,
    "schedule": "cosine",
    "validation_fraction": 0.2,
}
_GAME: dict[str, Any] = {
    "hidden_sizes": (64, 64),
    "discriminator_sizes": (64, 64),
    "validation_fraction": 0.2,
    "averaging": 10_000.0,
}

HEALTHY: Mapping[str, Case] = {
    "Autoencoder": Case(lambda **s: espelho.Autoencoder(**_LONG, **s), digits),
    "ConvolutionalAutoencoder": Case(
        lambda **s: espelho.ConvolutionalAutoencoder(
            **{**_LONG, "latent_dim": 4, "max_epochs": 30, "batch_size": 64},
            channels=(16, 32), **s
        ),
        pictures,
    ),
    "LSTMAutoencoder": Case(
        lambda **s: espelho.LSTMAutoencoder(
            **{**_LONG, "hidden_sizes": (24,), "latent_dim": 2, "batch_size": 64,
               "learning_rate": 1e-2}, **s
        ),
        waves,
    ),
    "StackedAutoencoder": Case(lambda **s: espelho.StackedAutoencoder(**_LONG, **s), digits),
    "SparseAutoencoder": Case(
        lambda **s: espelho.SparseAutoencoder(**_LONG, sparsity=0.3, **s), digits
    ),
    "ContractiveAutoencoder": Case(
        lambda **s: espelho.ContractiveAutoencoder(**{**_LONG, "max_epochs": 60}, **s), digits
    ),
    "DenoisingAutoencoder": Case(lambda **s: espelho.DenoisingAutoencoder(**_LONG, **s), digits),
    "RobustAutoencoder": Case(lambda **s: espelho.RobustAutoencoder(**_LONG, **s), digits),
    "VariationalAutoencoder": Case(
        lambda **s: espelho.VariationalAutoencoder(**_LONG, **s), digits
    ),
    "AdversarialAutoencoder": Case(
        lambda **s: espelho.AdversarialAutoencoder(**_LONG, **s), digits
    ),
    "MomentMatchingNetwork": Case(
        lambda **s: espelho.MomentMatchingNetwork(
            hidden_sizes=(64, 64), max_epochs=300, batch_size=200, validation_fraction=0.2,
            schedule="cosine", learning_rate=3e-3, **s
        ),
        digits,
    ),
    "GAN": Case(lambda **s: espelho.GAN(**_GAME, max_epochs=120, learning_rate=1e-3, **s), digits),
    "ConditionalGAN": Case(
        lambda **s: espelho.ConditionalGAN(**_GAME, max_epochs=120, learning_rate=1e-3, **s),
        labelled_digits,
    ),
}  # fmt: skip

PLANTED: Mapping[str, Mapping[str, Case]] = {
    "divergence": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(
                optimizer="sgd", learning_rate=10.0, max_epochs=20, **s
            ),
            digits,
        ),
        "GAN": Case(
            lambda **s: espelho.GAN(
                **_GAME, optimizer="sgd", optimizer_options={}, learning_rate=1e4, max_epochs=20, **s
            ),
            digits,
        ),
    },
    "overfitting": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(
                **{**_LONG, "hidden_sizes": (256, 128), "validation_fraction": 0.4,
                   "max_epochs": 500, "schedule": "constant", "learning_rate": 2e-3}, **s
            ),
            few_digits,
        ),
    },
    "not converged": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(**{**_LONG, "max_epochs": 15, "schedule": "constant", "learning_rate": 5e-4}, **s), digits
        ),
    },
    "output range": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(
                **_LONG, output_activation="logistic", scaling="standard", **s
            ),
            digits,
        ),
        "GAN": Case(
            lambda **s: espelho.GAN(
                **_GAME, output_activation="logistic", scaling="standard", max_epochs=30, **s
            ),
            digits,
        ),
    },
    "no better than PCA": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(
                **{**_LONG, "hidden_sizes": ()}, **s
            ),
            digits,
        ),
    },
    "underfitting": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(**_LONG, weight_decay=3.0, **s), digits
        ),
    },
    "identity": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(
                **{**_LONG, "latent_dim": 64, "hidden_sizes": ()}, **s
            ),
            digits,
        ),
    },
    "posterior collapse": {
        "VariationalAutoencoder": Case(
            lambda **s: espelho.VariationalAutoencoder(**{**_LONG, "max_epochs": 40}, beta=50.0, **s), digits
        ),
    },
    "dead units": {
        "Autoencoder": Case(
            lambda **s: espelho.Autoencoder(
                **{**_LONG, "learning_rate": 0.3, "max_epochs": 30}, code_activation="relu", **s
            ),
            digits,
        ),
    },
    "mode collapse": {
        "GAN": Case(
            lambda **s: espelho.GAN(
                **_GAME, penalty="none", max_epochs=40, learning_rate=2e-3, generator_updates=20,
                **s
            ),
            ring,
        ),
        "ConditionalGAN": Case(
            lambda **s: espelho.ConditionalGAN(
                **_GAME, penalty="none", max_epochs=20, learning_rate=2e-3, generator_updates=20,
                **s
            ),
            labelled_digits,
        ),
        "MomentMatchingNetwork": Case(
            lambda **s: espelho.MomentMatchingNetwork(
                hidden_sizes=(64, 64), max_epochs=60, batch_size=200, bandwidths=(100.0,), **s
            ),
            digits,
        ),
    },
    "saturated discriminator": {
        "GAN": Case(
            lambda **s: espelho.GAN(
                **_GAME, penalty="none", discriminator_updates=5, learning_rate=1e-4,
                discriminator_learning_rate=2e-3, max_epochs=30, **s
            ),
            digits,
        ),
    },
    "overfitting discriminator": {
        "GAN": Case(
            lambda **s: espelho.GAN(
                **{**_GAME, "validation_fraction": 0.5, "discriminator_sizes": (256, 256)},
                penalty="none", max_epochs=1000, learning_rate=3e-4, batch_size=40,
                discriminator_learning_rate=1e-3, **s
            ),
            few_digits,
        ),
    },
    "blind discriminator": {
        "GAN": Case(
            lambda **s: espelho.GAN(
                **_GAME, discriminator_activation="relu", discriminator_learning_rate=10.0,
                max_epochs=10, **s
            ),
            digits,
        ),
    },
    "vanishing gradient": {
        "GAN": Case(
            lambda **s: espelho.GAN(
                **_GAME, game="minimax", penalty="none", discriminator_updates=5,
                learning_rate=1e-4, discriminator_learning_rate=5e-3, max_epochs=40, **s
            ),
            digits,
        ),
    },
}  # fmt: skip
