"""Figures about translations there and back, and whether they live on what nobody sees."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from espelho.evaluation.result import Row, readable
from espelho.evaluation.samples import Floats
from espelho.evaluation.translation.pairs import Way, interval
from espelho.training.checkup.faint import faint_noise, in_8_bits
from espelho.training.doctor.translations import is_hidden

__all__ = ["cycle_rows", "lives_on_hidden"]


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
    made = way.made
    rounded = in_8_bits(made, way.target.min(), way.span)
    noise = faint_noise(rng.standard_normal(made.shape), way.target.std())
    changed: dict[str, tuple[str, Any]] = {
        "cycle": ("cycle error", made),
        "cycle_rounded": ("cycle error after 8 bits", rounded),
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


def lives_on_hidden(found: Mapping[str, Row], source: str) -> bool:
    """Return whether the way back to a set lives on a signal that nobody sees.

    Parameters
    ----------
    found : mapping from str to Row
        Rows by name, those of `cycle_rows` among them.
    source : str
        The set that is gone from.
    """
    plain = found[f"cycle_{source}"]
    changed = [found[f"cycle_{kind}_{source}"].value for kind in ("rounded", "noisy")]
    return any(is_hidden(plain.value, error, plain.baselines["mean"]) for error in changed)
