"""L1: games that go wrong when they go on, of which the best generator is kept."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor

import espelho
from benchmarks.published.result import Result
from espelho.losses.discrepancy.kernels import FACTORS, Gaussian
from espelho.losses.discrepancy.median_distance import median_distance
from espelho.losses.discrepancy.mmd import mmd
from espelho.training.callbacks.weight_averaging import averaged
from espelho.training.weights import lent

__all__ = ["l1"]

N_TEST, N_NOISE = 1000, 1000
SEED, WITNESS_SEED = 0, 1
MOST = 0.1
PROTOCOL = (
    "no penalty on the discriminator; unbiased MMD^2 of the averaged generator by other noise "
    "and other data than it was chosen by, after every epoch"
)
RING: dict[str, Any] = {
    "batch_size": 128,
    "averaging": 20_000.0,
    "learning_rate": 5e-4,
    "max_epochs": 400,
}
DIGITS: dict[str, Any] = {"learning_rate": 3e-4, "max_epochs": 400}


class Witness(espelho.Callback):
    """Measures the averaged generator after every epoch, by data and noise of its own."""

    def __init__(self, test: NDArray[np.float64]) -> None:
        self.data = torch.from_numpy(test).double()
        widths = [factor * median_distance(self.data) for factor in FACTORS]
        self.kernel = Gaussian(widths)
        self.figures: list[float] = []

    def on_train_start(self, trainer: Any) -> None:
        """Draw the noise."""
        like = next(trainer.model.parameters())
        random = torch.Generator().manual_seed(WITNESS_SEED)
        width = trainer.model._latent_dim
        self.noise = torch.randn(N_NOISE, width, generator=random).to(like)
        self.figures = []

    def on_epoch_end(self, trainer: Any) -> None:
        """Measure the average."""
        self.figures.append(self.figure(trainer.model, averaged(trainer)))

    def figure(self, model: Any, weights: dict[str, Tensor]) -> float:
        """Return the distance of a generator's samples from the data."""
        with lent(model, weights), torch.no_grad():
            drawn = model.generate(self.noise).flatten(1).double()
        return float(mmd(drawn, self.data, self.kernel, unbiased=True))


def l1() -> Iterator[Result]:
    """Compare the generator that was kept with the best and with the last."""
    torch.set_num_threads(1)
    random = np.random.default_rng(SEED)
    yield from _measured("ring of 8", _ring(random, 2500), _ring(random, N_TEST), RING)
    X = load_digits().data
    order = random.permutation(len(X))
    yield from _measured("digits", X[order[:1200]], X[order[1200:]], DIGITS)


def _measured(
    what: str, X: NDArray[np.float64], test: NDArray[np.float64], settings: dict[str, Any]
) -> Iterator[Result]:
    mean, deviation = X.mean(0), X.std(0)
    scale = np.where(deviation > 0, deviation, 1.0)
    witness = Witness((test - mean) / scale)
    model = espelho.GAN(
        **settings, penalty="none", random_state=SEED, precision="float32", scaling="none",
        callbacks=[witness],
    ).fit((X - mean) / scale)  # fmt: skip
    best = min(witness.figures)
    for which, wanted in (("best", f"at most {MOST:.0%}"), ("last", f"more than {MOST:.0%}")):
        model.use_weights(which)
        found = witness.figure(model.model_, model.model_.state_dict())
        above = found / best - 1
        met = above <= MOST if which == "best" else above > MOST
        name = f"{what}: the {which} generator, above the smallest MMD^2"
        yield Result(name, PROTOCOL, f"{wanted} [ours]", above, met, SEED)


def _ring(random: np.random.Generator, n: int) -> NDArray[np.float64]:
    angles = 2 * np.pi * random.integers(8, size=n) / 8
    centres = np.column_stack([np.cos(angles), np.sin(angles)])
    return centres + 0.02 * random.normal(size=(n, 2))
