"""Maps of codes."""

from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import COLOURS, INK, MARKERS, QUIET, canvas, figure_of, legend, note

MAX_POINTS = 5000
MAX_CLASSES = 20
MAX_NAMED = 12
MAX_LETTERS = 12
REST = "#d5d9dd"
OTHERS = "others"


def plot_latent(
    Z: ArrayLike,
    y: ArrayLike | None = None,
    ax: Axes | None = None,
    *,
    drawn: ArrayLike | None = None,
) -> Axes:
    """Draw a map of codes.

    Codes of two numbers are drawn as they are; of more, by their two principal
    components, with the explained share of variance at the axes; of one, as a
    histogram, or a strip for each class. Of more than 5,000 codes so many are drawn,
    always the same.

    Parameters
    ----------
    Z : array-like of shape (n_samples, latent_dim)
        Codes.
    y : array-like of shape (n_samples,), optional
        Labels. At most 20 different ones are classes, each with a colour and, from the
        eleventh, a marker of its own; of more classes the 19 largest are. Numbers with
        more than 20 different values, or with fractions, are shown on a colour bar.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    drawn : array-like of shape (n_drawn, latent_dim), optional
        Codes that new samples are made of: rings in the same plane, or strokes
        below.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there are no codes, or codes that are not finite.
    ShapeError
        If `Z` and `y` differ in length, or `Z` and `drawn` in width.
    """
    codes = np.asarray(Z, dtype=np.float64)
    codes = codes.reshape(len(codes), -1) if codes.size else codes
    labels = None if y is None else np.asarray(y).reshape(-1)
    _check(codes, labels)
    others = _others(drawn, codes.shape[1])
    ax = canvas(ax, width=6.4, height=4.8)
    index = _drawn(ax, len(codes))
    labels = None if labels is None else labels[index]
    if codes.shape[1] == 1:
        return _draw_strokes(_draw_line(ax, codes[index, 0], labels), others[:, 0])
    points, axes = _plane(np.concatenate([codes, others]), len(codes))
    ax.set(xlabel=axes[0], ylabel=axes[1])
    return _draw_plane(_draw_rings(ax, points[len(codes) :]), points[index], labels)


def _check(codes: NDArray[np.float64], labels: NDArray[Any] | None) -> None:
    if codes.size == 0 or not np.isfinite(codes).all():
        raise DataError(f"There must be codes, all finite; got shape {codes.shape}.")
    if labels is not None and len(labels) != len(codes):
        raise ShapeError(f"y must have a label per code, got {len(labels)} for {len(codes)}.")


def _others(drawn: ArrayLike | None, width: int) -> NDArray[np.float64]:
    others = np.empty((0, width)) if drawn is None else np.asarray(drawn, dtype=np.float64)
    if others.shape[1:] != (width,):
        raise ShapeError(f"drawn must be codes of width {width}, got shape {others.shape}.")
    return others


def _draw_rings(ax: Axes, points: NDArray[np.float64]) -> Axes:
    if len(points):
        _add_note(ax, "rings: codes of new samples")
        size = _size(len(points))
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": QUIET, "linewidths": 0.7}
        ax.scatter(points[:, 0], points[:, 1], s=size, **look)
    return ax


def _draw_strokes(ax: Axes, values: NDArray[np.float64]) -> Axes:
    if len(values):
        _add_note(ax, "strokes below: codes of new samples")
        below: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "clip_on": False}
        ax.plot(values, np.full(len(values), -0.02), "|", color=INK, ms=7, alpha=0.3, **below)
    return ax


def _add_note(ax: Axes, text: str) -> None:
    note(ax, "; ".join(part for part in (ax.get_title(loc="left"), text) if part))


def _drawn(ax: Axes, n: int) -> NDArray[np.intp]:
    if n <= MAX_POINTS:
        return np.arange(n)
    note(ax, f"{MAX_POINTS:,} of {n:,} samples, drawn at random")
    return np.random.default_rng(0).permutation(n)[:MAX_POINTS]


def _plane(
    points: NDArray[np.float64], n_codes: int
) -> tuple[NDArray[np.float64], tuple[str, str]]:
    """Return points in the plane of the first of them, which are codes, and its axes."""
    width, codes = points.shape[1], points[:n_codes]
    if width == 2:
        return points, ("code 1", "code 2")
    if len(codes) < 2 or not codes.std(axis=0).any():
        return points[:, :2], (f"code 1 of {width}", f"code 2 of {width}")
    pca = PCA(2, svd_solver="full").fit(codes)
    shares = [f"{100 * share:.0f} %" for share in pca.explained_variance_ratio_]
    first, second = (
        f"principal component {i + 1} of {width} ({share} of variance)"
        for i, share in enumerate(shares)
    )
    return pca.transform(points), (first, second)


def _is_continuous(labels: NDArray[Any]) -> bool:
    if labels.dtype.kind not in "iuf":
        return False
    known = labels[np.isfinite(labels)]
    return len(np.unique(known)) > MAX_CLASSES or bool((known != np.round(known)).any())


def _classes(labels: NDArray[Any]) -> tuple[list[str], NDArray[np.intp]]:
    """Return the names of at most 20 classes and which of them each label is."""
    values = labels if labels.dtype.kind in "biuf" else labels.astype(str)
    names, which, sizes = np.unique(values, return_inverse=True, return_counts=True)
    words = [f"{name:g}" if names.dtype.kind == "f" else str(name) for name in names]
    if len(words) <= MAX_CLASSES:
        return words, which
    kept = np.sort(np.argsort(-sizes, kind="stable")[: MAX_CLASSES - 1])
    place = np.full(len(words), MAX_CLASSES - 1)
    place[kept] = np.arange(MAX_CLASSES - 1)
    others = f"{len(words) - len(kept)} {OTHERS}"
    return [*(words[i] for i in kept), others], place[which]


def _size(n: int) -> float:
    return float(np.clip(4000 / n, 7, 36))


def _draw_plane(ax: Axes, points: NDArray[np.float64], labels: NDArray[Any] | None) -> Axes:
    size = _size(len(points))
    style: dict[str, Any] = {"linewidths": 0, "alpha": 0.75}
    if labels is None:
        ax.scatter(points[:, 0], points[:, 1], s=size, color=COLOURS[0], **style)
        return ax
    if _is_continuous(labels):
        return _draw_values(ax, points, labels, size)
    names, which = _classes(labels)
    for i, name in enumerate(names):
        own = points[which == i]
        colour, marker = _look(i, name)
        ax.scatter(own[:, 0], own[:, 1], s=size, color=colour, marker=marker, **style)
        if len(names) <= MAX_NAMED and len(name) <= MAX_LETTERS:
            _name_class(ax, name, own)
    legend(ax, [_key(i, name) for i, name in enumerate(names)], outside=True)
    return ax


def _look(i: int, name: str) -> tuple[str, str]:
    if i == MAX_CLASSES - 1 and name.endswith(OTHERS):
        return REST, MARKERS[0]
    return COLOURS[i % len(COLOURS)], MARKERS[i // len(COLOURS)]


def _key(i: int, name: str) -> Line2D:
    colour, marker = _look(i, name)
    text = name if len(name) <= 24 else name[:23] + "…"
    return Line2D([], [], linestyle="", marker=marker, color=colour, ms=7, label=text)


def _name_class(ax: Axes, name: str, points: NDArray[np.float64]) -> None:
    x, y = np.median(points, axis=0)
    text = ax.text(x, y, name, ha="center", va="center", fontsize=11, color=INK, weight="bold")
    text.set_path_effects([patheffects.withStroke(linewidth=3, foreground="white")])


def _draw_values(ax: Axes, points: NDArray[np.float64], labels: NDArray[Any], size: float) -> Axes:
    known = np.isfinite(labels)
    style: dict[str, Any] = {"s": size, "linewidths": 0}
    ax.scatter(points[~known, 0], points[~known, 1], color=REST, **style)
    drawn = ax.scatter(
        points[known, 0], points[known, 1], c=labels[known], cmap="viridis", alpha=0.85, **style
    )
    bar = figure_of(ax).colorbar(drawn, ax=ax, label="y")
    bar.outline.set_visible(False)
    return ax


def _draw_line(ax: Axes, codes: NDArray[np.float64], labels: NDArray[Any] | None) -> Axes:
    ax.set_xlabel("code")
    if labels is None:
        bins = min(60, max(10, int(np.sqrt(len(codes)))))
        ax.hist(codes, bins=bins, color=COLOURS[0], edgecolor="white", linewidth=0.5)
        ax.set_ylabel("samples")
        return ax
    if _is_continuous(labels):
        ax.scatter(codes, labels, s=_size(len(codes)), color=COLOURS[0], linewidths=0, alpha=0.6)
        ax.set_ylabel("y")
        return ax
    names, which = _classes(labels)
    heights = which + np.random.default_rng(0).uniform(-0.35, 0.35, len(which))
    for i in range(len(names)):
        own, (colour, _) = which == i, _look(i, names[i])
        ax.scatter(codes[own], heights[own], s=_size(len(codes)), color=colour, alpha=0.6, lw=0)
        ax.plot([np.median(codes[own])] * 2, [i - 0.42, i + 0.42], color=INK, linewidth=1.5)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylabel("class")
    note(ax, ax.get_title(loc="left") or "a stroke marks each class's median")
    return ax
