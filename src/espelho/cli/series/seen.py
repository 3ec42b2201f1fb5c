"""What models see of series, which are windows, and what they say of the rows of the table."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.cli.job import Split
from espelho.cli.output import by_blocks
from espelho.data.series.table import Series

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = ["as_seen", "as_windows", "row_reconstructions", "row_scores"]


def as_seen(estimator: Any, split: Split) -> Split:
    """Return data as an autoencoder sees it: of series their windows.

    Parameters
    ----------
    estimator
        The fitted estimator.
    split
        The data.
    """
    test = split.test and as_windows(estimator, split.test)
    return Split(as_windows(estimator, split.train), test)


def as_windows(estimator: Any, dataset: "Dataset") -> "Dataset":
    """Return data as an autoencoder sees it: of series their windows, whose features are unnamed.

    Parameters
    ----------
    estimator
        What was fitted: an autoencoder, or a detector, which may have a window of its own.
    dataset
        The data.
    """
    series = dataset.series
    if (window := getattr(estimator, "window", None)) is not None:
        series = series or _one(dataset)
        series = series.cut(window, estimator.step)
        dataset = dataset.of_series(series)
    return dataset if series is None else replace(dataset, feature_names=None)


def _one(dataset: "Dataset") -> Series:
    """Return rows in their own order as a series."""
    points = np.asarray(dataset.X)
    n = len(points)
    names = dataset.feature_names
    return Series(points, np.array([n]), np.arange(n), feature_names=names)


def row_scores(estimator: Any, dataset: "Dataset") -> NDArray[np.float64]:
    """Return minus the reconstruction error of each row: the mean over the windows it lies in.

    Parameters
    ----------
    estimator
        The autoencoder.
    dataset
        Windows of series.
    """

    def scores(X: NDArray[Any]) -> NDArray[Any]:
        errors: NDArray[np.float64] = estimator.reconstruction_error(X, per="element").sum(axis=2)
        return -errors

    return _per_row(dataset, scores)


def row_reconstructions(estimator: Any, dataset: "Dataset") -> NDArray[np.float64]:
    """Return each row as it is given back: the mean over the windows it lies in.

    Parameters
    ----------
    estimator, dataset
        As in `row_scores`.
    """
    return _per_row(dataset, estimator.reconstruct)


def _per_row(dataset: "Dataset", method: Callable[[Any], Any]) -> NDArray[np.float64]:
    series = dataset.series or _one(dataset)
    return series.per_row(np.concatenate(list(by_blocks(dataset, method))))
