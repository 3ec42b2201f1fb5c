"""Figures about translations there and back, and whether they live on what nobody sees."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from espelho.evaluation.result import Row, readable
from espelho.evaluation.samples import Floats
from espelho.evaluation.translation.pairs import Way, interval

__all__ = ["HIDDEN", "cycle_rows"]

_NOISE = 0.02
"""Standard deviation of the noise, in those of the set's values: too little to be seen."""

_LEVELS = 255
"""Steps between the least and the largest value of 8 bits."""

HIDDEN = 2.0
"""Times the cycle error that it becomes by noise or rounding where a signal was hidden."""


def cycle_rows(way: Way, back: Callable[[Floats], Floats], seed: int) -> Iterator[Row]:
    """Yield how far samples are from what they are after a translation there and back.

    Beside that, the same after the translation was rounded to 8 bits, or was given noise that
    nobody would see: where that makes the error much larger, the way back reads a signal that the
    way there hides in the translation (Chu, Zhmoginov and Sandler 2017, "CycleGAN, a master of
    steganography", https://arxiv.org/abs/1712.02950).

    Parameters
    ----------
    way : Way
        There.
    back : callable
        From translations ``(n, d)`` to what they are translated to, in units of the samples.
    seed : int
        Where drawing starts.
    """
    rng = np.random.default_rng(seed)
    made, low = way.made, way.target.min()
    step = way.span / _LEVELS or 1.0
    noise = _NOISE * way.target.std() * rng.standard_normal(made.shape)
    changed: dict[str, tuple[str, Any]] = {
        "cycle": ("cycle error", made),
        "cycle_rounded": ("cycle error after 8 bits", np.rint((made - low) / step) * step + low),
        "cycle_noisy": ("cycle error after tiny noise", made + noise),
    }
    source = "AB".replace(way.to, "")
    mean = float(np.abs(way.source - way.source.mean(0)).mean())
    plain = 0.0
    for name, (label, translations) in changed.items():
        errors = np.abs(back(translations) - way.source).mean(1)
        value = float(errors.mean())
        plain = plain if plain else value
        bounds = " to ".join(map(readable, interval(errors, seed)))
        times = "" if name == "cycle" else f"; {value / max(plain, 1e-12):.2f} times as large"
        yield Row(
            f"{name}_{source}",
            f"{label}, {source} to {way.to} and back",
            f"units of {source}",
            value,
            {"mean": mean},
            "lower",
            f"{len(errors):,} samples; 95 % interval {bounds}{times}",
        )
