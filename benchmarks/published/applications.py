"""AP: what autoencoders are used for, measured beside what would do without them.

Gains and losses alike: what is to beat is said in each row, and whether it was beaten.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import espelho
from benchmarks.data import fashion_labels, fashion_mnist
from benchmarks.published.few_labels import LOGISTIC, accuracies
from benchmarks.published.result import Result
from espelho.evaluation import knn_score, probe_score, trustworthiness

__all__ = ["ap"]

ROWS, TESTED = 10_000, 2_000
WIDTH, EPOCHS = 32, 30
LABELS = (50, 100, 200, 500)
DRAWS = 2
NOISE = (0, 64, 256, 1024)

_SETTINGS: Mapping[str, Any] = {
    "activation": "gelu",
    "output_activation": "logistic",
    "schedule": "one-cycle",
    "schedule_options": {"peak": 3.0},
    "max_epochs": EPOCHS,
    "random_state": 0,
}
"""As of the preset deep-images, for networks that are learned in seconds."""


def ap() -> Iterator[Result]:
    """Measure eight applications on Fashion-MNIST, digits and breast cancer."""
    clothes = _Clothes.read()
    yield from _reduction(clothes)
    yield from _visualisation(clothes)
    yield from _features(clothes)
    yield from _neighbours(clothes)
    yield from _table()
    yield from few_labels()
    yield from noise_columns()


class _Clothes(NamedTuple):
    """Fashion-MNIST's first 10,000 training images, 2,000 test images, and their codes."""

    X: NDArray[np.uint8]
    y: NDArray[Any]
    X_test: NDArray[np.uint8]
    y_test: NDArray[Any]
    model: Any
    pca: PCA

    @classmethod
    def read(cls) -> "_Clothes":
        (X, X_test), (y, y_test) = fashion_mnist(), fashion_labels()
        X, X_test = X[:ROWS], X_test[:TESTED]
        model = espelho.Autoencoder(latent_dim=WIDTH, hidden_sizes=(256,), **_SETTINGS)
        pca = PCA(WIDTH, random_state=0).fit(_flat(X))
        return cls(X, y[:ROWS], X_test, y_test[:TESTED], model.fit(X), pca)

    def features(self) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
        """Return codes, components and pixels, to learn from and to test on."""
        encoders = {"codes": self.model.transform, "PCA": lambda X: self.pca.transform(_flat(X))}
        encoders["pixels"] = _flat
        return {name: (encode(self.X), encode(self.X_test)) for name, encode in encoders.items()}


def _flat(X: NDArray[Any]) -> NDArray[np.float32]:
    return X.reshape(len(X), -1).astype(np.float32) / 255


def _reduction(clothes: _Clothes) -> Iterator[Result]:
    X_test = clothes.X_test
    found = espelho.evaluate(clothes.model, X_test, X_train=clothes.X)["variance_explained"]
    lost, pca = 1 - found.value, 1 - found.baselines["pca"]
    yield Result(
        "dimension reduction",
        f"share of the variance lost, 784 pixels to {WIDTH} numbers, Fashion-MNIST",
        f"PCA {pca:.3f}",
        lost,
        lost < pca,
        0,
    )


def _visualisation(clothes: _Clothes) -> Iterator[Result]:
    model = espelho.Autoencoder(latent_dim=2, hidden_sizes=(256, 64), **_SETTINGS).fit(clothes.X)
    maps = {
        "codes": model.transform(clothes.X_test),
        "PCA": clothes.pca.transform(_flat(clothes.X_test))[:, :2],
    }
    near = {name: trustworthiness(_flat(clothes.X_test), Z) for name, Z in maps.items()}
    told = {name: knn_score(Z, clothes.y_test).value for name, Z in maps.items()}
    for what, found in (
        ("visualisation: trustworthiness of a map", near),
        ("visualisation: kinds told by neighbours on a map", told),
    ):
        pca = found["PCA"]
        yield Result(
            what,
            "784 pixels to 2 numbers, Fashion-MNIST",
            f"PCA {pca:.3f}",
            found["codes"],
            found["codes"] > pca,
            0,
        )


def _features(clothes: _Clothes) -> Iterator[Result]:
    scores = {
        name: probe_score(train[:5000], clothes.y[:5000], test, clothes.y_test).value
        for name, (train, test) in clothes.features().items()
    }
    yield Result(
        "feature extraction",
        f"accuracy of a logistic regression on {WIDTH} numbers, Fashion-MNIST",
        f"PCA {scores['PCA']:.3f}, pixels {scores['pixels']:.3f}",
        scores["codes"],
        scores["codes"] > scores["PCA"],
        0,
    )


def _neighbours(clothes: _Clothes) -> Iterator[Result]:
    """Measure nearest neighbours on codes: how right, how fast, how large."""
    found = {}
    for name, (train, test) in clothes.features().items():
        model = KNeighborsClassifier(5).fit(train, clothes.y)
        encode = clothes.model.transform if name == "codes" else None
        seconds = _seconds(lambda m=model, t=test: m.predict(t))
        seconds += _seconds(lambda e=encode: e(clothes.X_test)) if encode else 0.0
        found[name] = (model.score(test, clothes.y_test), 1e6 * seconds / TESTED, train[0].nbytes)
    (right, micro, size), (pca, _, _), (raw, slow, large) = found.values()
    protocol = "nearest neighbours among 10,000 images, Fashion-MNIST"
    yield Result(
        "better prediction: accuracy",
        protocol,
        f"pixels {raw:.3f}, PCA {pca:.3f}",
        right,
        right > raw,
        0,
    )
    yield Result(
        "faster prediction: microseconds an image, encoding counted",
        protocol,
        f"pixels {slow:.0f}",
        micro,
        micro < slow,
        0,
    )
    yield Result(
        "less memory: bytes an image that neighbours are found in",
        protocol,
        f"pixels {large}",
        float(size),
        size < large,
    )


def _seconds(call: Callable[[], Any]) -> float:
    def once() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(3))


def _table() -> Iterator[Result]:
    """Measure a small table, where there is little to gain."""
    X, y = load_breast_cancer(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
    model = espelho.Autoencoder(latent_dim=6, max_epochs=100, random_state=0).fit(X)
    found = espelho.evaluate(model, X_test, y_test, X_train=X, y_train=y)
    for name, what, less in (
        ("variance_explained", "a small table: share of the variance kept", "PCA"),
        ("probe_score", "a small table: accuracy of a logistic regression", "raw data"),
    ):
        row = found[name]
        rival = row.baselines["pca" if less == "PCA" else "raw"]
        yield Result(
            what,
            "30 columns to 6 numbers, breast cancer",
            f"{less} {rival:.3f}",
            row.value,
            row.value > rival,
            0,
        )


def few_labels() -> Iterator[Result]:
    """Measure what pre-training is worth, by the number of labels."""
    for labels in LABELS:
        drawn = [accuracies(draw, LOGISTIC, 1e-2, labels) for draw in range(DRAWS)]
        mean = {name: float(np.mean([one[name] for one in drawn])) for name in drawn[0]}
        before, pixels = mean["from random weights"], mean["logistic regression on the pixels"]
        yield Result(
            f"few labels: accuracy from {labels} labels with pre-training",
            f"digits, logistic units 64-128-64-32, mean of {DRAWS} draws",
            f"without {before:.3f}, logistic regression on the pixels {pixels:.3f}",
            mean["pre-trained"],
            mean["pre-trained"] > before,
            0,
        )


def noise_columns() -> Iterator[Result]:
    """Measure nearest neighbours on digits beside more and more columns of noise."""
    for columns in NOISE:
        right = neighbours_in_noise(columns)
        yield Result(
            f"curse of dimensionality: accuracy beside {columns} columns of noise",
            "nearest neighbours on codes of 16 numbers, denoising, 128 hidden units, 1,347 digits",
            f"raw {right['raw']:.3f}, PCA {right['PCA']:.3f}, "
            f"codes without hidden layers {right['linear codes']:.3f}",
            right["codes"],
            right["codes"] > right["raw"],
            0,
        )


def neighbours_in_noise(columns: int, width: int = 16) -> dict[str, float]:
    """Return how right nearest neighbours are on raw columns, components and codes.

    Parameters
    ----------
    columns
        How many columns of noise, each of the variance of a pixel.
    width
        Width of the codes.
    """
    X, y = load_digits(return_X_y=True)
    random = np.random.default_rng(0)
    noise = random.normal(0, np.sqrt(X.var(axis=0).mean()), (len(X), columns))
    X = np.hstack([X, noise])
    X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
    common: dict[str, Any] = {
        "latent_dim": width, "scaling": "none", "batch_size": 64, "max_epochs": 80,
        "schedule": "one-cycle", "learning_rate": 3e-3, "random_state": 0,
    }  # fmt: skip
    X, X_test = X / 16, X_test / 16
    codes, linear = (
        espelho.DenoisingAutoencoder(corruption="gaussian", hidden_sizes=sizes, **common).fit(X)
        for sizes in ((128,), ())
    )
    encoders: dict[str, Callable[[Any], Any]] = {
        "raw": lambda rows: rows,
        "PCA": PCA(width, random_state=0).fit(X).transform,
        "codes": codes.transform,
        "linear codes": linear.transform,
    }
    return {
        name: float(KNeighborsClassifier(5).fit(encode(X), y).score(encode(X_test), y_test))
        for name, encode in encoders.items()
    }
