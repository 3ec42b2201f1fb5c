"""E5: networks that grow, beside the same ones trained at full size from the start."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

import espelho
from benchmarks.data import cifar, fashion_mnist
from benchmarks.published.pictures import PICTURES
from benchmarks.published.result import Result
from espelho.data.writing import write
from espelho.evaluation.images import sliced_wasserstein
from espelho.training.callbacks.weight_averaging import averaged
from espelho.training.weights import lent

__all__ = ["e5"]

Images = NDArray[np.uint8]

N_TRAIN, N_TEST, SEED, NOISE_SEED = 10_000, 2_000, 0, 1
SIDES = (8, 16, 32)
"""Levels at which samples are compared: patches of 7 x 7 pixels do not fit into 4 x 4."""

SECONDS, MARKS = 240.0, 12
"""CPU seconds of each training, and how often samples are compared meanwhile."""

SETTINGS: Mapping[str, Any] = {
    "latent_dim": 64,
    "channels": (32, 32, 16, 8),
    "penalty_every": 4,
    "averaging": 10_000.0,
    "keep": "last",
    "precision": "float32",
    "random_state": SEED,
}
GROWING: Mapping[str, Any] = {
    "batch_sizes": (32, 32, 16),
    "fade_epochs": (1,),
    "settle_epochs": (1, 1, 1, 1000),
}
AT_ONCE: Mapping[str, Any] = {"growing": False, "batch_size": 16, "max_epochs": 1000}


class Mark(NamedTuple):
    """Distances at the levels of `SIDES` after some CPU seconds, and the stage that it was in."""

    seconds: float
    stage: str
    distances: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean distance over levels."""
        return float(np.mean(self.distances))


class Witness(espelho.Callback):
    """Compares samples of the averaged weights with test images at even CPU seconds.

    What that takes is not counted. Ends the training when its seconds are over.
    """

    def __init__(self, name: str, test: Images) -> None:
        self._name = name
        self._test = test

    def on_train_start(self, trainer: Any) -> None:  # noqa: ARG002 as it is called
        """Start the clock."""
        self.marks: list[Mark] = []
        self._started, self._aside = process_time(), 0.0

    def on_step(self, trainer: Any) -> None:
        """Compare, if it is time to."""
        now = process_time()
        seconds = now - self._started - self._aside
        if seconds < SECONDS / MARKS * (len(self.marks) + 1):
            return
        images = _made(trainer)
        self.marks.append(Mark(seconds, trainer.stage.name, _distances(images, self._test)))
        _keep(f"{self._name}-{trainer.stage.name.replace(' ', '-')}", images)
        self._aside += process_time() - now
        if len(self.marks) == MARKS:
            raise _OverError


class _OverError(Exception):
    """The seconds of a training are over."""


def e5() -> Iterator[Result]:
    """Compare sliced Wasserstein distances over time, on clothes and on colour photographs."""
    torch.set_num_threads(1)
    clothes = tuple(np.pad(part, ((0, 0), (2, 2), (2, 2))) for part in fashion_mnist())
    yield from _measured("Fashion-MNIST at 32 x 32", "fashion", *clothes)
    yield from _measured("CIFAR-10, JPEG, 32 x 32 in colour", "cifar", *cifar())


def _measured(what: str, name: str, train: Images, test: Images) -> Iterator[Result]:
    train, test = train[:N_TRAIN], test[:N_TEST]
    growing = _trained(f"{name}-growing", GROWING, train, test)
    at_once = _trained(f"{name}-at-once", AT_ONCE, train, test)
    protocol = (
        f"sliced Wasserstein distance of {N_TEST:,} samples to test images, {len(train):,} to "
        f"learn from, {SECONDS:.0f} CPU seconds of one thread each; {_curve(growing)}; at once "
        f"{_curve(at_once)}"
    )
    first, last = growing[0], growing[-1]
    for side, before, after in zip(SIDES, first.distances, last.distances, strict=True):
        yield Result(
            f"{what}: distance at {side} x {side}",
            protocol,
            f"below {before:.3f} after {first.seconds:.0f} s [ours]",
            after,
            after < before,
            SEED,
        )
    rival = at_once[-1].mean
    at_equal = f"below {rival:.3f}, that of the networks trained at full size [ours]"
    met = last.mean < rival
    yield Result(f"{what}: mean over levels", protocol, at_equal, last.mean, met, SEED)
    equal = max(min(mark.mean for mark in marks) for marks in (growing, at_once))
    soon, late = (_reached(marks, equal) for marks in (growing, at_once))
    sooner = f"below {late:.0f}, when they came to {equal:.3f}, the best that both came to [ours]"
    yield Result(f"{what}: seconds to equal quality", protocol, sooner, soon, soon < late, SEED)


def _reached(marks: Sequence[Mark], mean: float) -> float:
    """Return after how many seconds a mean distance was reached, between marks by a line."""
    before = marks[0]
    for mark in marks:
        if mark.mean <= mean:
            fallen = before.mean - mark.mean
            share = (before.mean - mean) / fallen if fallen > 0 else 1.0
            return before.seconds + share * (mark.seconds - before.seconds)
        before = mark
    return float("inf")


def _trained(name: str, settings: Mapping[str, Any], train: Images, test: Images) -> list[Mark]:
    witness = Witness(f"e5-{name}", test)
    model = espelho.ProgressiveGAN(**SETTINGS, **settings, callbacks=(witness,))
    with suppress(_OverError):
        model.fit(train)
    return witness.marks


def _distances(samples: Images, test: Images) -> tuple[float, ...]:
    """Return distances at the levels of `SIDES`: shapes of 8 x 8 pixels first, details last."""
    small = sliced_wasserstein(*(_averaged(images, SIDES[0]) for images in (samples, test)))
    levels = (*sliced_wasserstein(samples, test), *small)
    return tuple(level.distance for level in levels[::-1])


def _made(trainer: Any) -> Images:
    """Return samples of fixed noise by the averaged weights."""
    random = torch.Generator().manual_seed(NOISE_SEED)
    z = torch.randn(N_TEST, SETTINGS["latent_dim"], generator=random)
    with lent(trainer.model, averaged(trainer)), torch.no_grad():
        full = torch.cat([trainer.model.generate(part) for part in z.split(250)])
    images = (255 * full).round().clamp(0, 255).byte().numpy()
    return images[:, 0] if images.shape[1] == 1 else images


def _averaged(images: Images, side: int) -> Images:
    x = torch.from_numpy(images).float().reshape(len(images), -1, *images.shape[-2:])
    found = F.avg_pool2d(x, x.shape[-1] // side).round().byte().numpy()
    return found[:, 0] if found.shape[1] == 1 else found


def _curve(marks: Sequence[Mark]) -> str:
    return ", ".join(f"{mark.mean:.3f} at {mark.seconds:.0f} s" for mark in marks[1::2])


def _keep(name: str, images: Images) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    write(PICTURES / f"{name}.png", images[:100])
