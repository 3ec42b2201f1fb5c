"""Figures about translations and their partners."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.evaluation.result import Row, readable
from espelho.evaluation.samples import Floats
from espelho.evaluation.translation.similarity import (
    HOW_TO_INSTALL,
    is_installed,
    structural_similarity,
)

__all__ = ["Way", "interval", "pair_rows"]

_BOOTSTRAPS = 500
_SURE = (2.5, 97.5)


class Way(NamedTuple):
    """What was translated to a set, beside that set.

    Attributes
    ----------
    to : str
        The set: A or B.
    source, target : ndarray of shape (n, d)
        Samples that were translated, and samples of the set, flat.
    made : ndarray of shape (n, d)
        Translations, in units of the set, not rounded.
    shape : tuple of int
        Shape of one translation, channels first.
    span : float
        The difference between the largest and the least value of the set, or of its type.
    """

    to: str
    source: Floats
    target: Floats
    made: Floats
    shape: tuple[int, ...]
    span: float


def interval(
    values: NDArray[Any], seed: int, figure: Callable[[Any], Any] = lambda means: means
) -> tuple[float, float]:
    """Return the 95 % interval of a figure of the mean, by drawing samples anew (Efron 1979).

    Parameters
    ----------
    values : ndarray of shape (n,)
        One number for each sample.
    seed : int
        Where drawing starts.
    figure : callable
        From means to the figure, rising or falling with them.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    means = [values[rng.integers(n, size=n)].mean() for _ in range(_BOOTSTRAPS)]
    low, high = sorted(figure(np.percentile(means, _SURE)).tolist())
    return low, high


def pair_rows(way: Way, seed: int) -> Iterator[Row]:
    """Yield how far translations are from partners, beside the mean and what was translated.

    Parameters
    ----------
    way : Way
        Whose translations have their partners in the rows of the set.
    seed : int
        Where the bootstrap starts.
    """
    columns = {"model": way.made, "mean": np.broadcast_to(way.target.mean(0), way.target.shape)}
    if way.source.shape == way.target.shape:
        columns["raw"] = way.source
    absolute = {n: np.abs(rows - way.target).mean(1) for n, rows in columns.items()}
    squared = {n: np.square(rows - way.target).mean(1) for n, rows in columns.items()}
    units = f"units of {way.to}"
    yield _row(way, ("absolute_error", "mean absolute error", units), absolute, "lower", seed=seed)
    yield _row(
        way,
        ("squared_error", "mean squared error", f"squared {units}"),
        squared,
        "lower",
        seed=seed,
    )

    def decibels(errors: Any) -> Any:
        with np.errstate(divide="ignore"):
            return 10 * np.log10(way.span**2 / errors)

    name = ("psnr", "peak signal to noise, of the mean squared error", "dB")
    yield _row(way, name, squared, "higher", seed=seed, figure=decibels)
    if len(way.shape) > 1:
        yield _similarity(way, columns, seed)


def _row(
    way: Way,
    name: tuple[str, str, str],
    values: dict[str, Any],
    better: str,
    *,
    seed: int,
    figure: Callable[[Any], Any] = lambda means: means,
) -> Row:
    found = {key: float(figure(errors.mean())) for key, errors in values.items()}
    low, high = interval(values["model"], seed, figure)
    n = f"{len(values['model']):,} pairs"
    note = f"{n}; 95 % interval {readable(low)} to {readable(high)}"
    key, label, unit = name
    return Row(
        f"{key}_{way.to}", f"{label}, to {way.to}", unit, found.pop("model"), found, better, note
    )


def _similarity(way: Way, columns: dict[str, Any], seed: int) -> Row:
    name = ("ssim", "structural similarity", "1 where alike")
    if not is_installed():
        note = f"not measured: it needs scikit-image, {HOW_TO_INSTALL}"
        return Row(f"ssim_{way.to}", f"{name[1]}, to {way.to}", name[2], float("nan"), note=note)
    partners = way.target.reshape(-1, *way.shape)
    found = {
        key: structural_similarity(
            np.asarray(rows).reshape(-1, *way.shape), partners, data_range=way.span
        )
        for key, rows in columns.items()
    }
    return _row(way, name, found, "higher", seed=seed)
