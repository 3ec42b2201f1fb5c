"""Rows, images and sequences with one stranger among them."""

import numpy as np
import pytest

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "latent_dim": 2}


@pytest.fixture(scope="session")
def rows():
    """Two hundred rows of four columns in different units; of row 7 column 2 is off."""
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 2)) @ random.normal(size=(2, 4)) + 0.1 * random.normal(
        size=(200, 4)
    )
    X = X * (1, 10, 100, 1000) + (5, 50, 500, 5000)
    X[7, 2] += 2000
    return X


@pytest.fixture(scope="session")
def sequences():
    """Sequences of two features that differ in length."""
    random = np.random.default_rng(0)
    return [np.cumsum(random.normal(size=(n, 2)), axis=0) for n in (5, 9, 7, 9) * 6]
