"""A moment matching network of codes, as a sampler of them."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from espelho.estimators.generators.moment_matching import MomentMatchingNetwork
from espelho.random_variables.fitted import Scaled, standardised
from espelho.random_variables.noise_network import NoiseNetwork

__all__ = ["fit_moment_matching"]

_UPDATES, _BATCH = 2000, 200
_NOISE = 10
"""Widest noise: codes rarely vary in more directions than that."""


def fit_moment_matching(
    codes: NDArray[np.float64], updates: int | None, *, seed: int, device: str
) -> Scaled:
    """Return what a `MomentMatchingNetwork` makes of noise, once it has learned from codes.

    Parameters
    ----------
    codes
        ``(n, latent_dim)``, at least 2.
    updates
        Number of updates; without it 2,000.
    seed
        Of everything that is drawn.
    device
        Where it is trained.
    """
    scaled, shift, scale = standardised(codes)
    batch = min(_BATCH, len(scaled))
    network = MomentMatchingNetwork(
        latent_dim=max(2, min(_NOISE, codes.shape[1])),
        batch_size=batch,
        max_epochs=ceil((updates or _UPDATES) * batch / len(scaled)),
        schedule="cosine",
        scaling="none",
        precision="float32",
        parallel="none",
        random_state=seed,
        device=device,
    ).fit(scaled)
    parameters = [p.detach().cpu().double().numpy() for p in network.model_.parameters()]
    sizes = [network.latent_dim_, *(int(n) for n in network.hidden_sizes), codes.shape[1]]
    flat = np.concatenate([values.ravel() for values in parameters])
    return Scaled(NoiseNetwork(np.array(sizes), flat), shift, scale)
