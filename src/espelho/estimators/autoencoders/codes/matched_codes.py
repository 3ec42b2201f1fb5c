"""A moment matching network of codes, as a sampler of them."""

from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from espelho.estimators.generators.moment_matching import MomentMatchingNetwork
from espelho.random_variables.learned.fitted import Scaled, standardised
from espelho.random_variables.learned.noise_network import NoiseNetwork

__all__ = ["fit_moment_matching"]

_UPDATES, _BATCH = 1000, 200
_WIDTHS = (0.25, 0.5, 1.0, 2.0)
"""Of the kernels, in root mean squared distances between two codes. The median distance will not
do: where codes lie in two clusters, it may be that within one, and no kernel sees both."""
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
        Number of updates; without it 1,000.
    seed
        Of everything that is drawn.
    device
        Where it is trained.
    """
    scaled, shift, scale = standardised(codes)
    batch = min(_BATCH, len(scaled))
    distance = sqrt(2 * max(1, int((scale > 0).sum())))
    network = MomentMatchingNetwork(
        latent_dim=max(2, min(_NOISE, codes.shape[1])),
        batch_size=batch,
        max_epochs=ceil((updates or _UPDATES) * batch / len(scaled)),
        bandwidths=tuple(width * distance for width in _WIDTHS),
        learning_rate=1e-2,
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
