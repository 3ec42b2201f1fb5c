"""Samples side by side."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import bare, canvas
from espelho.plots.images import image_shape, mosaic, pictures

COLOURED = 4


def plot_samples(
    X: ArrayLike,
    *,
    sample_shape: tuple[int, ...] | None = None,
    columns: int = 10,
    limits: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw pictures in rows, such as samples that were drawn.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Pictures.
    sample_shape : tuple of int, optional
        Shape of one picture where `X` holds flat rows: ``(height, width)`` or
        ``(channels, height, width)``. By default that of `X`.
    columns : int, default=10
        How many stand in a row.
    limits : tuple of float, optional
        What is drawn black and what white; by default the least and the greatest value.
        Colours begin at zero where none is negative, so that they keep their hues.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If there is no picture.
    ShapeError
        If samples of that shape are no pictures.
    """
    samples = np.asarray(X)
    shape = tuple(samples.shape[1:]) if sample_shape is None else tuple(sample_shape)
    if not samples.size or columns < 1:
        raise DataError(f"There is no picture to draw: X has shape {samples.shape}.")
    if image_shape(shape) is None or np.prod(shape) != samples[0].size:
        raise ShapeError(
            f"Samples must be pictures, (height, width) or (channels, height, width); got shape "
            f"{samples.shape} with sample_shape {shape}."
        )
    tiles = pictures(samples.reshape(len(samples), -1), shape)
    columns = min(columns, len(tiles))
    low, high = limits or (float(tiles.min()), float(tiles.max()))
    low = min(low, 0.0) if tiles.ndim == COLOURED else low
    scaled = np.clip((tiles - low) / ((high - low) or 1.0), 0, 1)
    missing = -len(tiles) % columns
    padded = np.concatenate([scaled, np.ones((missing, *scaled.shape[1:]))])
    picture = mosaic(list(padded.reshape(-1, columns, *scaled.shape[1:])))
    ax = bare(canvas(ax, width=7.6, height=7.6 * picture.shape[0] / picture.shape[1]))
    white_gaps = np.where(np.isnan(picture), 1.0, picture)
    ax.imshow(white_gaps, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    return ax
