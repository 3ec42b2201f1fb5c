"""Axes to draw on: one look, and colours that the colour-blind can tell apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

INK = "#1f2933"
QUIET = "#5c6773"
FAINT = "#e3e7eb"
PAPER = "#ffffff"
ACCENT = "#c8500a"
REFERENCE = "#0b6e99"

# M. A. Petroff, "Accessible color sequences for data visualization", 2021,
# arXiv:2107.02270: chosen by a survey among sequences that the colour-blind can tell
# apart. A second and third round differ by marker.
COLOURS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
MARKERS = ("o", "^", "s")


def canvas(ax: Axes | None, width: float = 6.4, height: float = 4.0) -> Axes:
    """Return the axes to draw on: those given, or new ones of that size in inches.

    Only without axes is pyplot imported, so that notebooks show the new figure.
    """
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.subplots(figsize=(width, height), layout="constrained")[1]
    return _styled(ax)


def figure_of(ax: Axes) -> Figure | SubFigure:
    """Return the figure that axes lie in."""
    return ax.figure


def bare(ax: Axes) -> Axes:
    """Take away frame, grid and tick marks, for axes that hold a picture."""
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def legend(ax: Axes, handles: Sequence[object] | None = None, *, outside: bool = False) -> None:
    """Draw a legend without a frame, inside where there is room or right of the axes."""
    look: dict[str, Any] = {"fontsize": 9, "frameon": not outside, "labelcolor": INK}
    if outside:
        look |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
    if handles is not None:
        look["handles"] = handles
    ax.legend(**look, framealpha=0.85, edgecolor="none")


def note(ax: Axes, text: str) -> None:
    """Write a remark above the axes, at their left."""
    ax.set_title(text, loc="left", fontsize=9, color=QUIET)


def readable(value: float) -> str:
    """Return a figure with three significant digits, thousands separated."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else "n/a"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.1e}"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def _styled(ax: Axes) -> Axes:
    ax.set_facecolor(PAPER)
    figure_of(ax).set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(QUIET)
    ax.tick_params(colors=QUIET, labelcolor=INK, labelsize=9)
    ax.grid(visible=True, color=FAINT, linewidth=0.8)
    ax.set_axisbelow(True)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=INK, fontsize=10)
    return ax
