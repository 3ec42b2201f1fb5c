"""Tables with categories: read as numbers, by a layout that is learned in fit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.checks import check_finite
from espelho.data.tables.frames import has_categories
from espelho.data.tables.layout import Layout, TableContainer
from espelho.errors import DataError, ShapeError

__all__ = ["read_table", "takes_categories"]


def takes_categories(estimator: Any, X: Any, *, reset: bool) -> bool:
    """Return whether an estimator learns, or has learned, from X as a table with categories.

    Parameters
    ----------
    estimator, X, reset
        As in `espelho.estimators.data.samples.read`.
    """
    if not reset:
        return hasattr(estimator, "layout_")
    vars(estimator).pop("layout_", None)
    return getattr(estimator, "_takes_tables", False) and has_categories(X)


def read_table(
    estimator: Any, X: Any, *, reset: bool, gaps: bool, advice: str
) -> tuple[NDArray[np.float64], TableContainer]:
    """Check a table with categories, and return it as numbers and what it came in as.

    Parameters
    ----------
    estimator
        Whose data it is: ``layout_``, ``n_features_in_`` and ``feature_names_in_`` are set, or
        compared.
    X, reset
        As in `espelho.estimators.data.samples.read`.
    gaps, advice
        As in `espelho.data.checks.check_finite`.
    """
    if reset:
        if estimator.sample_shape is not None:
            raise ShapeError(
                f"sample_shape={estimator.sample_shape} is about rows of numbers, and X is a "
                "table with categories. Leave it out."
            )
        estimator.layout_ = Layout.learn(
            X, estimator.rare_share, estimator.other_category, gaps=gaps, advice=advice
        )
        estimator.n_features_in_ = len(estimator.layout_.names)
        estimator.feature_names_in_ = np.array(estimator.layout_.names, dtype=object)
    values = estimator.layout_.encode(X, gaps=gaps, advice=advice)
    if not len(values):
        raise DataError("X has 0 rows, and at least 1 is needed.")
    check_finite(values, estimator.layout_.names, gaps=gaps, advice=advice)
    return values, TableContainer.of_table(X, estimator.layout_)
