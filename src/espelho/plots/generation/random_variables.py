"""How random variables are drawn: by inversion, by rejection, by a map."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from espelho.errors import ShapeError
from espelho.plots.canvas import ACCENT, COLOURS, INK, QUIET, canvas
from espelho.random_variables.monotone import Monotone
from espelho.random_variables.quantile import uniform
from espelho.random_variables.rejection import Rejection
from espelho.random_variables.sampler import (
    RandomState,
    as_generator,
    check_count,
    density_of,
)

__all__ = ["plot_inverse_transform", "plot_rejection", "plot_transformation"]

Floats = NDArray[np.float64]

GRID = 1001
TAIL = 0.005
"""Share of the draws that is left out of the picture at each end."""
FENCE = 3.0
"""How many interquartile ranges beyond the quartiles the picture goes at most."""
FOLLOWED = 24
DEPTH = 0.45
"""Height of the tallest bar below the axis of probabilities."""
BANDS = 8
MARGIN = 0.34
"""Height of the densities beside a map, as a share of its own."""
BINS = 50
FEW = 40


class Invertible(Protocol):
    """A variable of numbers that knows its quantiles."""

    def quantile(self, probabilities: Any, /) -> Any:
        """Return the quantiles of probabilities."""


def plot_inverse_transform(
    variable: Invertible,
    n: int = 5000,
    *,
    random_state: RandomState = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw how uniform numbers become a variable by way of its distribution function.

    Parameters
    ----------
    variable : InverseTransform, InverseCDF, Empirical or Discrete
        A variable of numbers.
    n : int, default=5000
        How many draws the histogram is made of; the first 24 of them are followed.
    random_state : int, Generator, RandomState or None, default=0
        What they are drawn from.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes
        Probabilities go up from 0 to 1; the histogram hangs below 0.
    """
    u = uniform((check_count(n),), random_state)
    grid = np.linspace(TAIL, 1 - TAIL, GRID)
    values, curve = (np.asarray(variable.quantile(p), dtype=np.float64) for p in (u, grid))
    ax = canvas(ax, height=4.8)
    edges = _edges(values)
    low, high = edges[0], edges[-1]
    ax.plot(curve, grid, color=INK, lw=1.8, label="distribution function")
    for x, p in zip(values[:FOLLOWED], u[:FOLLOWED], strict=True):
        ax.plot([low, x, x], [p, p, 0], color=COLOURS[0], lw=0.8, alpha=0.7)
    start, starts = np.full(len(u[:FOLLOWED]), low), u[:FOLLOWED]
    ax.plot(start, starts, "o", color=COLOURS[0], ms=5, clip_on=False, label="uniform numbers")
    _hang(ax, values, edges, f"{n:,} draws")
    ax.axhline(0, color=QUIET, lw=0.8)
    ax.set(xlim=(low, high), ylim=(-1.1 * DEPTH, 1.0), xlabel="value", ylabel="probability")
    ax.set_yticks(np.linspace(0, 1, 6))
    _legend_above(ax)
    return ax


def plot_rejection(
    variable: Rejection,
    n: int = 1000,
    *,
    random_state: RandomState = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw proposals as points below the bound, and which of them are accepted.

    Parameters
    ----------
    variable : Rejection
        A variable of numbers.
    n : int, default=1000
        How many proposals to draw.
    random_state : int, Generator, RandomState or None, default=0
        What they are drawn from.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes
        Each proposal x stands at a height that is uniform between 0 and M g(x); those below
        f(x) are accepted.

    Raises
    ------
    ShapeError
        If samples are more than single numbers.
    """
    generator = as_generator(random_state)
    drawn = np.asarray(variable.proposal.sample(check_count(n), random_state=generator))
    x = _numbers(drawn)
    density_g = density_of(variable.proposal, variable.proposal_density, "proposal_density")
    heights = generator.random(n) * variable.bound * np.reshape(density_g(drawn), -1)
    accepted = heights < np.reshape(variable.density(drawn), -1)
    ax = canvas(ax, height=4.6)
    look: dict[str, Any] = {"s": 14, "linewidths": 0, "alpha": 0.8}
    for chosen, colour, word in (
        (~accepted, COLOURS[3], "rejected"),
        (accepted, ACCENT, "accepted"),
    ):
        label = f"{chosen.sum():,} {word}"
        ax.scatter(x[chosen], heights[chosen], color=colour, label=label, **look)
    low, high = _limits(x)
    grid = np.linspace(low, high, GRID)
    rows = grid.reshape(-1, *drawn.shape[1:])
    ceiling = variable.bound * np.reshape(density_g(rows), -1)
    ax.plot(grid, np.reshape(variable.density(rows), -1), color=INK, lw=2, label="density f")
    ax.plot(grid, ceiling, "--", color=INK, lw=1.4, label="bound M times proposal g")
    ax.set(xlim=(low, high), ylim=(0, 1.04 * ceiling.max()), xlabel="value", ylabel="density")
    _legend_above(ax)
    return ax


def plot_transformation(
    variable: Monotone,
    n: int = 20_000,
    *,
    random_state: RandomState = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw a monotone map, with the density of its base above and its own at the right.

    Parameters
    ----------
    variable : Monotone
        The variable.
    n : int, default=20000
        How many draws the histograms are made of.
    random_state : int, Generator, RandomState or None, default=0
        What they are drawn from.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes
        Lines divide the draws into eight equal parts, before and after: where the map
        spreads them, the density is low.
    """
    drawn = np.asarray(variable.base.sample(check_count(n), random_state=random_state))
    density = density_of(variable.base, variable.base_density, "base_density")
    base = _Side(_numbers(drawn))
    own = _Side(_numbers(np.asarray(variable.function(drawn))))
    ax = canvas(ax, width=6.2, height=5.4)
    cuts = np.quantile(base.values, np.arange(1, BANDS) / BANDS)
    mapped = variable.function(cuts)
    for cut, end in zip(cuts, mapped, strict=True):
        path = [cut, cut, base.limits[1]], [own.limits[1], end, end]
        ax.plot(*path, color=COLOURS[0], lw=0.9, alpha=0.8)
    within = base.grid[(base.grid >= drawn.min()) & (base.grid <= drawn.max())]
    ax.plot(within, variable.function(within), color=INK, lw=1.8)
    above = canvas(ax.inset_axes((0, 1.03, 1, MARGIN), sharex=ax))
    beside = canvas(ax.inset_axes((1.03, 0, MARGIN, 1), sharey=ax))
    shape = (-1, *drawn.shape[1:])
    base.draw(above, np.reshape(density(base.grid.reshape(shape)), -1), "vertical")
    own.draw(beside, variable.density(own.grid), "horizontal")
    above.vlines(cuts, 0, 1, transform=above.get_xaxis_transform(), color=COLOURS[0], lw=0.9)
    beside.hlines(mapped, 0, 1, transform=beside.get_yaxis_transform(), color=COLOURS[0], lw=0.9)
    ax.set(xlim=base.limits, ylim=own.limits, xlabel="base x", ylabel="variable y = h(x)")
    return ax


class _Side(NamedTuple):
    """Numbers on one side of a map."""

    values: Floats

    @property
    def limits(self) -> tuple[float, float]:
        return _limits(self.values)

    @property
    def grid(self) -> Floats:
        return np.linspace(*self.limits, GRID)

    def draw(self, ax: Axes, density: Floats, orientation: Any) -> None:
        """Draw the density and a histogram, upwards or to the right, without a scale."""
        edges = np.linspace(*self.limits, BINS + 1)
        counts, _ = np.histogram(self.values, edges)
        heights = counts / (len(self.values) * np.diff(edges))
        ax.stairs(heights, edges, fill=True, color=COLOURS[1], alpha=0.6, orientation=orientation)
        # Some densities have a pole.
        ends = 0, 1.1 * max(heights.max(), min(density.max(), 1.5 * heights.max()))
        if orientation == "vertical":
            ax.plot(self.grid, density, color=INK, lw=1.5)
            ax.set(ylim=ends, ylabel="density", yticks=[])
        else:
            ax.plot(density, self.grid, color=INK, lw=1.5)
            ax.set(xlim=ends, xlabel="density", xticks=[])
        ax.grid(visible=False)
        ax.tick_params(labelbottom=False, labelleft=False, length=0)


def _numbers(drawn: NDArray[Any]) -> Floats:
    if drawn.size != len(drawn):
        raise ShapeError(
            f"Only variables of single numbers can be drawn, got samples of {drawn.shape[1:]}."
        )
    return np.asarray(drawn, dtype=np.float64).reshape(-1)


def _limits(values: Floats) -> tuple[float, float]:
    """Return where most of the values lie, also if some lie very far away."""
    low, first, third, high = np.quantile(values, (TAIL, 0.25, 0.75, 1 - TAIL))
    reach = FENCE * (third - first)
    if reach > 0:
        low, high = max(low, first - reach), min(high, third + reach)
    room = 0.03 * (high - low) or 0.5
    return float(low - room), float(high + room)


def _edges(values: Floats) -> Floats:
    """Return edges of bars: around each value where there are few of them, else even ones."""
    different = np.unique(values)
    if len(different) > FEW:
        return np.linspace(*_limits(values), BINS + 1)
    half = 0.4 * np.diff(different).min() if len(different) > 1 else 0.4
    return np.column_stack([different - half, different + half]).ravel()


def _hang(ax: Axes, values: Floats, edges: Floats, label: str) -> None:
    counts, _ = np.histogram(values, edges)
    look: dict[str, Any] = {"color": COLOURS[1], "edgecolor": "white", "lw": 0.5, "label": label}
    ax.bar(edges[:-1], -DEPTH * counts / counts.max(), np.diff(edges), align="edge", **look)


def _legend_above(ax: Axes) -> None:
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=2,
        fontsize=9,
        frameon=False,
        labelcolor=INK,
    )
