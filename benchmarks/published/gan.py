"""E1: Gaussians on a ring and on a grid, of which a generator must not lose any."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import espelho
from benchmarks.published.result import Result

__all__ = ["e1"]

N = 2500
SEED = 0
LIN = "Lin et al. 2018"
PROTOCOL = "dense networks, 2,500 samples; a mode counts where a sample is within 3 deviations"

SETTINGS: dict[str, Any] = {
    "latent_dim": 2,
    "hidden_sizes": (128, 128, 128),
    "discriminator_sizes": (128, 128, 128),
    "game": "relativistic",
    "instance_noise": 0.6,
    "penalty_weight": 1e-4,
    "averaging": 5e4,
    "batch_size": 128,
    "max_epochs": 1000,
    "precision": "float32",
    "random_state": SEED,
}


def e1() -> Iterator[Result]:
    """Count the Gaussians that samples fall on."""
    torch.set_num_threads(1)
    angles = 2 * np.pi * np.arange(8) / 8
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    yield from _measured("ring of 8", ring, 0.01, 8, (8, 0.9))
    grid = np.array([(x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)], dtype=float)
    yield from _measured("grid of 25", grid, 0.05, 25, (23, 0.9))


def _measured(
    what: str,
    centres: NDArray[np.float64],
    deviation: float,
    n_modes: int,
    wanted: tuple[int, float],
) -> Iterator[Result]:
    random = np.random.default_rng(SEED)
    which = random.integers(n_modes, size=N)
    X = centres[which] + deviation * random.normal(size=(N, 2))
    model = espelho.GAN(**SETTINGS).fit(X)
    modes, share = _covered(model.sample(N, random_state=SEED), centres, deviation)
    modes_wanted, share_wanted = wanted
    for name, found, least in (
        ("modes", modes, modes_wanted),
        ("share within 3 deviations", share, share_wanted),
    ):
        yield Result(f"{what}: {name}", PROTOCOL, f"{least} [{LIN}]", found, found >= least, SEED)


def _covered(
    samples: NDArray[np.float64], centres: NDArray[np.float64], deviation: float
) -> tuple[int, float]:
    distances = np.linalg.norm(samples[:, None] - centres, axis=2)
    near = distances.min(1) < 3 * deviation
    return len(np.unique(distances.argmin(1)[near])), float(near.mean())
