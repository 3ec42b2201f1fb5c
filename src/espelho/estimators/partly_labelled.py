"""Labels of data of which only some is labelled, and the numbers that stand for them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from espelho.data.containers import is_torch
from espelho.errors import DataError, ShapeError
from espelho.estimators.classifiers.labels import numbers_of as of_classes

__all__ = ["known_classes", "numbers_of", "read_labels"]


def read_labels(y: Any, n_samples: int) -> NDArray[Any]:
    """Return labels as a vector, of which -1, None and NaN say that there is none.

    Parameters
    ----------
    y
        One label a sample: numbers, strings or booleans, in any one-dimensional container.
    n_samples
        How many there must be.

    Raises
    ------
    DataError
        If they are no classes but numbers of a continuous scale.
    ShapeError
        If they are not one for each sample.
    """
    try:
        labels: NDArray[Any] = column_or_1d(y.detach().cpu() if is_torch(y) else y, warn=True)
        known = labels[_is_known(labels)]
        if len(known):
            check_classification_targets(known.tolist())
    except ValueError as error:
        raise DataError(str(error)) from error
    if len(labels) != n_samples:
        raise ShapeError(
            f"y must have shape ({n_samples},), one label a sample, got {labels.shape}."
        )
    return labels


def known_classes(labels: NDArray[Any]) -> NDArray[Any]:
    """Return the classes among labels, in ascending order."""
    known = labels[_is_known(labels)]
    # Objects with one type in common, as strings beside None are, get that type.
    return np.unique(np.array(known.tolist())) if known.dtype == object else np.unique(known)


def numbers_of(labels: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.int64]:
    """Return the place of each label among the classes, and -1 where there is no label.

    Raises
    ------
    DataError
        If a label is none of the classes.
    """
    known = _is_known(labels)
    numbers = np.full(len(labels), -1, dtype=np.int64)
    numbers[known] = of_classes(labels[known], classes)
    return numbers


def _is_known(labels: NDArray[Any]) -> NDArray[np.bool_]:
    if labels.dtype == object:
        return np.array([_says_something(label) for label in labels], dtype=bool)
    if not np.issubdtype(labels.dtype, np.number):
        return np.ones(len(labels), dtype=bool)
    known: NDArray[np.bool_] = (labels != -1) & (labels == labels)
    return known


def _says_something(label: Any) -> bool:
    return not (label is None or label != label or label == -1)
