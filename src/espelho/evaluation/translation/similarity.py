"""The structural similarity of images, as a library computes it."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import MissingDependencyError, ShapeError

__all__ = ["HOW_TO_INSTALL", "is_installed", "structural_similarity"]

HOW_TO_INSTALL = "pip install 'espelho[images]' (scikit-image)"

_WINDOW = 7
"""Side of the window that statistics are taken in, where images are large enough."""

_SMALLEST = 3


def is_installed() -> bool:
    """Return whether the library that computes it is there."""
    return find_spec("skimage") is not None


def structural_similarity(made: ArrayLike, X: ArrayLike, *, data_range: float) -> NDArray[Any]:
    """Return the mean structural similarity of each image and its partner.

    Of Wang, Bovik, Sheikh and Simoncelli (2004, "Image quality assessment", IEEE Transactions on
    Image Processing 13), in windows of 7 x 7 pixels, as scikit-image computes it; the mean over
    channels.

    Parameters
    ----------
    made, X : array-like of shape (n, height, width) or (n, channels, height, width)
        Images and their partners.
    data_range : float
        The difference between the largest and the least value that pixels can have.

    Returns
    -------
    ndarray of shape (n,)
        1 where both are the same.

    Raises
    ------
    MissingDependencyError
        If scikit-image is not installed.
    ShapeError
        If these are no images of one shape, or smaller than three pixels a side.
    """
    if not is_installed():
        raise MissingDependencyError(
            f"The structural similarity is computed by scikit-image. Install it: {HOW_TO_INSTALL}."
        )
    one, other = (np.asarray(images, dtype=np.float64) for images in (made, X))
    if one.shape != other.shape or one.ndim not in (3, 4) or min(one.shape[-2:]) < _SMALLEST:
        raise ShapeError(
            "The structural similarity is of images (n, height, width) or (n, channels, height, "
            f"width) of one shape, at least 3 x 3 pixels; got {one.shape} and {other.shape}."
        )
    similarity: Any = import_module("skimage.metrics").structural_similarity
    side = min(_WINDOW, *one.shape[-2:])
    options = {
        "win_size": side - (side % 2 == 0),
        "data_range": data_range,
        "channel_axis": 0 if one[0].ndim > len(("height", "width")) else None,
    }
    return np.array([similarity(a, b, **options) for a, b in zip(one, other, strict=True)])
