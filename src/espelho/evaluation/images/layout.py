"""Images in the one layout that networks and filters read: channels, height, width."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from espelho.data.images.shapes import SMALLEST_SIDE, channel_axis, image_shape
from espelho.errors import ShapeError
from espelho.evaluation.samples import Rows

Shape = tuple[int, ...]


def shape_of(X: ArrayLike, sample_shape: Shape | None, name: str = "X") -> Shape:
    """Return the shape of a sample: its own, or the one that flat rows are said to have.

    Parameters
    ----------
    X : array-like of shape (n, ...)
        Samples.
    sample_shape : tuple of int or None
        Shape of one sample, where `X` holds flat rows.
    name : str, default="X"
        What the error message calls the data.

    Raises
    ------
    ShapeError
        If samples have another number of elements than `sample_shape`.
    """
    own = tuple(int(n) for n in np.shape(X)[1:])
    if sample_shape is None:
        return own
    if prod(sample_shape) != prod(own):
        raise ShapeError(
            f"{name} must hold samples of sample_shape={tuple(sample_shape)}, "
            f"{prod(sample_shape)} elements each; got shape {own}, {prod(own)} elements."
        )
    return tuple(sample_shape)


def channels_first(shape: Shape, owner: str) -> Shape:
    """Return ``(channels, height, width)`` of images of a shape.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)``, ``(channels, height, width)`` or ``(height, width, channels)``.
    owner : str
        Who takes images, for the message.

    Raises
    ------
    ShapeError
        If these are no images, or smaller than four pixels a side.
    """
    size = image_shape(shape)
    if size is None or min(size) < SMALLEST_SIDE:
        raise ShapeError(
            f"{owner} takes images of at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels, of shape "
            f"(height, width) or with channels first or last; got samples of shape {shape}. "
            "Name the shape of flat rows by sample_shape."
        )
    axis = channel_axis(shape)
    return (1 if axis is None else shape[axis], *size)


def as_channels_first(rows: Rows, shape: Shape) -> Any:
    """Return flat images as rows whose elements are in the order of channels, height, width.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Images, flat.
    shape : tuple of int
        Shape of one, as it was before.
    """
    if channel_axis(shape) != 2:
        return rows
    return np.moveaxis(rows.reshape(len(rows), *shape), -1, 1).reshape(len(rows), -1)
