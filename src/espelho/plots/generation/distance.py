"""How far samples are from data, while a generator learns."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from espelho.errors import DataError
from espelho.plots.canvas import ACCENT, COLOURS, canvas, note, readable
from espelho.plots.losses import MEASURED, Losses

WORDS = {"squared_mmd": "unbiased MMD²"}


def distances(history: Losses) -> list[str]:
    """Return the names of the figures that compare samples with data."""
    return [name for name in history.figures if name.startswith(MEASURED)]


def plot_distance(history: Losses, ax: Axes | None = None) -> Axes:
    """Draw how far samples were from data after each epoch that was measured.

    The smallest distance is marked: it is that of the weights which are kept as the best.
    What rises again after it is a collapse, or what the generator has learned by heart.

    Parameters
    ----------
    history : History
        A fitted generator's `history_`, of one with ``keep="best"``.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If no distance was recorded.
    """
    names = distances(history)
    if not names:
        raise DataError(
            "The history holds no distance of samples from data: it is recorded with keep='best'."
        )
    ax = canvas(ax)
    epochs, values = measured(history, names[0])
    ax.plot(epochs, values, "-o", color=COLOURS[0], linewidth=1.8, ms=3.5)
    best = int(values.argmin())
    ax.plot(epochs[best], values[best], "o", color=ACCENT, markeredgecolor="white", ms=9)
    if values.min() > 0 and values.max() > 10 * values.min():
        ax.set_yscale("log")
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    term = names[0].removeprefix(MEASURED)
    ax.set_ylabel(f"{WORDS.get(term, term.replace('_', ' '))} of samples and data")
    note(ax, f"smallest {readable(float(values[best]))}, in epoch {epochs[best]}")
    return ax


def measured(history: Losses, name: str) -> tuple[Any, Any]:
    """Return the epochs for which a figure was recorded, and the figure."""
    values = history[name]
    known = np.isfinite(values)
    return np.arange(1, len(values) + 1)[known], values[known]
