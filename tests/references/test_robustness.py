"""Correntropy finds the principal subspace that outliers hide from squared error.

He, Hu, Zheng, Kong (2011), IEEE Transactions on Image Processing 20: principal components
by the maximum of correntropy withstand outliers.
"""

import numpy as np
import torch
from scipy.linalg import subspace_angles

from espelho.losses.correntropy import correntropy, median_bandwidth
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.networks.dense import dense


def spoiled_plane():
    """Return samples near a plane in 10 dimensions, 30 % of their elements far off, and it."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.standard_normal((10, 2)))[0]
    X = 2 * rng.standard_normal((1000, 2)) @ axes.T + 0.02 * rng.standard_normal((1000, 10))
    hit = rng.random(X.shape) < 0.3
    return torch.tensor(np.where(hit, 30 * rng.standard_normal(X.shape), X)), axes


def subspace(x, loss):
    torch.manual_seed(0)
    coder = torch.nn.Sequential(
        *dense((10, 32, 2), "tanh", "linear"), torch.nn.Linear(2, 10)
    ).double()
    optimizer = torch.optim.Adam(coder.parameters(), lr=0.01)
    for _ in range(400):
        optimizer.zero_grad()
        loss.mean(x, coder(x)).backward()
        optimizer.step()
    return coder[-1].weight.detach().numpy()


def test_correntropy_finds_the_plane_that_squared_error_misses():
    x, axes = spoiled_plane()

    robust = subspace(x, correntropy(median_bandwidth(x)))
    squared = subspace(x, RECONSTRUCTIONS["squared_error"])

    angles = [np.degrees(subspace_angles(found, axes)).max() for found in (robust, squared)]
    assert angles[0] < 5
    assert angles[1] > 60
