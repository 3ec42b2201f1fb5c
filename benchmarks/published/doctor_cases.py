"""Trainings for the doctor: each illness planted on purpose, and a healthy one of each model."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from functools import partial
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


def cloud(seed: int) -> tuple[Any, ...]:
    """Return 200 draws from a normal distribution of 30 columns: there is nothing to learn."""
    return (np.random.default_rng(seed).normal(size=(200, 30)).astype(np.float32),)


def few_digits(seed: int) -> tuple[Any, ...]:
    """Return 80 digits."""
    return _digits(seed, 80)[:1]


def labelled_digits(seed: int) -> tuple[Any, ...]:
    """Return 1000 digits and what they show."""
    return _digits(seed)


def pictures(seed: int) -> tuple[Any, ...]:
    """Return 1000 digits as images."""
    return (_digits(seed)[0].reshape(-1, 8, 8),)


def byte_pictures(seed: int) -> tuple[Any, ...]:
    """Return 1000 digits as images of bytes."""
    return ((15 * _digits(seed)[0]).astype(np.uint8).reshape(-1, 8, 8),)


def inverted(seed: int) -> tuple[Any, ...]:
    """Return 500 digits of bytes, and each of them with black and white exchanged."""
    rows = (15 * _digits(seed, 500)[0]).astype(np.uint8)
    return rows, 255 - rows


def others_inverted(seed: int) -> tuple[Any, ...]:
    """Return 500 digits of bytes, and 500 others with black and white exchanged."""
    rows = (15 * _digits(seed)[0]).astype(np.uint8)
    return rows[:500], 255 - rows[500:]


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
_FREE = {**_GAME, "penalty": "none"}

_WAVES = {"hidden_sizes": (24,), "latent_dim": 2, "batch_size": 64, "learning_rate": 1e-2}
_PICTURES = {"latent_dim": 4, "max_epochs": 30, "batch_size": 64, "channels": (16, 32)}
_MATCHING = {"hidden_sizes": (64, 64), "batch_size": 200}

_TRANSLATOR: dict[str, Any] = {
    "hidden_sizes": (64, 64),
    "discriminator_sizes": (64, 64),
    "batch_size": 32,
    "learning_rate": 1e-3,
    "validation_fraction": 0.2,
}
_CYCLE = {**_TRANSLATOR, "identity_weight": 0, "max_epochs": 60}


def _case(kind: Any, data: Callable[[int], tuple[Any, ...]], *settings: Mapping[str, Any]) -> Case:
    """Return a case of a class, its data, and settings of which the later ones win."""
    return Case(partial(kind, **ChainMap(*map(dict, settings[::-1]))), data)


HEALTHY: Mapping[str, Case] = {
    "Autoencoder": _case(espelho.Autoencoder, digits, _LONG),
    "ConvolutionalAutoencoder": _case(
        espelho.ConvolutionalAutoencoder, pictures, _LONG, _PICTURES
    ),
    "LSTMAutoencoder": _case(espelho.LSTMAutoencoder, waves, _LONG, _WAVES),
    "StackedAutoencoder": _case(espelho.StackedAutoencoder, digits, _LONG),
    "SparseAutoencoder": _case(
        espelho.SparseAutoencoder, digits, _LONG, {"latent_dim": 100, "hidden_sizes": ()}
    ),
    "ContractiveAutoencoder": _case(
        espelho.ContractiveAutoencoder, digits, _LONG, {"max_epochs": 60, "contraction": 0.01}
    ),
    "DenoisingAutoencoder": _case(espelho.DenoisingAutoencoder, digits, _LONG),
    "RobustAutoencoder": _case(espelho.RobustAutoencoder, digits, _LONG),
    "VariationalAutoencoder": _case(
        espelho.VariationalAutoencoder, digits, _LONG, {"max_epochs": 60}
    ),
    "AdversarialAutoencoder": _case(espelho.AdversarialAutoencoder, digits, _LONG),
    "MomentMatchingNetwork": _case(
        espelho.MomentMatchingNetwork, digits, _MATCHING,
        {"max_epochs": 200, "learning_rate": 3e-3, "schedule": "cosine",
         "validation_fraction": 0.2},
    ),
    "GAN": _case(
        espelho.GAN, digits, _GAME,
        {"max_epochs": 150, "learning_rate": 1e-3, "schedule": "cosine"},
    ),
    "ConditionalGAN": _case(
        espelho.ConditionalGAN, labelled_digits, _GAME,
        {"max_epochs": 120, "learning_rate": 1e-3, "schedule": "cosine", "averaging": 5_000.0},
    ),
    "ProgressiveGAN": _case(
        espelho.ProgressiveGAN, byte_pictures,
        {"channels": (24, 16), "latent_dim": 16, "fade_epochs": (4,), "settle_epochs": (8, 60),
         "averaging": 10_000.0, "batch_size": 64, "schedule": "cosine",
         "validation_fraction": 0.2},
    ),
    "Pix2Pix": _case(espelho.Pix2Pix, inverted, _TRANSLATOR, {"max_epochs": 40}),
    "CycleGAN": _case(espelho.CycleGAN, others_inverted, _CYCLE),
}  # fmt: skip
"""A training of each member that is as it should be."""

PLANTED: Mapping[str, Mapping[str, Case]] = {
    "divergence": {
        "Autoencoder": _case(
            espelho.Autoencoder, digits,
            {"optimizer": "sgd", "learning_rate": 10.0, "max_epochs": 20},
        ),
        "GAN": _case(
            espelho.GAN, digits, _GAME,
            {"optimizer": "sgd", "learning_rate": 1e4, "max_epochs": 20},
        ),
    },
    "overfitting": {
        "Autoencoder": _case(
            espelho.Autoencoder, few_digits, _LONG,
            {"hidden_sizes": (256, 128), "validation_fraction": 0.4, "max_epochs": 300,
             "schedule": "constant", "learning_rate": 2e-3},
        ),
        "VariationalAutoencoder": _case(
            espelho.VariationalAutoencoder, few_digits, _LONG,
            {"validation_fraction": 0.4, "max_epochs": 300, "schedule": "constant"},
        ),
    },
    "not converged": {
        "Autoencoder": _case(
            espelho.Autoencoder, digits, _LONG,
            {"max_epochs": 15, "schedule": "constant", "learning_rate": 5e-4},
        ),
        "GAN": _case(espelho.GAN, digits, _GAME, {"max_epochs": 40, "learning_rate": 5e-4}),
    },
    "output range": {
        "Autoencoder": _case(
            espelho.Autoencoder, digits, _LONG,
            {"output_activation": "logistic", "scaling": "standard"},
        ),
        "GAN": _case(
            espelho.GAN, digits, _GAME,
            {"output_activation": "logistic", "scaling": "standard", "max_epochs": 30},
        ),
    },
    "no better than PCA": {
        "Autoencoder": _case(espelho.Autoencoder, digits, _LONG, {"hidden_sizes": ()}),
    },
    "underfitting": {
        "Autoencoder": _case(espelho.Autoencoder, digits, _LONG, {"weight_decay": 3.0}),
    },
    "identity": {
        "Autoencoder": _case(
            espelho.Autoencoder, digits, _LONG,
            {"latent_dim": 64, "hidden_sizes": (), "max_epochs": 240},
        ),
    },
    "posterior collapse": {
        "VariationalAutoencoder": _case(
            espelho.VariationalAutoencoder, digits, _LONG, {"max_epochs": 40, "beta": 50.0}
        ),
    },
    "dead units": {
        "Autoencoder": _case(
            espelho.Autoencoder, digits, _LONG,
            {"learning_rate": 0.3, "max_epochs": 30, "code_activation": "relu"},
        ),
    },
    "mode collapse": {
        "GAN": _case(
            espelho.GAN, ring, _FREE,
            {"max_epochs": 15, "learning_rate": 2e-3, "generator_updates": 20},
        ),
        "ConditionalGAN": _case(
            espelho.ConditionalGAN, labelled_digits, _FREE,
            {"max_epochs": 15, "learning_rate": 2e-3, "generator_updates": 20},
        ),
        "MomentMatchingNetwork": _case(
            espelho.MomentMatchingNetwork, digits, _MATCHING,
            {"max_epochs": 60, "bandwidths": (100.0,)},
        ),
        "CycleGAN": _case(
            espelho.CycleGAN, others_inverted, _CYCLE, {"cycle_weight": 0, "max_epochs": 40}
        ),
    },
    "saturated discriminator": {
        "GAN": _case(
            espelho.GAN, digits, _FREE,
            {"discriminator_updates": 5, "learning_rate": 1e-4,
             "discriminator_learning_rate": 2e-3, "max_epochs": 30},
        ),
        "CycleGAN": _case(
            espelho.CycleGAN, others_inverted, _CYCLE,
            {"adversarial_weight": 0.01, "identity_weight": 200, "max_epochs": 40},
        ),
    },
    "overfitting discriminator": {
        "GAN": _case(
            espelho.GAN, cloud, _FREE,
            {"validation_fraction": 0.5, "discriminator_sizes": (256, 256), "max_epochs": 200,
             "learning_rate": 1e-3, "batch_size": 50, "latent_dim": 30},
        ),
    },
    "blind discriminator": {
        "GAN": _case(
            espelho.GAN, digits, _GAME,
            {"penalty": "r1", "penalty_weight": 1e6, "max_epochs": 20},
        ),
    },
    "vanishing gradient": {
        "GAN": _case(
            espelho.GAN, digits, _FREE,
            {"game": "minimax", "discriminator_updates": 5, "learning_rate": 1e-4,
             "discriminator_learning_rate": 5e-3, "max_epochs": 25},
        ),
    },
}  # fmt: skip
"""By the name of an illness, a training of each of some members that has it."""
