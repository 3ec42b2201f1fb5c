"""Samples as pictures: which shapes are, and many pictures side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_SIDE = 4
CHANNELS = (1, 3)
WITH_OPACITY = (2, 4)
GAP = 0.08


def image_shape(sample_shape: tuple[int, ...] | None) -> tuple[int, int] | None:
    """Return height and width if samples of that shape are pictures, else nothing.

    ``(height, width)`` of at least four pixels a side (what is narrower is a sequence),
    ``(channels, height, width)``, or channels last with one or three channels.
    """
    if sample_shape is None or len(sample_shape) not in (2, 3) or min(sample_shape) < 1:
        return None
    if len(sample_shape) == 2:
        height, width = sample_shape
        return (height, width) if min(height, width) >= SMALLEST_SIDE else None
    if _channels_last(sample_shape):
        return sample_shape[0], sample_shape[1]
    return sample_shape[1], sample_shape[2]


def pictures(rows: NDArray[Any], sample_shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return flat samples as ``(n, height, width)``, or with three colours as a last axis.

    Of two channels the first is shown, of four the first three: the last is opacity. Of any
    other number the mean is shown.
    """
    samples = rows.reshape(len(rows), *sample_shape).astype(np.float64)
    if samples.ndim == 3:
        return samples
    if not _channels_last(sample_shape):
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


def channel_axis(sample_shape: tuple[int, ...]) -> int | None:
    """Return which axis of a picture its channels are, if it has such an axis."""
    if len(sample_shape) == 2:
        return None
    return 2 if _channels_last(sample_shape) else 0


def _channels_last(sample_shape: tuple[int, ...]) -> bool:
    return sample_shape[-1] in CHANNELS and sample_shape[0] not in CHANNELS
