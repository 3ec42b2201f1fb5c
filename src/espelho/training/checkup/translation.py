"""Figures of translations: what they change, and what becomes of them on the way back."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from espelho.training.checkup.faint import faint_noise, in_8_bits
from espelho.training.doctor.case import SETS

__all__ = ["cycles", "of_set", "sets_of", "translation_figures"]


def sets_of(shown: Mapping[str, Tensor]) -> list[str]:
    """Return what names end with that are shown of two sets, or nothing for other models."""
    return [f"_{name}" for name in SETS if f"real_{name}" in shown] or [""]


def of_set(shown: Mapping[str, Tensor], mark: str) -> dict[str, Tensor]:
    """Return what is shown of a set, without the mark at the end of its names."""
    return {name.removesuffix(mark): x for name, x in shown.items() if name.endswith(mark)}


def cycles(start: Tensor, made: Tensor, like: Tensor, back: Callable[[Tensor], Tensor]) -> Tensor:
    """Return how far each sample is from its translation there and back ``(n, 3)``.

    As it is, after the translation was rounded to 8 bits, and after tiny noise on it: a signal
    that is hidden in a translation does not survive that (Chu, Zhmoginov and Sandler 2017,
    https://arxiv.org/abs/1712.02950).

    Parameters
    ----------
    start
        Samples.
    made
        What they are translated to.
    like
        Samples of the set that they are translated to.
    back
        From there to where they came from.
    """
    low = like.amin()
    noise = faint_noise(torch.randn_like(made), like.std())
    changed = (made, in_8_bits(made, low, like.amax() - low), made + noise)
    errors = [(back(one) - start).abs().flatten(1).mean(1) for one in changed]
    return torch.stack(errors, dim=1)


def translation_figures(shown: Mapping[str, Tensor]) -> dict[str, float | list[float]]:
    """Return what translations to a set change, and how far samples of it come back.

    ``translation/change`` is the mean absolute difference between a translation and what was
    translated, as a share of the mean absolute deviation of that; ``translation/cycle`` the
    means of what `cycles` returns, and what the constant mean is off by.
    """
    found: dict[str, float | list[float]] = {}
    source, made = shown.get("source"), shown.get("made")
    if source is not None and made is not None and source.shape == made.shape:
        found["translation/change"] = float((made - source).abs().mean() / _deviation(source))
    if "cycle" in shown:
        errors = shown["cycle"].mean(0)
        found["translation/cycle"] = [*errors.tolist(), float(_deviation(shown["real"]))]
    return found


def _deviation(x: Tensor) -> Tensor:
    return (x - x.mean(0)).abs().mean()
