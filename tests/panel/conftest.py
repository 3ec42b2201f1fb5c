"""A quick panel on iris."""

import pytest
from sklearn.datasets import load_iris

from espelho import GAN, Autoencoder, compare
from espelho.panel.running.allotment import Allotment

X, y = load_iris(return_X_y=True)
ALLOTMENT = Allotment(600.0, 450.0, 5000, 5000)


def quick(**settings):
    return Autoencoder(**{"max_epochs": 2, "hidden_sizes": (4,), "latent_dim": 2, **settings})


def panel(models, folder=None, **settings):
    common = {"budget": "600s", "n_jobs": 1, "test_fraction": 0.4, "folder": folder}
    return compare(X, y, models=models, **{**common, **settings})


@pytest.fixture(scope="session")
def found(tmp_path_factory):
    """An autoencoder, a generator and one that fails, in a folder that no test may change."""
    models = [quick(), GAN(max_epochs=1, hidden_sizes=(4,)), quick(learning_rate=-1.0)]
    return panel(models, tmp_path_factory.mktemp("panels") / "iris")
