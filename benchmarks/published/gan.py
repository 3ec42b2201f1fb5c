"""E1: Gaussians on a ring and on a grid, of which a generator must not lose any."""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray

import espelho
from benchmarks.published.pictures import save
from benchmarks.published.result import Result
from espelho.plots.canvas import ACCENT, INK, canvas

__all__ = ["e1", "n1"]

N = 2500
SEED = 0
LIN = "Lin et al. 2018"

SETTINGS: dict[str, Any] = {
    "latent_dim": 2,
    "hidden_sizes": (128, 128, 128),
    "discriminator_sizes": (128, 128, 128),
    "game": "relativistic",
    "instance_noise": 0.6,
    "penalty": "r1",
    "penalty_weight": 1e-4,
    "packing": 2,
    "averaging": 5e4,
    "keep": "last",
    "batch_size": 128,
    "max_epochs": 1000,
    "precision": "float32",
    "random_state": SEED,
}


class _Mixture(NamedTuple):
    """Equally likely normal distributions, and what is to be found of them."""

    name: str
    centres: NDArray[np.float64]
    deviation: float
    modes: int
    share: float = 0.9

    def drawn(self) -> NDArray[np.float64]:
        random = np.random.default_rng(SEED)
        which = random.integers(len(self.centres), size=N)
        return self.centres[which] + self.deviation * random.normal(size=(N, 2))


_ANGLES = 2 * np.pi * np.arange(8) / 8
_RING = _Mixture("ring of 8", np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)]), 0.01, 8)
_PLACES = np.array(list(product(range(-4, 5, 2), repeat=2)), dtype=float)
_GRID = _Mixture("grid of 25", _PLACES, 0.05, 23)


def e1() -> Iterator[Result]:
    """Count the Gaussians that samples fall on."""
    yield from _measured("gaussian")


def n1() -> Iterator[Result]:
    """Count them where samples are made of uniform noise."""
    yield from _measured("uniform")


def _measured(noise: str) -> Iterator[Result]:
    torch.set_num_threads(1)
    for mixture in (_RING, _GRID):
        X = mixture.drawn()
        samples = espelho.GAN(**SETTINGS, noise=noise).fit(X).sample(N, random_state=SEED)
        save(f"e1-{mixture.name.replace(' ', '-')}-{noise}", _drawing(X, samples), 5.0, 4.6)
        modes, share, variation = _covered(samples, mixture)
        protocol = (
            f"dense networks, {noise} noise of 2, 2,500 samples; a mode counts where a sample is "
            f"within 3 deviations; total variation of the masses {variation:.2f}"
        )
        for name, found, least in (
            ("modes", modes, mixture.modes),
            ("share within 3 deviations", share, mixture.share),
        ):
            what = f"{mixture.name}: {name}"
            yield Result(what, protocol, f"{least} [{LIN}]", found, found >= least, SEED)


def _covered(samples: NDArray[np.float64], mixture: _Mixture) -> tuple[int, float, float]:
    """Return modes that are found, the share of samples near one, and how unequal they are.

    The last is half the sum over modes of how far their shares of the near samples are off.
    """
    distances = np.linalg.norm(samples[:, None] - mixture.centres, axis=2)
    near = distances.min(1) < 3 * mixture.deviation
    counts = np.bincount(distances.argmin(1)[near], minlength=len(mixture.centres))
    masses = counts / max(1, counts.sum())
    variation = np.abs(masses - 1 / len(masses)).sum() / 2
    return int((counts > 0).sum()), float(near.mean()), float(variation)


def _drawing(X: NDArray[np.float64], samples: NDArray[np.float64]) -> Any:
    def draw(ax: Axes) -> None:
        ax = canvas(ax)
        ax.plot(*X.T, ".", color=INK, ms=2.5, alpha=0.5, label="data")
        ax.plot(*samples.T, ".", color=ACCENT, ms=1.5, label="samples")
        ax.set_aspect("equal")
        ax.set_xlabel("first column")
        ax.set_ylabel("second column")
        beside = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncol": 2}
        ax.legend(frameon=False, markerscale=4, **beside)

    return draw
