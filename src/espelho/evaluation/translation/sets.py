"""Figures about translations as a whole, beside the set that they should belong to."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.data.images.shapes import SMALLEST_SIDE
from espelho.errors import DataError, SettingError
from espelho.evaluation.conditional.recognition import recognition
from espelho.evaluation.images import RandomFeatures, frechet_distance, kernel_distance
from espelho.evaluation.result import Row, readable
from espelho.evaluation.translation.pairs import Way

__all__ = ["recognised_row", "set_rows"]

_FEWEST = 8
"""Rows from which half of a set can be compared with the other half."""

_BOOTSTRAPS = 40


def set_rows(way: Way, features: Any, seed: int) -> Iterator[Row]:
    """Yield the Frechet and the kernel distance of translations and their set, on features.

    Parameters
    ----------
    way : Way
        Translations and the set.
    features : {"random", "none"}, callable or None
        What they are seen through: random convolutions (by itself, for images), as they are (by
        itself, for others), or a function from ``(n, *sample)`` to ``(n, d)``.
    seed : int
        Where drawing starts.

    Raises
    ------
    SettingError
        If `features` is none of these.
    """
    if min(len(way.made), len(way.target)) < _FEWEST:
        return
    see, what = _sight(way, features)
    order = np.random.default_rng(seed).permutation(len(way.target))
    halves = np.array_split(order, 2)
    real, others = (see(way.target[np.sort(half)]) for half in halves)
    made = see(way.made)
    note = f"{len(made):,} translations, {len(real):,} of {way.to}; {what}"
    found = frechet_distance(made, real, n_bootstrap=_BOOTSTRAPS, random_state=seed)
    interval = f"95 % interval {readable(found.low)} to {readable(found.high)}"
    beside = frechet_distance(others, real, n_bootstrap=0).distance
    yield Row(
        f"frechet_{way.to}",
        f"Frechet distance, to {way.to}",
        "squared units of features",
        found.distance,
        {"real": beside},
        "lower",
        f"{note}; {readable(found.bias)} of it for few rows, {interval} without it",
    )
    near = kernel_distance(made, real, random_state=seed)
    yield Row(
        f"kernel_{way.to}",
        f"kernel distance, to {way.to}",
        "around 0 where alike",
        near.distance,
        {"real": kernel_distance(others, real, random_state=seed).distance},
        "",
        f"{note}; standard error {readable(near.standard_error)}",
    )


def _sight(way: Way, features: Any) -> tuple[Callable[[Any], NDArray[Any]], str]:
    """Return what translations are seen through, from rows, and what that is in words."""
    image = len(way.shape) > 1 and min(way.shape[-2:]) >= SMALLEST_SIDE
    if callable(features):
        return lambda rows: np.asarray(features(_shaped(rows, way))), "features of your own"
    if features not in (None, "random", "none"):
        raise SettingError(
            f"features must be 'random', 'none', a function or None, got {features!r}."
        )
    if features == "none" or (features is None and not image):
        scale = way.target.std(0)
        scale[scale == 0] = 1.0
        return lambda rows: (rows - way.target.mean(0)) / scale, "values in their deviations"
    if not image:
        raise DataError(
            f"features='random' sees images of at least 4 x 4 pixels, and translations have the "
            f"shape {way.shape}. Use features='none'."
        )
    see = RandomFeatures().fit(_shaped(way.target, way))
    return (
        lambda rows: np.asarray(see(_shaped(rows, way))),
        f"{see.n_features_} features of random convolutions",
    )


def _shaped(rows: NDArray[Any], way: Way) -> NDArray[Any]:
    return rows.reshape(len(rows), *way.shape)


def recognised_row(way: Way, labels: ArrayLike, y: ArrayLike, classifier: Any, seed: int) -> Row:
    """Return how many translations keep the class of what was translated.

    Parameters
    ----------
    way : Way
        Translations and the set.
    labels : array-like of shape (n,)
        Classes of what was translated.
    y : array-like of shape (m,)
        Classes of the samples of the set, from which an independent classifier learns.
    classifier : scikit-learn classifier or None
        As `espelho.evaluation.recognition` takes it.
    seed : int
        Where drawing starts.
    """
    found = recognition(way.made, labels, way.target, y, classifier=classifier, random_state=seed)
    note = (
        f"{found.n:,} translations, 95 % interval {found.low:.3f} to {found.high:.3f}; by a "
        f"classifier that learned from {found.n_learned:,} of {way.to}, tested on "
        f"{found.n_real:,}"
    )
    return Row(
        f"recognised_{way.to}",
        f"class kept, to {way.to}",
        "share of translations",
        found.share,
        {"real": found.real},
        "higher",
        note,
    )
