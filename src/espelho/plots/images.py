"""Samples as pictures: which shapes are, and many pictures side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.shapes import channel_axis, image_shape

__all__ = ["channel_axis", "image_shape", "mosaic", "pictures"]

WITH_OPACITY = (2, 4)
GAP = 0.08


def pictures(rows: NDArray[Any], sample_shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return flat samples as ``(n, height, width)``, or with three colours as a last axis.

    Of two channels the first is shown, of four the first three: the last is opacity. Of any
    other number the mean is shown.
    """
    samples = rows.reshape(len(rows), *sample_shape).astype(np.float64)
    if samples.ndim == 3:
        return samples
    if channel_axis(sample_shape) == 0:
        samples = np.moveaxis(samples, 1, -1)
    if samples.shape[-1] in WITH_OPACITY:
        samples = samples[..., :-1]
    return samples if samples.shape[-1] == 3 else samples.mean(axis=-1)


def mosaic(grid: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return one picture of rows of pictures, with gaps of NaN between them."""
    height, width = grid[0].shape[1:3]
    gap = max(1, round(GAP * max(height, width)))
    return _stacked([_stacked(list(row), gap, axis=1) for row in grid], gap, axis=0)


def _stacked(tiles: list[NDArray[np.float64]], gap: int, axis: int) -> NDArray[np.float64]:
    shape = list(tiles[0].shape)
    shape[axis] = gap
    between = np.full(shape, np.nan)
    parts = [part for tile in tiles for part in (between, tile)][1:]
    return np.concatenate(parts, axis=axis)
