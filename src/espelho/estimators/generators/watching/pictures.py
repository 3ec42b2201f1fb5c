"""Pictures of samples while a generator learns: images in rows, or points over the data."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.png import encode_png
from espelho.data.images.shapes import channel_axis, image_shape
from espelho.data.images.sheet import sheet
from espelho.data.series.sequences import Sequences
from espelho.estimators.data.parts import Part
from espelho.estimators.data.samples import spread
from espelho.estimators.generators.watching.comparison import some_of
from espelho.training.weights import lent

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Drawing"]

_COLUMNS, _ROWS = 8, 8
_MOST_ROWS = 20
_MOST_PIXELS = 1 << 20
"""Of all images of a picture, before small ones are enlarged."""

_POINTS = 1000
_PLANE = 2
_SIDE = 400
"""Pixels of a map's side."""

_MARGIN = 0.15
"""What is shown around the data, as a share of its range."""

_PAPER, _DATA, _SAMPLE = (255, 255, 255), (203, 209, 215), (11, 110, 153)
_SEED = 0
"""Of the noise: what ``sample(n, random_state=0)`` makes."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """How samples of fixed noise are drawn.

    Attributes
    ----------
    estimator
        The generator.
    z
        The noise ``(n, latent_dim)``.
    y
        The numbers of their labels ``(n, columns)``, or nothing.
    rows
        Some of the data, in its own units; without any where codes are learned from.
    """

    estimator: Any
    z: NDArray[Any]
    y: NDArray[Any] | None
    rows: NDArray[Any] | None

    @classmethod
    def of(cls, estimator: Any, train: Part) -> "Drawing":
        """Return the drawing for a generator whose model is built.

        Parameters
        ----------
        estimator
            The generator.
        train
            What it learns from.
        """
        part = some_of(train, _POINTS)
        rows, width = part.samples.values, prod(estimator.sample_shape_)
        if isinstance(rows, Sequences):
            rows = rows.steps
        known = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
        n, y = (len(part), part.y) if _size(estimator) is None else _grid(estimator)
        z = estimator._latent_sampler().sample(n, random_state=_SEED)
        if y is not None and _size(estimator) is not None:
            z = np.tile(z[:_COLUMNS], (n // _COLUMNS, 1))  # one row for each label
        return cls(estimator, z, y, known if known.shape[1] == width else None)

    def __call__(self, weights: "dict[str, Tensor]") -> bytes | None:
        """Return a PNG file of what some weights make; nothing of what is no picture.

        Parameters
        ----------
        weights
            All weights and buffers of the model, by name.
        """
        shape = self.estimator.sample_shape_
        no_arrays = any(hasattr(self.estimator, n) for n in ("length_frequencies_", "layout_"))
        if no_arrays or (image_shape(shape) is None and prod(shape) != _PLANE):
            return None
        told = () if self.y is None else (self.y,)
        with lent(self.estimator.model_, weights):
            drawn = self.estimator._generate(self.z, *told)
        drawn = drawn.reshape(len(drawn), -1)
        if image_shape(shape) is None:
            return encode_png(_map(drawn, drawn if self.rows is None else self.rows))
        limits = None if self.rows is None else (float(self.rows.min()), float(self.rows.max()))
        return encode_png(sheet(_images(drawn, shape), columns=_COLUMNS, limits=limits))


def _size(estimator: Any) -> tuple[int, int] | None:
    return image_shape(estimator.sample_shape_)


def _grid(estimator: Any) -> tuple[int, NDArray[np.float64] | None]:
    """Return how many images are drawn, and the numbers of their labels: a row for each."""
    height, width = _size(estimator) or (1, 1)
    fit = max(1, _MOST_PIXELS // (_COLUMNS * height * width))
    if not hasattr(estimator, "label_table_"):
        return _COLUMNS * min(_ROWS, fit), None
    known = estimator.label_table_.rows
    n = min(len(known), fit, _MOST_ROWS)
    return _COLUMNS * n, np.repeat(known[spread(len(known), n)], _COLUMNS, axis=0)


def _images(drawn: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return flat images as ``(n, height, width)``, or with three colours ``(n, 3, ...)``."""
    images = drawn.reshape(len(drawn), *shape)
    axis = channel_axis(shape)
    if axis is None:
        return images
    images = np.moveaxis(images, axis + 1, 1)
    n_channels = images.shape[1]
    if n_channels in (2, 4):  # the last is opacity
        images = images[:, :-1]
    return images if images.shape[1] in (1, 3) else images[:, :1]


def _map(samples: NDArray[Any], data: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a picture ``(3, side, side)`` of points over others, which it is fitted to."""
    low, high = data.min(0).astype(float), data.max(0).astype(float)
    room = _MARGIN * np.where(high > low, high - low, 1.0)
    canvas = np.empty((3, _SIDE, _SIDE), np.uint8)
    canvas[:] = np.array(_PAPER, np.uint8)[:, None, None]
    for points, colour in ((data, _DATA), (samples, _SAMPLE)):
        places = (points - low + room) / (high - low + 2 * room) * (_SIDE - 1)
        inside = ((places >= 1) & (places <= _SIDE - 2)).all(1)
        x, y = places[inside].astype(np.int64).T
        for dx, dy in np.ndindex(3, 3):
            canvas[:, _SIDE - 1 - (y + dy - 1), x + dx - 1] = np.array(colour)[:, None]
    return canvas
