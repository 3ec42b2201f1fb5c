"""Imputation: how well known values come back that were hidden on purpose."""

import warnings
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from espelho.data.gaps.marks import missing
from espelho.evaluation.result import Row
from espelho.evaluation.samples import Floats, Seed, as_floats

__all__ = ["filled", "imputation_rows"]

_HIDDEN = 0.1
"""Share of the known values that are hidden."""


def filled(estimator: Any, X: Any) -> Any:
    """Return data whose gaps the estimator has filled, or as it is where it fills none.

    Parameters
    ----------
    estimator
        A fitted estimator.
    X
        Samples, or nothing.
    """
    if X is None or not hasattr(estimator, "impute") or missing(as_floats(X)) is None:
        return X
    return estimator.impute(X)


def imputation_rows(estimator: Any, X: Any, random_state: Seed) -> tuple[Row, ...]:
    """Return the error of an estimator on values that were hidden, beside that of column means.

    The root of the mean squared error, each in standard deviations of what is left of its column.

    Parameters
    ----------
    estimator
        A fitted estimator; there are no rows of one that fills no gaps.
    X
        Samples, with gaps of their own or without.
    random_state
        Which of the known values are hidden.
    """
    if not hasattr(estimator, "impute"):
        return ()
    known = as_floats(X)
    drawn = check_random_state(random_state).random_sample(known.shape)
    hidden = (drawn < _HIDDEN) & ~np.isnan(known)
    seen = np.where(hidden, np.nan, known)
    hidden &= ~np.isnan(seen).all(axis=0)  # of nothing there is no mean
    if not hidden.any():
        return ()
    deviations = np.nanstd(seen, axis=0, where=~np.isnan(seen))
    scale = np.where(deviations > 0, deviations, 1.0)

    def error(answers: Floats) -> float:
        return float(np.sqrt(np.mean(np.square((answers - known) / scale)[hidden])))

    means = np.broadcast_to(np.nanmean(seen, axis=0), known.shape)
    return (
        Row(
            "imputation_error",
            "error of what was hidden",
            "standard deviations of a column",
            error(_imputed(estimator, seen, X)),
            {"mean": error(means)},
            better="lower",
            note=f"root mean square over {_HIDDEN:.0%} of the known values, hidden and filled",
        ),
    )


def _imputed(estimator: Any, seen: Floats, X: Any) -> Floats:
    with warnings.catch_warnings():
        # Rows of a table have lost the names of their columns.
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        return as_floats(estimator.impute(seen.reshape(X.shape)))
