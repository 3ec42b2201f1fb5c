"""Labels: what the target of a classifier is, and the numbers that stand for its classes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from espelho.data.containers import is_torch
from espelho.errors import DataError, ShapeError

__all__ = ["find_classes", "numbers_of", "read_labels"]

_SHOWN = 10
"""Classes that a message lists at most."""


def read_labels(y: Any, n_samples: int, owner: str) -> NDArray[Any]:
    """Return labels as a vector.

    Parameters
    ----------
    y
        One label a sample: numbers, strings or booleans, in any one-dimensional container.
    n_samples
        How many there must be.
    owner
        The name of the estimator that needs them.

    Returns
    -------
    ndarray of shape (n,)
        The labels as they are.

    Raises
    ------
    DataError
        If there are none, or they are no classes: not finite, or numbers of a continuous
        scale.
    ShapeError
        If they are not one for each sample.
    """
    if y is None:
        raise DataError(
            f"{owner} requires y to be passed, but the target y is None. Give fit the label of "
            "each row of X: fit(X, y)."
        )
    try:
        labels: NDArray[Any] = column_or_1d(y.detach().cpu() if is_torch(y) else y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
    except ValueError as error:
        raise DataError(str(error)) from error
    if len(labels) != n_samples:
        raise ShapeError(
            f"y must have shape ({n_samples},), one label a row of X, got {labels.shape}."
        )
    return labels


def find_classes(labels: NDArray[Any]) -> NDArray[Any]:
    """Return the classes in ascending order.

    Raises
    ------
    DataError
        If there is only one.
    """
    classes: NDArray[Any] = np.unique(labels)
    if len(classes) < 2:
        raise DataError(
            f"y must hold at least two classes, got one class only, {classes[0]!r}: there is "
            "nothing to tell apart. Rows of sample_weight zero do not count."
        )
    return classes


def numbers_of(labels: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.int64]:
    """Return the place of each label among the classes.

    Raises
    ------
    DataError
        If a label is none of the classes.
    """
    places = {label: place for place, label in enumerate(classes.tolist())}
    numbers = [places.get(label, -1) for label in labels.tolist()]
    if -1 in numbers:
        shown = ", ".join(map(repr, classes.tolist()[:_SHOWN])) + ", ..." * (len(classes) > _SHOWN)
        stranger = labels.tolist()[numbers.index(-1)]
        raise DataError(
            f"y holds {stranger!r}, a label that never came in the data: {shown}. Another fit "
            "with warm_start=True goes on with the labels of the first."
        )
    return np.array(numbers, dtype=np.int64)
