"""B3 and B4: sparse codes of digits, by the exercises of Ng's course (UFLDL)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from sklearn.frozen import FrozenEstimator

import espelho
from benchmarks.data import labels, mnist
from benchmarks.published.result import Result

__all__ = ["b3", "b4"]

UFLDL = "UFLDL exercises, Ng et al. 2011"
SEED = 0
# Their objective halves the squared error and the decay: 3 KL is 6 KL in ours.
SPARSE: dict[str, Any] = {
    "activation": "logistic",
    "output_activation": "logistic",
    "sparsity": 6.0,
    "sparsity_target": 0.1,
    "weight_decay": 3e-3,
    "sparsity_memory": 0.9,
    "schedule": "cosine",
    "batch_size": 256,
    "random_state": SEED,
}


def b3() -> Iterator[Result]:
    """Learn codes of the digits 5 to 9, and tell 0 to 4 apart by them."""
    torch.set_num_threads(1)
    X, y = mnist()[0].reshape(-1, 784), labels()[0]
    unlabelled, X, y = X[y > 4], X[y < 5], y[y < 5]
    half = len(X) // 2
    codes = espelho.SparseAutoencoder(
        latent_dim=200, learning_rate=3e-3, max_epochs=60, **SPARSE
    ).fit(unlabelled)
    softmax = _softmax(codes, max_epochs=60).fit(X[:half], y[:half])
    share = float(np.mean(softmax.predict(X[half:]) == y[half:])) * 100
    what = "sparse 784-200 learned on the digits 5 to 9, softmax on its codes of 0 to 4"
    protocol = f"% of {len(X) - half} images right, {half} with labels, {len(unlabelled)} without"
    yield Result(what, protocol, f"98.3 [{UFLDL}]; at least 98.0", share, share >= 98.0, SEED)


def b4() -> Iterator[Result]:
    """Stack two sparse layers, then fine-tune them with a softmax."""
    torch.set_num_threads(1)
    (X, X_test), (y, y_test) = mnist(), labels()
    X, X_test = X.reshape(-1, 784), X_test.reshape(-1, 784)
    stacked = espelho.SparseAutoencoder(
        hidden_sizes=(200,),
        latent_dim=200,
        learning_rate=3e-3,
        pretraining="greedy",
        pretraining_epochs=30,
        max_epochs=1,
        finetuning="plain",
        **SPARSE,
    ).fit(X)
    protocol = "% of MNIST's 10,000 test images right"
    before = _softmax(stacked, max_epochs=30).fit(X, y).score(X_test, y_test) * 100
    what = "two stacked sparse layers 200-200, softmax"
    yield Result(f"{what} alone", protocol, f"87.7 [{UFLDL}]", before, before >= 87.7, SEED)
    tuned = _softmax(stacked, max_epochs=30, train_encoder=True).fit(X, y)
    after = tuned.score(X_test, y_test) * 100
    source = f"97.6 [{UFLDL}]; at least 97.3"
    yield Result(f"{what}, fine-tuned", protocol, source, after, after >= 97.3, SEED)


def _softmax(codes: Any, *, train_encoder: bool = False, **settings: Any) -> Any:
    return espelho.PretrainedClassifier(
        FrozenEstimator(codes),
        train_encoder=train_encoder,
        learning_rate=3e-3 if train_encoder else 3e-2,
        schedule="cosine",
        batch_size=256,
        random_state=SEED,
        **settings,
    )
