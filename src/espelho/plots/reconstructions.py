"""Originals and what came back for them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import ACCENT, FAINT, INK, QUIET, bare, canvas, legend, note, readable
from espelho.plots.images import image_shape, mosaic, pictures

NAMED = 30
PROFILES = 5


def plot_reconstructions(
    X: ArrayLike,
    X_hat: ArrayLike,
    *,
    sample_shape: tuple[int, ...] | None = None,
    names: ArrayLike | None = None,
    n: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Draw the first samples and what an autoencoder gave back for them.

    Pictures are drawn in two rows on one scale, that of the originals, with the squared
    error underneath, summed over the picture. Three channels are drawn in colour, and of
    four the first three, as the last is opacity. Other samples are drawn as
    profiles over their features, each feature by its mean and standard deviation in
    `X`, with the error shaded.

    Parameters
    ----------
    X, X_hat : array-like of shape (n_samples, ...)
        Originals and reconstructions.
    sample_shape : tuple of int, optional
        Shape of one sample where `X` holds flat rows: ``(height, width)`` or
        ``(channels, height, width)``. By default that of `X`.
    names : array-like of shape (d,), optional
        Names of the features. By default the columns of `X`, if it is a table.
    n : int, default=10
        How many samples to draw, of profiles at most five.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there is no sample to draw.
    ShapeError
        If `X` and `X_hat` differ in shape, or do not hold samples of `sample_shape`.
    """
    originals, answers = np.asarray(X), np.asarray(X_hat)
    shape = tuple(originals.shape[1:]) if sample_shape is None else tuple(sample_shape)
    _check(originals, answers, shape, n)
    rows = originals.reshape(len(originals), -1).astype(np.float64)
    others = answers.reshape(len(answers), -1).astype(np.float64)
    if image_shape(shape) is not None:
        return _draw_pictures(rows[:n], others[:n], shape, ax)
    known = getattr(X, "columns", ()) if names is None else np.asarray(names)
    if len(known) not in (0, rows.shape[1]):
        raise ShapeError(f"There are {len(known)} names for {rows.shape[1]} features.")
    return _draw_profiles(rows, others, [str(name) for name in known], n, ax)


def _check(X: NDArray[Any], X_hat: NDArray[Any], shape: tuple[int, ...], n: int) -> None:
    if X.shape != X_hat.shape:
        raise ShapeError(f"X and X_hat must have one shape, got {X.shape} and {X_hat.shape}.")
    if X.ndim < 2 or X.size == 0 or n < 1:
        raise DataError(f"There is no sample to draw: X has shape {X.shape}, n is {n}.")
    if np.prod(shape) != X[0].size:
        raise ShapeError(f"sample_shape is {shape}, but a sample of X has {X[0].size} elements.")


def _draw_pictures(
    X: NDArray[np.float64], X_hat: NDArray[np.float64], shape: tuple[int, ...], ax: Axes | None
) -> Axes:
    tiles = [pictures(rows, shape) for rows in (X, X_hat)]
    low, high = _scale(tiles[0])
    picture = np.clip((mosaic(tiles) - low) / (high - low), 0, 1)
    ax = bare(canvas(ax, width=max(4.8, 0.9 * len(X)), height=2.5))
    white_gaps = np.where(np.isnan(picture), 1.0, picture)
    ax.imshow(white_gaps, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    height, width = tiles[0].shape[1:3]
    ax.set_yticks([height / 2, picture.shape[0] - height / 2], ["original", "reconstruction"])
    step = (picture.shape[1] - width) / max(1, len(X) - 1)
    errors = [readable(error) for error in np.square(X - X_hat).sum(axis=1)]
    ax.set_xticks([width / 2 - 0.5 + i * step for i in range(len(X))], errors)
    ax.tick_params(labelsize=10.5)
    ax.set_xlabel("squared error of each picture (squared data units)", color=QUIET)
    return ax


def _scale(originals: NDArray[np.float64]) -> tuple[float, float]:
    """Return what is drawn dark and what bright.

    Colours begin at zero where none is negative: only then do their proportions, which
    are their hues, stay as they are.
    """
    low, high = float(originals.min()), float(originals.max())
    if originals.ndim == 4:
        low = min(low, 0.0)
    return low, (high if high > low else low + 1)


def _draw_profiles(
    X: NDArray[np.float64],
    X_hat: NDArray[np.float64],
    names: list[str],
    n: int,
    ax: Axes | None,
) -> Axes:
    shown, d = min(n, len(X), PROFILES), X.shape[1]
    spread = X.std(axis=0)
    mean, spread = X.mean(axis=0), np.where(spread > 0, spread, 1)
    originals, answers = ((rows[:shown] - mean) / spread for rows in (X, X_hat))
    bases = _bases(np.minimum(originals, answers), np.maximum(originals, answers))
    ax = canvas(ax, width=max(6.4, min(d, NAMED) * 0.32), height=1.6 + 0.8 * shown)
    for i in range(shown):
        _draw_profile(ax, originals[i], answers[i], bases[i], last=i == shown - 1)
    ax.set_yticks(bases, [f"sample {i + 1}" for i in range(shown)])
    margin = max(0.3, 0.02 * d)
    ax.set_xlim(-margin, d - 1 + 2 * margin)
    ax.plot(
        [d - 1 + margin] * 2, [bases[0], bases[0] + 1], color=QUIET, lw=4, solid_capstyle="butt"
    )
    _name_features(ax, names, d)
    note(ax, "thin lines: the columns' means; thick bar, top right: one standard deviation")
    legend(ax, outside=True)
    return ax


def _bases(lowest: NDArray[np.float64], highest: NDArray[np.float64]) -> list[float]:
    """Return heights at which profiles do not touch, from zero downwards."""
    steps = np.maximum(1, highest[1:].max(axis=1) - lowest[:-1].min(axis=1)) + 0.5
    return [0.0, *(float(base) for base in -np.cumsum(steps))]


def _draw_profile(
    ax: Axes,
    original: NDArray[np.float64],
    answer: NDArray[np.float64],
    base: float,
    *,
    last: bool,
) -> None:
    place = np.arange(len(original))
    marker = 4 if len(original) <= NAMED else 0
    labels = ("original", "reconstruction") if last else (None, None)
    ax.axhline(base, color=QUIET, linewidth=0.8)
    ax.fill_between(place, base + original, base + answer, color=ACCENT, alpha=0.15, linewidth=0)
    ax.plot(place, base + original, "o-", color=INK, ms=marker, lw=1.4, label=labels[0])
    ax.plot(place, base + answer, "s--", color=ACCENT, ms=marker, lw=1.4, label=labels[1])


def _name_features(ax: Axes, names: list[str], d: int) -> None:
    ax.grid(visible=True, axis="x", color=FAINT)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    if d > NAMED:
        ax.set_xlabel("feature, by number")
        return
    labels = names or [str(i + 1) for i in range(d)]
    crowded = sum(map(len, labels)) > 60
    ax.set_xticks(
        range(d), labels, rotation=40 * crowded, ha="right" if crowded else "center", fontsize=9
    )
    ax.set_xlabel("feature" if names else "feature, by number")
