"""Models for EX: every member of the family, on small data, with settings that change graphs."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits, load_iris

import espelho

__all__ = ["CASES", "Case"]

Case = Callable[[], tuple[Any, Any]]
"""Makes a fitted model, and rows to compare its exports on."""

QUICK: dict[str, Any] = {"max_epochs": 3, "random_state": 0}
SMALL: dict[str, Any] = {**QUICK, "hidden_sizes": (16,)}
GAME: dict[str, Any] = {**SMALL, "discriminator_sizes": (16,), "keep": "last"}
_PIXELS = 16
"""The largest grey level of the digits."""


def _table() -> Any:
    return load_iris().data


def _pixels() -> Any:
    return (load_digits().data[:256] * 255 / _PIXELS).astype(np.uint8)


def _images() -> Any:
    return _pixels().reshape(-1, 8, 8)


def _series() -> Any:
    times = [np.arange(n) for n in range(9, 29)]
    return [np.stack([np.sin(t / 3), 10 + np.cos(t)], axis=1) for t in times]


def _fitted(make: Callable[..., Any], data: Callable[[], Any], **settings: Any) -> Case:
    """Return a case of one set, which is fitted without labels."""

    def case() -> tuple[Any, Any]:
        X = data()
        return make(**settings).fit(X), X

    return case


def _labelled(make: Callable[..., Any], data: Callable[[], Any], y: Any, **settings: Any) -> Case:
    def case() -> tuple[Any, Any]:
        X = data()
        return make(**settings).fit(X, y()), X

    return case


def _held(make: Callable[..., Any], inside: Any, data: Callable[[], Any], **more: Any) -> Case:
    """Return a case of what holds an autoencoder."""

    def case() -> tuple[Any, Any]:
        X, y = data(), more.get("y")
        model = make(inside(), random_state=0)
        return (model.fit(X) if y is None else model.fit(X, y())), X

    return case


def _translated(make: Callable[..., Any], **settings: Any) -> Case:
    """Return a case of two sets of images: grey ones, and coloured ones with channels last."""

    def case() -> tuple[Any, Any]:
        A = np.kron(_images()[:24], np.ones((2, 2))).astype(np.uint8)
        B = np.stack([A, 255 - A, A // 2], axis=-1)
        return make(**{**QUICK, "channels": (8, 8), **settings}).fit(A, B), (A, B)

    return case


def _tables_translated(make: Callable[..., Any]) -> Case:
    def case() -> tuple[Any, Any]:
        A = _table()
        B = 100 - 3 * A[:, :2]
        options = {"identity_weight": 0} if make is espelho.CycleGAN else {}
        model = make(**SMALL, **options)
        return model.fit(A, B), (A, B)

    return case


def _two_labels() -> Any:
    iris = load_iris()
    return pd.DataFrame({"kind": iris.target_names[iris.target], "size": iris.data[:, 0]})


def _codes() -> tuple[Any, Any]:
    from sklearn.frozen import FrozenEstimator

    X = _images()
    inside = espelho.ConvolutionalAutoencoder(latent_dim=4, channels=(4,), **QUICK).fit(X)
    return espelho.MomentMatchingNetwork(autoencoder=FrozenEstimator(inside), **SMALL).fit(X), X


CASES: Mapping[str, Case] = {
    "Autoencoder": _fitted(espelho.Autoencoder, _table, **SMALL),
    "Autoencoder (tied, batch norm, bytes)": _fitted(
        espelho.Autoencoder, _pixels, tied=True, normalization="batch", dropout=0.2, **SMALL
    ),
    "Autoencoder (mixture sampler)": _fitted(
        espelho.Autoencoder, _table, sampler="gaussian-mixture", **SMALL
    ),
    "ConvolutionalAutoencoder": _fitted(
        espelho.ConvolutionalAutoencoder, _images, latent_dim=8, channels=(8, 16), **QUICK
    ),
    "ConvolutionalAutoencoder (signals)": _fitted(
        espelho.ConvolutionalAutoencoder, _table, channels=(4,), latent_dim=2, **QUICK
    ),
    "StackedAutoencoder": _fitted(
        espelho.StackedAutoencoder, _table, max_epochs=3, hidden_sizes=(8, 4), random_state=0
    ),
    "SparseAutoencoder": _fitted(espelho.SparseAutoencoder, _table, **SMALL),
    "SparseAutoencoder (k largest)": _fitted(
        espelho.Autoencoder, _pixels, latent_dim=32, active_units=5, **SMALL
    ),
    "ContractiveAutoencoder": _fitted(espelho.ContractiveAutoencoder, _table, **QUICK),
    "DenoisingAutoencoder": _fitted(espelho.DenoisingAutoencoder, _pixels, **SMALL),
    "RobustAutoencoder": _fitted(espelho.RobustAutoencoder, _table, **SMALL),
    "VariationalAutoencoder": _fitted(
        espelho.VariationalAutoencoder, _pixels, latent_dim=4, loss="bernoulli", **SMALL
    ),
    "VariationalAutoencoder (convolutional)": _fitted(
        espelho.ConvolutionalAutoencoder, _images, latent="gaussian", channels=(8,), **QUICK
    ),
    "LSTMAutoencoder": _fitted(espelho.LSTMAutoencoder, _series, latent_dim=4, **SMALL),
    "LSTMAutoencoder (both ways, reversed)": _fitted(
        espelho.LSTMAutoencoder, _series, latent_dim=4, bidirectional=True, reverse=True, **SMALL
    ),
    "LSTMAutoencoder (feedback)": _fitted(
        espelho.LSTMAutoencoder, _series, latent_dim=4, feedback=True, **SMALL
    ),
    "LSTMAutoencoder (variational)": _fitted(
        espelho.LSTMAutoencoder, _series, latent_dim=4, latent="gaussian", **SMALL
    ),
    "AdversarialAutoencoder": _fitted(
        espelho.AdversarialAutoencoder, _pixels, discriminator_sizes=(16,), **SMALL
    ),
    "AdversarialAutoencoder (universal)": _fitted(
        espelho.AdversarialAutoencoder, _table, encoder_kind="universal", prior="swiss-roll",
        discriminator_sizes=(16,), **SMALL,
    ),
    "MomentMatchingNetwork": _fitted(espelho.MomentMatchingNetwork, _table, **SMALL),
    "MomentMatchingNetwork (codes)": _codes,
    "GAN": _fitted(espelho.GAN, _table, **GAME),
    "GAN (convolutional)": _fitted(espelho.GAN, _images, channels=(8, 8), keep="last", **QUICK),
    "GAN (sequences)": _fitted(espelho.GAN, _series, **GAME),
    "ConditionalGAN": _labelled(
        espelho.ConditionalGAN, _images, lambda: load_digits().target[:256], channels=(8, 8),
        keep="last", **QUICK,
    ),
    "ConditionalGAN (text and numbers)": _labelled(
        espelho.ConditionalGAN, _table, _two_labels, **GAME
    ),
    "ProgressiveGAN": _fitted(
        espelho.ProgressiveGAN, _images, channels=(8,), keep="last", **QUICK
    ),
    "Pix2Pix (U-Net)": _translated(espelho.Pix2Pix, dropout=0.5),
    "Pix2Pix (residual)": _translated(espelho.Pix2Pix, generator="residual", blocks=1),
    "Pix2Pix (tables)": _tables_translated(espelho.Pix2Pix),
    "CycleGAN": _translated(espelho.CycleGAN, blocks=1, identity_weight=0),
    "CycleGAN (tables)": _tables_translated(espelho.CycleGAN),
    "PretrainedClassifier": _held(
        espelho.PretrainedClassifier, lambda: espelho.Autoencoder(**SMALL), _table,
        y=lambda: load_iris().target_names[load_iris().target],
    ),
    "AnomalyDetector": _held(
        espelho.AnomalyDetector, lambda: espelho.Autoencoder(**SMALL), _table
    ),
    "AnomalyDetector (variational)": _held(
        espelho.AnomalyDetector, lambda: espelho.VariationalAutoencoder(**SMALL), _table
    ),
}  # fmt: skip
"""Cases by what they are of."""
