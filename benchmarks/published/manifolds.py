"""V1: variational autoencoders of MNIST and Fashion-MNIST, as pictures and as maps."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.decomposition import PCA

import espelho
from benchmarks.data import fashion_labels, fashion_mnist, labels, mnist
from benchmarks.published.pictures import PICTURES, save
from benchmarks.published.result import Result
from espelho.data.writing import write
from espelho.evaluation.codes.prediction import knn_score
from espelho.plots import plot_latent

__all__ = ["v1"]

SEED = 0
SIDE, STEPS, PAIRS, DRAWN = 20, 12, 6, 100
SETTINGS: Mapping[str, Any] = {
    "hidden_sizes": (500, 300),
    "loss": "bernoulli",
    "normalization": "batch",
    "batch_size": 200,
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "max_epochs": 20,
    "random_state": SEED,
}


def v1() -> Iterator[Result]:
    """Learn codes of 2 and of 20 units of either set, draw them, and ask the maps for labels."""
    torch.set_num_threads(1)
    sets = {"mnist": (mnist(), labels()), "fashion": (fashion_mnist(), fashion_labels())}
    for name, ((X, X_test), (y, y_test)) in sets.items():
        flat, wide = (
            espelho.VariationalAutoencoder(latent_dim=width, **SETTINGS).fit(X)
            for width in (2, 20)
        )
        codes, tested = flat.transform(X), flat.transform(X_test)
        _draw(name, flat, wide, X_test, y_test)
        save(f"v1-{name}-map", lambda ax, z=tested, y=y_test: plot_latent(z, y, ax), 6.4, 4.8)
        rows = [images.reshape(-1, 784) / np.float32(255) for images in (X, X_test)]
        pca = PCA(2, svd_solver="full").fit(rows[0])
        linear = knn_score(pca.transform(rows[0]), y, pca.transform(rows[1]), y_test).value
        found = knn_score(codes, y, tested, y_test).value
        protocol = "accuracy of 5 nearest neighbours on test codes of 2 units"
        bar = f"above {linear:.3f}, that of 2 principal components"
        yield Result(f"map of {name}", protocol, bar, found, found > linear, SEED)


def _draw(
    name: str, flat: Any, wide: Any, X_test: NDArray[np.uint8], y_test: NDArray[np.uint8]
) -> None:
    """Write the manifold of 2 units, ways between classes, and new samples."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    quantiles = norm.ppf((np.arange(SIDE) + 0.5) / SIDE)
    grid = np.array([(a, b) for b in quantiles[::-1] for a in quantiles])
    write(PICTURES / f"v1-{name}-manifold.png", flat.inverse_transform(grid))
    first = [X_test[y_test == label][0] for label in range(10)]
    ways = [wide.interpolate(first[i], first[i + 3], STEPS) for i in range(PAIRS)]
    write(PICTURES / f"v1-{name}-ways.png", _wide_rows(np.stack(ways)))
    write(PICTURES / f"v1-{name}-samples.png", wide.sample(DRAWN, random_state=SEED))


def _wide_rows(ways: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return each way ``(steps, height, width)`` as one long image; they stand in one column."""
    rows = ways.transpose(0, 2, 1, 3).reshape(len(ways), ways.shape[2], -1)
    return rows.reshape(1, -1, rows.shape[2])
