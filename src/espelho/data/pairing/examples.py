"""Two sets of pictures made of the photographs that come with scikit-learn."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.data.nearest import did_you_mean
from espelho.data.pairing.pairs import Pairs, Unpaired
from espelho.errors import DataError

__all__ = ["PAIRED_EXAMPLES", "PairedExample", "load_example"]

_SIDE, _STEP = 64, 32
"""Pixels of a patch, and from one to the next."""

_GREY = np.array([0.299, 0.587, 0.114])
"""Shares of red, green and blue in brightness (ITU-R BT.601)."""

_EDGE = 60.0
"""Gradient from which on a pixel is on an edge, of 8 * 255 at most."""

_LEAST = 0.02
"""Share of a patch that is edge, below which it could be anything, and is left out."""


class PairedExample(NamedTuple):
    """What is known of a bundled set before it is made.

    Attributes
    ----------
    description
        One line about it.
    n_A, n_B
        How many samples there are of each set.
    paired
        Whether they belong together row by row.
    """

    description: str
    n_A: int  # noqa: N815 -- as the sets are called
    n_B: int  # noqa: N815
    paired: bool


PAIRED_EXAMPLES: Mapping[str, PairedExample] = {
    "photograph-edges": PairedExample(
        "edges and colours of patches of 64 x 64 pixels of two photographs", 264, 264, paired=True
    ),
    "photographs": PairedExample(
        "patches of 64 x 64 pixels of a temple, and of a flower", 228, 228, paired=False
    ),
}


def load_example(name: str) -> Pairs | Unpaired:
    """Make a set of pairs, or two sets, of scikit-learn's two photographs.

    ``photograph-edges``: A holds the edges (where the gradient by Sobel's filter is large) white
    on black, B the colours. ``photographs``: A holds patches of a temple (by Zastavki), B of a
    dahlia (by D. Burmeister).

    Parameters
    ----------
    name : str
        One of the keys of ``PAIRED_EXAMPLES``.

    Returns
    -------
    Pairs or Unpaired
        The samples; nothing is downloaded.

    Raises
    ------
    DataError
        If there is no such set.

    Examples
    --------
    >>> from espelho.data.pairing.examples import load_example
    >>> len(load_example("photograph-edges")), len(load_example("photographs"))
    (264, 228)
    """
    if name not in PAIRED_EXAMPLES:
        raise DataError(
            f"{name!r} is no bundled set of pairs; there are {', '.join(PAIRED_EXAMPLES)}."
            + did_you_mean(name, PAIRED_EXAMPLES)
        )
    from sklearn.datasets import load_sample_images

    temple, flower = (np.moveaxis(image, -1, 0) for image in load_sample_images().images)
    if not PAIRED_EXAMPLES[name].paired:
        return Unpaired(A=_patches(temple), B=_patches(flower), source=name)
    edges, colours = (
        np.concatenate([_patches(change(image)) for image in (temple, flower)])
        for change in (_edges, np.asarray)
    )
    shows = (edges > 0).mean(axis=(1, 2)) >= _LEAST
    return Pairs(A=edges[shows], B=colours[shows], source=name)


def _patches(image: NDArray[Any]) -> NDArray[Any]:
    """Return the patches of an image ``(..., height, width)``, row by row."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (_SIDE, _SIDE), axis=(-2, -1))
    chosen = windows[..., ::_STEP, ::_STEP, :, :]
    axes = image.ndim - 2
    first = np.moveaxis(chosen, (axes, axes + 1), (0, 1))
    return np.ascontiguousarray(first.reshape(-1, *image.shape[:-2], _SIDE, _SIDE))


def _edges(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the edges of a photograph ``(3, height, width)``, white on black."""
    from scipy.ndimage import gaussian_filter, sobel

    grey = gaussian_filter(np.tensordot(_GREY, image.astype(float), 1), 1.0)
    gradient = np.hypot(sobel(grey, 0), sobel(grey, 1))
    return np.where(gradient > _EDGE, 255, 0).astype(np.uint8)
