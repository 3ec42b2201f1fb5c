"""Anomalies: scores around a threshold, and what made a row an outlier."""

from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, SettingError
from espelho.plots.canvas import ACCENT, COLOURS, FAINT, INK, bare, canvas, figure_of, legend, note
from espelho.plots.canvas import readable as figure
from espelho.plots.images import image_shape, pictures

TOP = 12
HEAT_MAP = 30
BINS = 60
ABOVE, BELOW = COLOURS[2], COLOURS[0]
CURVES = 3
_WIDE = 100


class Reasons(Protocol):
    """What is drawn of an explanation, as `AnomalyDetector.explain` returns it."""

    @property
    def scores(self) -> NDArray[np.float64]:
        """Scores of the rows."""

    @property
    def expected(self) -> Any:
        """What was expected of each."""

    @property
    def residuals(self) -> Any:
        """By how much they differ from that."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def shares(self, row: int) -> NDArray[np.float64]:
        """Return the share of each element in a row's strangeness."""

    def largest(self, row: int, n: int = 5) -> list[Any]:
        """Return the features that add most."""


def plot_scores(scores: ArrayLike, threshold: float, ax: Axes | None = None) -> Axes:
    """Draw how strange rows are, and from where on they are outliers.

    Parameters
    ----------
    scores : array-like of shape (n_samples,)
        Scores of a detector: the lower, the stranger.
    threshold : float
        Its ``offset_``: rows that score less are outliers.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes
        A histogram of the strangeness, minus the score, whose axis is logarithmic if the
        largest is more than 100 times the median.

    Raises
    ------
    DataError
        If no score is finite.
    """
    strangeness = -np.asarray(scores, dtype=np.float64).reshape(-1)
    strangeness = strangeness[np.isfinite(strangeness)]
    if not len(strangeness):
        raise DataError("There is no finite score to draw.")
    ax = canvas(ax)
    low, high = float(strangeness.min()), float(strangeness.max())
    logarithmic = low > 0 and high > _WIDE * float(np.median(strangeness))
    ends = (low, high) if high > low else (low - 0.5, high + 0.5)
    edges = np.geomspace(*ends, BINS + 1) if logarithmic else np.linspace(*ends, BINS + 1)
    outlying = strangeness > -threshold
    n = int(outlying.sum())
    parts, colours = [strangeness[~outlying], strangeness[outlying]], [COLOURS[0], ACCENT]
    labels = [f"{len(strangeness) - n:,} others", f"{n:,} outliers"]
    ax.hist(parts, edges.tolist(), stacked=True, color=colours, label=labels)
    ax.axvline(-threshold, color=INK, lw=1.6, ls="--", label=f"threshold {figure(-threshold)}")
    ax.set_xscale("log" if logarithmic else "linear")
    ax.set_yscale("log")  # so that a single outlier is seen beside thousands
    ax.set_ylim(bottom=0.7)
    ax.set(xlabel="strangeness of a row (minus its score)", ylabel="rows")
    legend(ax)
    return ax


def plot_contributions(
    why: Reasons,
    row: int,
    ax: Axes | None = None,
    *,
    n: int = TOP,
    sample_shape: tuple[int, ...] | None = None,
    sequence: bool = False,
    name: str | None = None,
) -> Axes:
    """Draw what made a row an outlier.

    Of a table bars: the share of each column in the row's strangeness, to the right where the
    value is more than was expected and to the left where it is less, with both. Of an image a
    heat map of these shares. Of a sequence its curves, what was expected of them, and behind
    them where the strangeness lies.

    Parameters
    ----------
    why : Explanation
        What `AnomalyDetector.explain` returns.
    row : int
        Number of the row.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    n : int, default=12
        How many columns to draw, those with the largest shares.
    sample_shape : tuple of int, optional
        Shape of a sample, where rows are flat images.
    sequence : bool, default=False
        Whether samples are sequences ``(time,)`` or ``(time, features)``.
    name : str, optional
        What the row is called; by default its number.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SettingError
        If there is no such row.
    """
    if not 0 <= row < len(why):
        raise SettingError(f"row must be from 0 to {len(why) - 1}, got {row}.")
    shape = np.shape(why.residuals[row]) if sample_shape is None else tuple(sample_shape)
    if sequence:
        ax = _draw_curves(why, row, ax)
    elif np.prod(shape) > HEAT_MAP and image_shape(shape):
        ax = _draw_picture(why, row, ax, shape)
    else:
        ax = _draw_bars(why, row, ax, n)
    values = "" if sequence or ax.images else ": value (expected)"
    note(ax, f"{name or f'row {row}'}, score {figure(why.scores[row])}{values}")
    return ax


def plot_score_series(
    scores: ArrayLike,
    threshold: float,
    ax: Axes | None = None,
    *,
    times: ArrayLike | None = None,
    known: ArrayLike | None = None,
) -> Axes:
    """Draw how strange the points of a series are, and which are outliers.

    Parameters
    ----------
    scores, threshold
        As in `plot_scores`, of points in order.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    times : array-like of shape (n_samples,), optional
        When each point was, numbers or dates; its number by default.
    known : array-like of bool of shape (n_samples,), optional
        Which points are known to be outliers: they are drawn on grey.

    Returns
    -------
    matplotlib Axes
        The axis of the strangeness is logarithmic if all of it is positive and the largest is more
        than 100 times the median.

    Raises
    ------
    DataError
        If there are not as many times, or known ones, as scores.
    """
    strangeness = -np.asarray(scores, dtype=np.float64).reshape(-1)
    at = np.arange(len(strangeness)) if times is None else np.asarray(times)
    marked = np.zeros(len(strangeness), bool) if known is None else np.asarray(known, dtype=bool)
    if not len(strangeness) == len(at) == len(marked):
        raise DataError(
            f"Of {len(strangeness)} scores there must be as many times and known outliers, got "
            f"{len(at)} and {len(marked)}."
        )
    ax = canvas(ax, width=7.6, height=2.6)
    _shade(ax, at, marked)
    ax.plot(at, strangeness, color=COLOURS[0], lw=1.0)
    out = strangeness > -threshold
    ax.plot(at[out], strangeness[out], ".", color=ACCENT, label=f"{int(out.sum()):,} outliers")
    ax.axhline(-threshold, color=INK, lw=1.2, ls="--", label=f"threshold {figure(-threshold)}")
    if strangeness.min() > 0 and strangeness.max() > _WIDE * np.median(strangeness):
        ax.set_yscale("log")
    ax.set(xlabel="point" if times is None else "time", ylabel="strangeness")
    legend(ax)
    return ax


def _shade(ax: Axes, at: NDArray[Any], marked: NDArray[np.bool_]) -> None:
    """Draw grey behind runs of points that are marked."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    for number, (start, stop) in enumerate(zip(edges[::2], edges[1::2] - 1, strict=True)):
        label = "known outliers" if number == 0 else None
        ax.axvspan(at[start], at[stop], color=FAINT, lw=0, zorder=0, label=label)


def _signed(why: Reasons, row: int) -> NDArray[np.float64]:
    """Return the shares of a row's elements in percent, negative where a value is too small."""
    signs = np.sign(np.asarray(why.residuals[row], dtype=np.float64))
    found: NDArray[np.float64] = 100 * signs * why.shares(row)
    return found


def _draw_bars(why: Reasons, row: int, ax: Axes | None, n: int) -> Axes:
    found = why.largest(row, n)
    signs = [1 if c.value >= c.expected else -1 for c in found]
    lengths = [sign * 100 * c.share for sign, c in zip(signs, found, strict=True)]
    ax = canvas(ax, width=6.8, height=1.3 + 0.28 * len(found))
    colours = [ABOVE if sign > 0 else BELOW for sign in signs]
    bars = ax.barh(range(len(found)), lengths, color=colours, height=0.72)
    said = [f"{figure(c.value)} ({figure(c.expected)})" for c in found]
    ax.bar_label(bars, said, padding=3, fontsize=8.5)
    ax.set_yticks(range(len(found)), [_short(c.name) for c in found])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.axvline(0, color=INK, lw=0.8)
    widest = max(map(abs, lengths), default=1.0) or 1.0
    room = 1.5 * widest
    ax.set_xlim(
        -room if min(signs, default=1) < 0 else 0, room if max(signs, default=1) > 0 else 0
    )
    ax.xaxis.set_major_formatter(lambda share, _: f"{abs(share):.3g}")
    ax.set_xlabel("share of the strangeness (%), blue: less than expected")
    return ax


def _draw_picture(why: Reasons, row: int, ax: Axes | None, shape: tuple[int, ...]) -> Axes:
    shares = pictures(_signed(why, row).reshape(1, -1), shape)[0]
    shares = shares.mean(axis=-1) if shares.ndim > len(("height", "width")) else shares
    ax = bare(canvas(ax, width=5.2, height=4.2))
    limit = float(np.abs(shares).max()) or 1.0
    drawn = ax.imshow(shares, cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set(xlabel="column of pixels", ylabel="row of pixels")
    label = "share (%), blue: less than expected"
    figure_of(ax).colorbar(drawn, ax=ax, label=label).outline.set_visible(False)
    return ax


def _draw_curves(why: Reasons, row: int, ax: Axes | None) -> Axes:
    expected, residual, shares = (
        np.asarray(part, dtype=np.float64).reshape(len(part), -1)
        for part in (why.expected[row], why.residuals[row], why.shares(row))
    )
    ax = canvas(ax, width=7.6, height=3.4)
    steps, by_step = np.arange(len(shares)), np.clip(shares.sum(axis=1), 0, None)
    behind = ax.twinx()
    behind.bar(steps, 100 * by_step, width=1.0, color=ACCENT, alpha=0.25)
    behind.set_ylabel("share of the strangeness (%)", color=ACCENT, fontsize=9)
    behind.spines[["top", "left"]].set_visible(False)
    order = np.argsort(-shares.sum(axis=0), kind="stable")[:CURVES]
    for place, feature in enumerate(order):
        colour = INK if shares.shape[1] == 1 else COLOURS[place]
        name = "" if shares.shape[1] == 1 else f" of feature {feature}"
        values = expected[:, feature] + residual[:, feature]
        ax.plot(steps, values, color=colour, lw=1.4, label=f"value{name}")
        ax.plot(steps, expected[:, feature], ":", color=colour, lw=1.4, label=f"expected{name}")
    ax.set_zorder(behind.get_zorder() + 1)
    ax.patch.set_visible(False)
    ax.set_xlabel("step")
    legend(ax)
    return ax


def _short(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"
