"""Classes: labels of one column that are no scale, and the numbers that stand for them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from espelho.data.containers import is_torch
from espelho.errors import DataError, ShapeError

__all__ = ["check_given", "find_classes", "is_missing", "known", "numbers_of", "read_labels"]

_SHOWN = 10
"""Classes that a message lists at most."""


def read_labels(y: Any, n_samples: int, owner: str, *, in_part: bool = False) -> NDArray[Any]:
    """Return labels as a vector.

    Parameters
    ----------
    y
        One label a sample: numbers, strings or booleans, in any one-dimensional container.
    n_samples
        How many there must be.
    owner
        The name of the estimator that needs them.
    in_part
        Whether -1, None and NaN may say that a sample has none.

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
    check_given(y, owner)
    try:
        labels: NDArray[Any] = column_or_1d(y.detach().cpu() if is_torch(y) else y, warn=True)
        if not in_part:
            assert_all_finite(labels, input_name="y")
        told = known(labels) if in_part else labels
        if len(told):
            check_classification_targets(told)
    except ValueError as error:
        raise DataError(str(error)) from error
    if len(labels) != n_samples:
        raise ShapeError(
            f"y must have shape ({n_samples},), one label a row of X, got {labels.shape}."
        )
    return labels


def check_given(y: Any, owner: str) -> None:
    """Raise unless there are labels.

    Raises
    ------
    DataError
        If there are none.
    """
    if y is None:
        raise DataError(
            f"{owner} requires y to be passed, but the target y is None. Give fit the label of "
            "each row of X: fit(X, y)."
        )


def find_classes(labels: NDArray[Any], *, where: str = "") -> NDArray[Any]:
    """Return the classes in ascending order.

    Parameters
    ----------
    labels
        The labels.
    where
        Which of several columns they are, for messages: `` in column 'colour'``.

    Raises
    ------
    DataError
        If there is only one.
    """
    classes: NDArray[Any] = np.unique(labels)
    if len(classes) < 2:
        raise DataError(
            f"y must hold at least two classes{where}, got one class only, "
            f"{classes[0].item()!r}: there is nothing to tell apart. Rows of sample_weight zero "
            "do not count."
        )
    return classes


def numbers_of(
    labels: NDArray[Any], classes: NDArray[Any], *, in_part: bool = False, where: str = ""
) -> NDArray[np.int64]:
    """Return the place of each label among the classes.

    Parameters
    ----------
    labels
        The labels.
    classes
        The classes.
    in_part
        Whether a sample may have no label, as `read_labels` says it; its number is -1.
    where
        As in `find_classes`.

    Raises
    ------
    DataError
        If a label is none of the classes.
    """
    told = _is_known(labels) if in_part else np.ones(len(labels), dtype=bool)
    places = {label: place for place, label in enumerate(classes.tolist())}
    numbers = np.full(len(labels), -1, dtype=np.int64)
    numbers[told] = [places.get(label, -1) for label in labels[told].tolist()]
    strange = told & (numbers < 0)
    if strange.any():
        shown = ", ".join(map(repr, classes.tolist()[:_SHOWN])) + ", ..." * (len(classes) > _SHOWN)
        stranger = labels[strange].tolist()[0]
        raise DataError(
            f"y holds {stranger!r}{where}, a label that never came in the data: {shown}. Another "
            "fit with warm_start=True goes on with the labels of the first."
        )
    return numbers


def known(labels: NDArray[Any]) -> NDArray[Any]:
    """Return the labels without -1, None and NaN, which say that there is none."""
    told = labels[_is_known(labels)]
    # Objects with one type in common, as strings beside None are, get that type.
    return np.array(told.tolist()) if told.dtype == object else told


def _is_known(labels: NDArray[Any]) -> NDArray[np.bool_]:
    if labels.dtype == object:
        return np.array([not is_missing(label) and label != -1 for label in labels], dtype=bool)
    if not np.issubdtype(labels.dtype, np.number):
        return np.ones(len(labels), dtype=bool)
    told: NDArray[np.bool_] = (labels != -1) & (labels == labels)
    return told


def is_missing(label: Any) -> bool:
    """Return whether something is None, NaN, or what pandas has in their place."""
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas' NA, which is neither like itself nor unlike
        return True
