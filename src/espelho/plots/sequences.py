"""Sequences as curves over time, beside what came back for them, or new ones."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import ACCENT, COLOURS, INK, QUIET, canvas, legend, note

SHOWN = 5
FEATURES = 3
GAP = 0.5


def plot_sequences(
    X: Sequence[ArrayLike] | NDArray[Any],
    X_hat: Sequence[ArrayLike] | NDArray[Any],
    *,
    n: int = SHOWN,
    ax: Axes | None = None,
) -> Axes:
    """Draw the first sequences and what an autoencoder gave back for them.

    Each sequence is a strip of curves over time, a curve for each of its first three features.
    Every feature is drawn by its mean and standard deviation over all steps of `X`.

    Parameters
    ----------
    X, X_hat : sequence of array-like of shape (time_i,) or (time_i, features)
        Originals and reconstructions, of any length.
    n : int, default=5
        How many sequences to draw.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there is no sequence to draw.
    ShapeError
        If originals and reconstructions differ in shape.
    """
    originals, answers = _columns(X), _columns(X_hat)
    if not originals or n < 1:
        raise DataError(f"There is no sequence to draw: X holds {len(originals)}, n is {n}.")
    if [x.shape for x in originals] != [x.shape for x in answers]:
        raise ShapeError("X and X_hat must hold sequences of the same lengths and features.")
    mean, spread = _units(originals)
    shown = min(n, len(originals))
    pairs = [((x - mean) / spread, (y - mean) / spread) for x, y in _pairs(originals, answers, n)]
    ax = canvas(ax, width=6.4, height=1.6 + 0.8 * shown)
    bases = _bases([np.concatenate(pair) for pair in pairs])
    for (original, answer), base in zip(pairs, bases, strict=True):
        labels = ("original", "reconstruction") if base == bases[-1] else (None, None)
        before = _Curves(original, INK, label=labels[0])
        _draw_strip(ax, base, before, _Curves(answer, ACCENT, ":", labels[1]))
    _name_strips(ax, bases, [f"sequence {i + 1}" for i in range(shown)], len(mean))
    legend(ax, outside=True)
    return ax


def plot_new_sequences(
    X: Sequence[ArrayLike] | NDArray[Any],
    samples: Sequence[ArrayLike] | NDArray[Any],
    *,
    n: int = SHOWN,
    ax: Axes | None = None,
) -> Axes:
    """Draw the first sequences of the data, and below them new ones that are to be like them.

    Strips, curves and units are those of `plot_sequences`; one feature has one colour in the
    data and another in new sequences.

    Parameters
    ----------
    X, samples : sequence of array-like of shape (time_i,) or (time_i, features)
        Data, and what was drawn to be like it, of any length.
    n : int, default=5
        How many of each to draw.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there is no sequence to draw.
    ShapeError
        If data and samples differ in the number of features.
    """
    data, new = _columns(X), _columns(samples)
    if not data or not new or n < 1:
        raise DataError(
            f"There is no sequence to draw: X holds {len(data)}, samples {len(new)}, n is {n}."
        )
    if len({x.shape[1] for x in (*data, *new)}) > 1:
        raise ShapeError("X and samples must hold sequences of the same features.")
    mean, spread = _units(data)
    names = [f"data {i + 1}" for i in range(len(data[:n]))]
    names += [f"new {i + 1}" for i in range(len(new[:n]))]
    strips = [(x - mean) / spread for x in (*data[:n], *new[:n])]
    ax = canvas(ax, width=6.4, height=1.6 + 0.8 * len(strips))
    bases = _bases(strips)
    for strip, base, name in zip(strips, bases, names, strict=True):
        _draw_strip(ax, base, _Curves(strip, INK if name.startswith("data") else ACCENT))
    _name_strips(ax, bases, names, len(mean))
    return ax


def _units(sequences: list[NDArray[np.float64]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the mean of each feature over all steps, and its standard deviation or 1."""
    steps = np.concatenate(sequences)
    spread = steps.std(axis=0)
    return steps.mean(axis=0), np.where(spread > 0, spread, 1)


def _name_strips(ax: Axes, bases: list[float], names: list[str], n_features: int) -> None:
    ax.set_yticks(bases, names)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("step")
    drawn = f"the first {FEATURES} of {n_features} features; " * (n_features > FEATURES)
    note(ax, f"{drawn}each feature by its mean (thin lines) and standard deviation")


class _Curves(NamedTuple):
    """A sequence as curves over time; a single feature has the colour, several their own."""

    values: NDArray[np.float64]
    colour: str
    style: str = "-"
    label: str | None = None


def _draw_strip(ax: Axes, base: float, *sequences: _Curves) -> None:
    """Draw sequences of one shape over each other, a curve for each feature."""
    n_steps, n_features = sequences[0].values.shape
    ax.axhline(base, color=QUIET, linewidth=0.8)
    for feature in range(min(FEATURES, n_features)):
        for one in sequences:
            ax.plot(
                base + one.values[:, feature],
                one.style,
                marker="." if n_steps == 1 else "",
                color=one.colour if n_features == 1 else COLOURS[feature],
                lw=1.4,
                label=None if feature else one.label,
            )


def _columns(X: Any) -> list[NDArray[np.float64]]:
    found = [np.asarray(x, dtype=np.float64) for x in X]
    return [x[:, np.newaxis] if x.ndim == 1 else x for x in found]


def _pairs(
    originals: list[NDArray[np.float64]], answers: list[NDArray[np.float64]], n: int
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    return list(zip(originals[:n], answers[:n], strict=True))


def _bases(strips: list[NDArray[np.float64]]) -> list[float]:
    """Return heights at which strips do not touch, from zero downwards."""
    bases = [0.0]
    for above, below in pairwise(strips):
        room = below[:, :FEATURES].max() - above[:, :FEATURES].min()
        bases.append(bases[-1] - max(1.0, float(room)) - GAP)
    return bases
