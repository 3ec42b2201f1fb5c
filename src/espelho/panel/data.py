"""The data of a panel: the same rows to learn from and to measure on, for everybody."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.checks import check_finite
from espelho.data.dataset import Dataset
from espelho.data.fingerprint import fingerprint
from espelho.data.nearest import did_you_mean
from espelho.data.series.sequences import Sequences
from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.codes.prediction import are_classes, as_labels
from espelho.evaluation.samples import alike, as_data, as_rows, take

__all__ = ["KINDS", "PanelData", "split_data"]

KINDS = ("table", "images", "sequences")

FEWEST = 10
"""Rows to measure on below which figures say nothing."""

_LEAST_SIDE, _MOST_STRETCHED = 6, 4
"""Of an array without a channel: what images have and sequences seldom."""


@dataclass(frozen=True)
class PanelData:
    """Rows to learn from and rows to measure on.

    Attributes
    ----------
    train, test
        Samples.
    y_train, y_test
        Their labels, if there are any.
    kind
        ``table``, ``images`` or ``sequences``.
    sample_shape
        Shape of one sample where rows are flat images.
    names
        Names of the columns, if they have any.
    name
        What the data are called.
    """

    train: Any
    test: Any
    y_train: NDArray[Any] | None
    y_test: NDArray[Any] | None
    kind: str
    sample_shape: tuple[int, ...] | None
    names: tuple[str, ...] | None
    name: str

    @property
    def n_train(self) -> int:
        """Rows to learn from."""
        return int(self.train.shape[0])

    @property
    def n_features(self) -> int:
        """Numbers of a sample."""
        return int(as_rows(take(self.train, slice(0, 1))).shape[1])

    @property
    def has_classes(self) -> bool:
        """Whether there are labels that are classes."""
        return self.y_train is not None and are_classes(self.y_train)

    def fingerprint(self) -> str:
        """Return a hash of all samples and labels, to recognise them later."""
        parts = [fingerprint(part) for part in (self.train, self.test)]
        for labels in (self.y_train, self.y_test):
            parts.append("" if labels is None else repr(labels.tolist()))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def split_data(
    X: Any,
    y: Any,
    *,
    test_fraction: float,
    seed: int,
    sample_shape: tuple[int, ...] | None = None,
    kind: str | None = None,
    names: tuple[str, ...] | None = None,
    name: str = "data",
) -> PanelData:
    """Set rows aside to measure on, and check that there is something to compare.

    Raises
    ------
    DataError
        If there are too few rows, or labels of one class only.
    ShapeError
        If labels and samples differ in number.
    SettingError
        If the kind of data is none, or the share is out of bounds.
    """
    if isinstance(X, Dataset):
        y = X.y if y is None else y
        X, sample_shape, names, name = X.X, sample_shape or X.sample_shape, X.feature_names, X.name
    samples = as_data(X)
    (samples,) = alike(samples)
    if not isinstance(samples, Sequences):
        as_rows(take(samples, slice(0, 1)))
        check_finite(samples, names)
    labels = _labels(y, int(samples.shape[0]))
    learned, measured = _rows(int(samples.shape[0]), test_fraction, seed)
    return PanelData(
        take(samples, learned),
        take(samples, measured),
        None if labels is None else labels[learned],
        None if labels is None else labels[measured],
        _kind(samples, sample_shape, kind),
        None if sample_shape is None else tuple(sample_shape),
        names,
        name,
    )


def _rows(n: int, share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if not 0 < share < 1:
        raise SettingError(f"test_fraction must lie between 0 and 1, got {share}.")
    n_test = round(n * share)
    if n_test < FEWEST or n - n_test < FEWEST:
        raise DataError(
            f"A comparison learns from {FEWEST} rows or more and measures on as many others; "
            f"test_fraction={share:g} of {n} rows leaves {n - n_test} and {n_test}."
        )
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[n_test:]), np.sort(order[:n_test])


def _labels(y: Any, n: int) -> NDArray[Any] | None:
    if y is None:
        return None
    labels = as_labels(y)
    if len(labels) != n:
        raise ShapeError(f"y must have a label per sample, got {len(labels)} labels for {n}.")
    if len(np.unique(labels)) < 2:
        raise DataError(
            f"The target has one value only, {labels[0]!s}, so there is nothing to predict. "
            "Choose another column, or compare without a target."
        )
    return labels


def _kind(samples: Any, shape: tuple[int, ...] | None, kind: str | None) -> str:
    """Return what samples are: as was said, or by their shape."""
    if kind is not None:
        if kind not in KINDS:
            raise SettingError(
                f"kind must be one of {', '.join(KINDS)}, got {kind!r}.{did_you_mean(kind, KINDS)}"
            )
        return kind
    if isinstance(samples, Sequences):
        return "sequences"
    own = tuple(samples.shape[1:]) if shape is None else tuple(shape)
    if len(own) == len(("height", "width")):
        low, high = sorted(own)
        square = low >= _LEAST_SIDE and high <= _MOST_STRETCHED * low
        return "images" if square or samples.dtype.kind == "u" else "sequences"
    return "table" if len(own) < len(("channels", "height", "width")) else "images"
