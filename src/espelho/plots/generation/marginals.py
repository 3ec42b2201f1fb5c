"""Features one by one: where data lies, and where samples do."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import ACCENT, INK, canvas, legend

LEVELS = (5, 25, 50, 75, 95)
OFFSET = 0.16


def plot_marginals(
    X: ArrayLike,
    samples: ArrayLike,
    *,
    names: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the middle of each feature, in data and in samples.

    A thick bar is the middle half, a thin one the middle nine tenths, a dot the median; in
    standard deviations of the data from its mean, so that all features fit on one axis.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Data.
    samples : array-like of shape (n_samples, d)
        What was drawn to be like it.
    names : array-like of shape (d,), optional
        Names of the features. By default the columns of `X`, if it is a table.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there is nothing to draw.
    ShapeError
        If ``X``, ``samples`` and ``names`` differ in the number of features.
    """
    data, drawn = (np.asarray(part, dtype=np.float64) for part in (X, samples))
    known = getattr(X, "columns", ()) if names is None else np.asarray(names)
    _check(data, drawn, len(known))
    d = data.shape[1]
    labels = [str(name) for name in known] or [str(i + 1) for i in range(d)]
    ax = canvas(ax, width=5.4, height=1.2 + 0.34 * d)
    deviation = data.std(axis=0)
    mean, deviation = data.mean(axis=0), np.where(deviation > 0, deviation, 1)
    for part, colour, label, offset in (
        (data, INK, "data", -OFFSET),
        (drawn, ACCENT, "samples", OFFSET),
    ):
        _draw_bars(ax, (part - mean) / deviation, offset, colour, label)
    ax.set_yticks(range(d), labels)
    ax.set_ylim(d - 0.5, -0.5)
    ax.set_xlabel("standard deviations from the mean of the data")
    legend(ax, outside=True)
    return ax


def _draw_bars(
    ax: Axes, values: NDArray[np.float64], offset: float, colour: str, label: str
) -> None:
    places = [feature + offset for feature in range(values.shape[1])]
    low, first, median, third, high = np.percentile(values, LEVELS, axis=0)
    ax.hlines(places, low, high, color=colour, lw=1.2)
    ax.hlines(places, first, third, color=colour, lw=4.5, label=label)
    ax.plot(median, places, "o", ms=4.5, mfc="white", mec=colour, mew=1.2)


def _check(data: NDArray[np.float64], drawn: NDArray[np.float64], n_names: int) -> None:
    if data.ndim != 2 or drawn.ndim != 2 or not data.size or not drawn.size:
        raise DataError(
            f"X and samples must hold rows of features, got shapes {data.shape} and {drawn.shape}."
        )
    d = data.shape[1]
    if drawn.shape[1] != d or n_names not in (0, d):
        raise ShapeError(
            f"X, samples and names must agree in the number of features, got {d}, "
            f"{drawn.shape[1]} and {n_names or 'no'} names."
        )
