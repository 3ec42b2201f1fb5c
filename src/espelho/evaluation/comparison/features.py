"""Sets of samples as features: of a classifier, of a random network, or of one's own."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from espelho.data.images.shapes import SMALLEST_SIDE, image_shape
from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.codes.prediction import are_classes, as_labels
from espelho.evaluation.comparison.sets import Index, Sets
from espelho.evaluation.images.classifier import FEWEST, ClassifierFeatures
from espelho.evaluation.images.extraction import Extractor, extract
from espelho.evaluation.images.layout import Shape
from espelho.evaluation.images.random import RandomFeatures
from espelho.evaluation.samples import Rows, as_rows, draw

NAMES = ("classifier", "random", "none")
PER_CLASS = 5
"""Rows a class, on average, that a classifier is trained on; with fewer, none is."""

MOST_ELEMENTS, MOST_LEARNED = 60_000_000, 20_000
"""Pixels that a classifier looks at, and rows that it learns from: for some seconds."""


@dataclass(frozen=True)
class Seen:
    """The sets as something sees them.

    Attributes
    ----------
    sets : Sets
        Whose rows are features.
    what : str
        What the features are.
    """

    sets: Sets
    what: str


@dataclass(frozen=True)
class Labelled:
    """Rows with their classes.

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        Samples, flat.
    y : ndarray of shape (n,)
        The class of each.
    used : ndarray of int
        Which of them are in a set.
    """

    rows: Rows
    y: Any
    used: Index

    @property
    def enough(self) -> bool:
        """Whether they are classes, and enough rows of them to learn from."""
        n, classes = len(self.y), len(np.unique(self.y))
        return 2 <= classes <= n // PER_CLASS and n >= FEWEST and are_classes(self.y)

    @property
    def spare(self) -> Index:
        """The rows in no set where these are at least half, else all."""
        spare = np.setdiff1d(np.arange(len(self.rows)), self.used)
        return spare if 2 * len(spare) >= len(self.rows) else np.arange(len(self.rows))


def is_image(shape: Shape) -> bool:
    """Return whether samples of that shape are images with features."""
    size = image_shape(shape)
    return size is not None and min(size) >= SMALLEST_SIDE


def see(sets: Sets, shape: Shape, features: Any, labelled: Labelled | None) -> Seen | None:
    """Return the sets as what is asked for sees them; nothing for what is not to be seen so.

    Parameters
    ----------
    sets : Sets
        Of rows.
    shape : tuple of int
        Shape of a sample.
    features : {"classifier", "random", "none"}, callable or None
        What sees them. None: of images a classifier, where they have classes, or else a random
        network; of other samples nothing.
    labelled : Labelled or None
        What a classifier can learn from.

    Raises
    ------
    SettingError
        If `features` is none of these, or a classifier is wanted without labels.
    DataError
        If features are not finite or not one row for each sample.
    """
    if features is None:
        return _see_by_itself(sets, shape, labelled)
    if isinstance(features, str):
        return _named(sets, shape, features, labelled)
    found = _features_of(sets, features, shape)
    return Seen(found, f"{found.reference.shape[1]:,} features of your own")


def labelled_rows(sets: Sets, X: tuple[Any, Any], X_train: tuple[Any, Any]) -> Labelled | None:
    """Return the rows with labels: those of the training data if these have some.

    Parameters
    ----------
    sets : Sets
        Drawn from them.
    X, X_train : tuple
        Data and their labels, each perhaps None.

    Raises
    ------
    ShapeError
        If labels and rows differ in number.
    """
    for name, (data, y), used in (
        ("y_train", X_train, sets.drawn_train),
        ("y", X, sets.drawn_data),
    ):
        n = 0 if data is None else len(as_rows(data))
        if y is None:
            continue
        labels = as_labels(y)
        if len(labels) != n:
            raise ShapeError(
                f"{name} must have a label per row, got {len(labels)} labels for {n} rows."
            )
        return Labelled(as_rows(data), labels, used)
    return None


def _see_by_itself(sets: Sets, shape: Shape, labelled: Labelled | None) -> Seen | None:
    """Return what sees samples of a shape best: nothing, unless they are images."""
    if not is_image(shape):
        return None
    if labelled is not None and labelled.enough:
        with suppress(DataError):  # one class is so rare that none of its rows was drawn
            return _by_classifier(sets, shape, labelled)
    return _named(sets, shape, "random", labelled)


def _named(sets: Sets, shape: Shape, name: str, labelled: Labelled | None) -> Seen | None:
    if name == "none":
        return None
    if name == "random":
        network = RandomFeatures(random_state=sets.seed)
        network.fit(sets.reference.reshape(-1, *shape))
        found = _features_of(sets, network, shape)
        return Seen(found, f"{network.n_features_} random convolutional features")
    if name != "classifier":
        names = ", ".join(map(repr, NAMES))
        raise SettingError(f"features must be one of {names} or a function, got {name!r}.")
    if labelled is None:
        raise SettingError(
            "features='classifier' learns from labels: give them as y or y_train, or use "
            "features='random'."
        )
    return _by_classifier(sets, shape, labelled)


def _by_classifier(sets: Sets, shape: Shape, labelled: Labelled) -> Seen:
    spare, d = labelled.spare, labelled.rows.shape[1]
    seen, learned_from = (int(sets.share * most) for most in (MOST_ELEMENTS, MOST_LEARNED))
    most = max(FEWEST, min(learned_from, seen // d))
    learned = spare[draw(len(spare), most, sets.seed)]
    learner = ClassifierFeatures(max_elements=max(1, seen), random_state=sets.seed)
    learner.fit(labelled.rows[learned].reshape(-1, *shape), labelled.y[learned])
    what = (
        f"{learner.n_features_} features of a classifier of the labels, right about "
        f"{learner.accuracy_:.1%} of rows kept from it"
    )
    if len(spare) == len(labelled.rows):
        what += ", which learned from rows measured here"
    return Seen(_features_of(sets, learner, shape), what)


def _features_of(sets: Sets, extractor: Extractor, shape: Shape) -> Sets:
    columns = sets.each(lambda rows: extract(extractor, rows, shape))
    return replace(sets, columns=columns, reference=extract(extractor, sets.reference, shape))
