"""A map of samples over data."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import ACCENT, canvas, legend

CLOUD = "#b6bec6"
MOST = 5000


def plot_sample_map(X: ArrayLike, samples: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw samples over data, in the plane of the data's two principal components.

    Where samples are missing, a part of the data is; where they lie outside, they are unlike
    it. What differs in other directions this plane does not show.

    Parameters
    ----------
    X : array-like of shape (n, ...)
        Data; at most 5,000 rows are drawn.
    samples : array-like of shape (n_samples, ...)
        What was drawn to be like it.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there are fewer than two rows of data, or no features.
    ShapeError
        If ``X`` and ``samples`` differ in the number of features.
    """
    data, drawn = (_rows(part) for part in (X, samples))
    if len(data) < 2 or not data.shape[1]:
        raise DataError(f"A map needs two rows of data or more, got shape {data.shape}.")
    if drawn.shape[1] != data.shape[1]:
        raise ShapeError(
            f"X and samples must have as many features, got {data.shape[1]} and {drawn.shape[1]}."
        )
    ax = canvas(ax, width=5.4, height=4.0)
    places, names = _plane(data, drawn)
    cloud, new = places[: len(data)], places[len(data) :]
    shown = np.random.default_rng(0).permutation(len(cloud))[:MOST]
    _draw_dots(ax, cloud[shown], CLOUD, "data")
    _draw_dots(ax, new, ACCENT, "samples")
    ax.set(xlabel=names[0], ylabel=names[1])
    legend(ax, outside=True)
    return ax


def _draw_dots(ax: Axes, points: NDArray[np.float64], colour: str, label: str) -> None:
    ax.scatter(points[:, 0], points[:, 1], s=8, color=colour, linewidths=0, label=label)


def _plane(
    data: NDArray[np.float64], drawn: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[str, str]]:
    points, d = np.concatenate([data, drawn]), data.shape[1]
    if d == 1:
        ranks = np.concatenate([np.linspace(0, 1, len(part)) for part in (data, drawn)])
        values = np.concatenate([np.sort(data, axis=0), np.sort(drawn, axis=0)])
        return np.column_stack([values, ranks]), ("value", "share of rows below it")
    if d == 2:
        return points, ("feature 1", "feature 2")
    pca = PCA(2, svd_solver="full").fit(data)
    shares = [f"{100 * share:.0f} %" for share in pca.explained_variance_ratio_]
    first, second = (
        f"principal component {i + 1} ({s} of variance)" for i, s in enumerate(shares)
    )
    return pca.transform(points), (first, second)


def _rows(X: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(X, dtype=np.float64)
    return values.reshape(len(values), -1)
