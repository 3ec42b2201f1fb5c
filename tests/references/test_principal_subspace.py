"""A linear autoencoder with squared error spans the principal subspace.

Baldi and Hornik (1989), Neural Networks 2: the loss has no other minimum.
"""

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from espelho import Autoencoder


def digits(scaling):
    """Return digits with mean 0; standardised ones without the pixels that never change."""
    X = load_digits().data
    return X - X.mean(axis=0) if scaling == "none" else X[:, X.std(axis=0) > 0]


@pytest.mark.parametrize(
    ("scaling", "latent_dim", "tied"),
    [("none", 4, False), ("none", 6, True), ("standard", 5, False), ("standard", 4, True)],
)
def test_a_linear_autoencoder_spans_the_principal_subspace(scaling, latent_dim, tied):
    X = digits(scaling)
    model = Autoencoder(
        latent_dim=latent_dim,
        hidden_sizes=(),
        tied=tied,
        scaling=scaling,
        max_epochs=1000,
        batch_size=len(X),
        learning_rate=0.03,
        schedule="cosine",
        random_state=0,
        precision="float64",
    ).fit(X)

    scaled = X if scaling == "none" else (X - X.mean(axis=0)) / X.std(axis=0)
    pca = PCA(latent_dim).fit(scaled)
    encoder, decoder = model.model_.encoder, model.model_.decoder
    weight = encoder[0].weight.T if tied else decoder[0].weight
    angles = np.degrees(subspace_angles(weight.detach().numpy(), pca.components_.T))
    best = np.square(scaled - pca.inverse_transform(pca.transform(scaled))).sum(axis=1).mean()

    assert angles.max() < 1.0
    assert model.history_["reconstruct"][-1] == pytest.approx(best, rel=1e-3)
