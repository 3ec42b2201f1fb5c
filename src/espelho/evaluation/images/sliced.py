"""Wasserstein distances along random directions: of rows, and of patches of images."""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from espelho.evaluation.generation.distances import compared, on_device
from espelho.evaluation.images.layout import Shape, channels_first, shape_of
from espelho.evaluation.images.network import inner_rows
from espelho.evaluation.images.patches import Patches, unit_rows
from espelho.evaluation.images.pyramid import sizes
from espelho.evaluation.samples import Floats, Rows, draw
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = [
    "LevelDistance",
    "SlicedDistance",
    "sliced_wasserstein",
    "sliced_wasserstein_rows",
]

REPEATS = 4
DIRECTIONS = 128
"""In each of the repeats."""

MOST_PATCHES = 8192
"""Patches of either set at each level, in each of the repeats."""


class SlicedDistance(NamedTuple):
    """The sliced Wasserstein distance of two sets of rows.

    Attributes
    ----------
    distance : float
        Mean over directions.
    standard_error : float
        Of the choice of directions, by repeats.
    """

    distance: float
    standard_error: float


class LevelDistance(NamedTuple):
    """The sliced Wasserstein distance of images at one resolution.

    Attributes
    ----------
    height, width : int
        Size of images at this level.
    distance : float
        Mean over directions, in standard deviations of the data's pixels.
    standard_error : float
        Of the choice of directions and patches, by repeats.
    """

    height: int
    width: int
    distance: float
    standard_error: float


def sliced_wasserstein(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    sample_shape: Shape | None = None,
    random_state: RandomState = 0,
) -> tuple[LevelDistance, ...]:
    r"""Return the sliced Wasserstein distance of images, for each level of resolution.

    Images are taken apart into the details of each resolution (:math:`L_i`, a Laplacian
    pyramid), these are cut into patches of :math:`7 \times 7` pixels at random places, and the
    patches of samples and data are compared as by :func:`sliced_wasserstein_rows` [1]_. Fine
    levels tell of noise and sharpness, coarse ones of shapes. There is one as large as the image,
    and ever another of half the size, down to 16 pixels, or 8 in images below 32.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Images drawn from a generator: ``(n, height, width)``, with channels first or last, or
        flat where `sample_shape` says their shape. At least 4 x 4 pixels.
    X : array-like of shape (m, ...)
        Data, of the same shape.
    sample_shape : tuple of int, optional
        Shape of one image, where rows are flat.
    random_state : int, Generator, RandomState or None, default=0
        Decides directions and places of patches.

    Returns
    -------
    tuple of LevelDistance
        `height`, `width`, `distance` and `standard_error` of each level, the finest first.

    Raises
    ------
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If these are no images of one size, or smaller than 4 x 4 pixels.

    Notes
    -----
    512 directions in four repeats, each with patches of its own; at most 8,192 patches of either
    set at a level. Each channel is brought to mean 0 and variance 1 over the data, as samples are
    by the same map: a shift of colours counts. Even two sets of real images are some distance
    apart, the farther the fewer they are: compare at equal numbers, beside real data.

    References
    ----------
    .. [1] T. Karras, T. Aila, S. Laine and J. Lehtinen, "Progressive growing of GANs for improved
       quality, stability, and variation", ICLR 2018.

    Examples
    --------
    >>> images = np.random.default_rng(0).normal(size=(20, 28, 28))
    >>> [(level.height, level.distance) for level in sliced_wasserstein(images, images)]
    [(28, 0.0), (14, 0.0)]
    """
    first, second = compared(samples, X)
    shape = shape_of(X, sample_shape)
    shape_of(samples, shape, "samples")
    inside = channels_first(shape, "sliced_wasserstein")
    rng = as_generator(random_state)
    seed = int(rng.integers(2**31 - 1))
    first, second = (
        inner_rows(rows[draw(len(rows), MOST_PATCHES, seed)], shape) for rows in (first, second)
    )
    per_image = max(1, MOST_PATCHES // max(len(first), len(second)))
    patches = Patches.like(second, inside, per_image, DIRECTIONS)
    found = np.array([_levels(patches, first, second, seed) for seed in _seeds(rng)])
    return tuple(
        LevelDistance(*size, *_mean_and_error(distances))
        for size, distances in zip(sizes(*inside[1:]), found.T, strict=True)
    )


def sliced_wasserstein_rows(
    samples: ArrayLike, X: ArrayLike, *, random_state: RandomState = 0
) -> SlicedDistance:
    r"""Return the sliced Wasserstein distance of rows.

    .. math:: E_\theta \int_0^1 | F_{\theta^T s}^{-1}(u) - F_{\theta^T x}^{-1}(u) |\, du

    over directions :math:`\theta` of length 1: the mean difference between the sorted values of
    the two sets along each [1]_. In one dimension it is ``scipy.stats.wasserstein_distance``.

    Parameters
    ----------
    samples : array-like of shape (n, ...)
        Drawn from a generator; flattened.
    X : array-like of shape (m, ...)
        Data.
    random_state : int, Generator, RandomState or None, default=0
        Decides the directions: 512, in four repeats.

    Returns
    -------
    SlicedDistance
        `distance`, in units of the data, and `standard_error`.

    Raises
    ------
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    References
    ----------
    .. [1] J. Rabin, G. Peyre, J. Delon and M. Bernot, "Wasserstein barycenter and its application
       to texture mixing", SSVM 2011.

    Examples
    --------
    >>> sliced_wasserstein_rows([[0.0], [1.0]], [[2.0], [4.0]]).distance
    2.5
    """
    first, second = compared(samples, X)
    center = second.mean(axis=0, dtype=np.float64)
    moved = [on_device(np.subtract(rows, center, dtype=np.float64)) for rows in (first, second)]
    rng = as_generator(random_state)
    along = (unit_rows(DIRECTIONS, first.shape[1], rng) for _ in range(REPEATS))
    found = [_along(*(theta @ rows.T for rows in moved)) for theta in along]
    return SlicedDistance(*_mean_and_error(np.array(found)))


def _seeds(rng: np.random.Generator) -> list[int]:
    return [int(seed) for seed in rng.integers(2**31 - 1, size=REPEATS)]


def _levels(patches: Patches, first: Rows, second: Rows, seed: int) -> list[float]:
    seen = (patches.projected(rows, seed) for rows in (first, second))
    return [_along(*pair) for pair in zip(*seen, strict=True)]


def _along(first: Tensor, second: Tensor) -> float:
    """Return the mean Wasserstein distance of values ``(directions, n)`` and ``(..., m)``."""
    n, m = first.shape[1], second.shape[1]
    steps = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)  # over n * m
    width = on_device(np.diff(steps, prepend=0) / (n * m))
    ranks = [on_device((steps - 1) // other) for other in (m, n)]
    left, right = (_sorted(v)[:, at] for v, at in zip((first, second), ranks, strict=True))
    return float(((left - right).abs() @ width).mean())


def _sorted(values: Tensor) -> Tensor:
    if values.device.type == "cpu":  # NumPy's sort uses what the processor has for it
        return torch.from_numpy(np.sort(values.numpy(), axis=1))
    return values.sort(dim=1).values


def _mean_and_error(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
