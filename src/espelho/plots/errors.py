"""Where reconstruction errors lie: over samples, and over features."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import ACCENT, COLOURS, INK, bare, canvas, figure_of, legend, note
from espelho.plots.canvas import readable as figure
from espelho.plots.images import channel_axis, image_shape

TOP = 20
HEAT_MAP = 30
MAX_BINS = 60
UNIT = "squared data units"


def plot_error_histogram(errors: ArrayLike, ax: Axes | None = None, *, unit: str = UNIT) -> Axes:
    """Draw how reconstruction errors are spread over samples.

    Parameters
    ----------
    errors : array-like of shape (n_samples,)
        One error for each sample; what is not finite is left out.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    unit : str, default="squared data units"
        What they are measured in.

    Returns
    -------
    matplotlib Axes
        With the median and the 95th percentile marked. The axis of errors is
        logarithmic if the largest is more than 100 times the median.

    Raises
    ------
    DataError
        If no error is finite.
    """
    values = _finite(errors)
    ax = canvas(ax)
    median, high = (float(q) for q in np.quantile(values, (0.5, 0.95)))
    logarithmic = bool(values.min() > 0 and values.max() > 100 * median)
    edges = _edges(values, logarithmic=logarithmic).tolist()
    ax.hist(values, edges, color=COLOURS[0], edgecolor="white", lw=0.5)
    ax.set_xscale("log" if logarithmic else "linear")
    ax.axvline(median, color=INK, lw=1.6, label=f"median {figure(median)}")
    ax.axvline(high, color=ACCENT, lw=1.6, ls="--", label=f"95th percentile {figure(high)}")
    ax.set(xlabel=f"reconstruction error of a sample ({unit})", ylabel="samples")
    legend(ax)
    return ax


def plot_feature_errors(
    errors: ArrayLike,
    names: ArrayLike | None = None,
    ax: Axes | None = None,
    sample_shape: tuple[int, ...] | None = None,
    *,
    unit: str = UNIT,
) -> Axes:
    """Draw the mean reconstruction error of each feature.

    Parameters
    ----------
    errors : array-like of shape (d,)
        One error for each element of a sample, a mean over samples.
    names : array-like of shape (d,), optional
        Names of the features; by default their numbers.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    sample_shape : tuple of int, optional
        Of samples with the shape of a picture and more than 30 elements a heat map is
        drawn, of others bars for the 20 largest errors.
    unit : str, default="squared data units"
        What they are measured in.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If no error is finite.
    ShapeError
        If names, or the elements of `sample_shape`, are not as many as errors.
    """
    values = np.asarray(errors, dtype=np.float64).reshape(-1)
    _finite(values)
    labels = [f"feature {i + 1}" for i in range(len(values))]
    labels = labels if names is None else [str(name) for name in np.asarray(names)]
    if len(labels) != len(values):
        raise ShapeError(f"There are {len(labels)} names for {len(values)} errors.")
    if len(values) > HEAT_MAP and sample_shape and image_shape(sample_shape):
        return _draw_heat_map(values, tuple(sample_shape), ax, unit)
    return _draw_bars(values, labels, ax, unit)


def _finite(errors: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(errors, dtype=np.float64).reshape(-1)
    values = values[np.isfinite(values)]
    if not len(values):
        raise DataError("There is no finite reconstruction error to draw.")
    return values


def _edges(values: NDArray[np.float64], *, logarithmic: bool) -> NDArray[np.float64]:
    scaled = np.log10(values) if logarithmic else values
    low, high = float(scaled.min()), float(scaled.max())
    if high - low <= 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    bins = min(MAX_BINS, max(5, int(2 * np.cbrt(len(values)))))
    edges = np.linspace(low, high, bins + 1)
    edges = np.power(10.0, edges) if logarithmic else edges
    edges[0], edges[-1] = min(edges[0], values.min()), max(edges[-1], values.max())
    return edges


def _draw_heat_map(
    values: NDArray[np.float64], shape: tuple[int, ...], ax: Axes | None, unit: str
) -> Axes:
    if np.prod(shape) != len(values):
        raise ShapeError(f"sample_shape is {shape}, but there are {len(values)} errors.")
    axis = channel_axis(shape)
    picture = values.reshape(shape) if axis is None else values.reshape(shape).mean(axis=axis)
    ax = bare(canvas(ax, width=5.2, height=4.2))
    drawn = ax.imshow(picture, cmap="viridis", vmin=min(0.0, float(picture.min())))
    ax.set(xlabel="column of pixels", ylabel="row of pixels")
    bar = figure_of(ax).colorbar(drawn, ax=ax, label=f"mean error of a pixel ({unit})")
    bar.outline.set_visible(False)
    return ax


def _draw_bars(values: NDArray[np.float64], labels: list[str], ax: Axes | None, unit: str) -> Axes:
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")[:TOP]
    ax = canvas(ax, width=6.4, height=1.2 + 0.24 * len(order))
    bars = ax.barh(range(len(order)), values[order], color=COLOURS[0], height=0.72)
    ax.bar_label(bars, [figure(value) for value in values[order]], padding=3, fontsize=8.5)
    ax.set_yticks(range(len(order)), [_short(labels[i]) for i in order])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.12, y=0.02)
    ax.set_xlabel(f"mean error of a feature ({unit})")
    if len(values) > TOP:
        note(ax, f"the {TOP} largest of {len(values):,} features")
    return ax


def _short(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"
