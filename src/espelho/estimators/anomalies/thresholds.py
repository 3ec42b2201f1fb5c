"""Thresholds: from which score on, downwards, a row is an outlier."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError

__all__ = ["by_extreme_values", "by_labels", "by_quantile"]

_ROUNDING = 1e-9
"""Share of a score below which two scores are one, computed twice."""

_FEWEST_PEAKS = 10
"""Scores that a distribution of two parameters is fitted to, at least."""

Scores = NDArray[np.float64]


def by_quantile(scores: Scores, share: float, weight: NDArray[np.float64] | None = None) -> float:
    """Return the score that a share of the rows lies below.

    Parameters
    ----------
    scores
        Scores ``(n,)``; the lower, the stranger.
    share
        The share, more than 0; of whole rows the largest number that is no more.
    weight
        Weights of the rows ``(n,)``; a weight of 2 counts like the row given twice.

    Returns
    -------
    float
        Halfway from the last score below to the first that is not.

    Examples
    --------
    >>> by_quantile(np.array([1.0, 2.0, 3.0, 4.0]), 0.25)
    1.5
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    counted = np.ones(len(scores)) if weight is None else weight[order]
    until = np.cumsum(counted)
    n_below = int(np.searchsorted(until, share * until[-1] * (1 + _ROUNDING), side="right"))
    first = ordered[min(n_below, len(ordered) - 1)]
    # Of rows that score alike all or none lie below, whatever rounding makes of them.
    below = ordered[ordered < first - _ROUNDING * abs(first)]
    return float((below[-1] + first) / 2 if len(below) else ordered[0])


def by_extreme_values(scores: Scores, risk: float, tail: float) -> float:
    """Return the score that an ordinary row falls below with some small probability.

    Peaks over threshold (Siffer, Fouque, Termier, Largouet 2017, Anomaly Detection in Streams
    with Extreme Value Theory, KDD). With ``s = -score`` and u the quantile of s that a share
    `tail` lies above, the excesses ``s - u`` have nearly a generalised Pareto distribution of
    shape g and scale d (Pickands 1975, Annals of Statistics 3), and
    ``z = u + d / g ((risk n / n_peaks)^-g - 1)`` is exceeded with the probability `risk`.

    Parameters
    ----------
    scores
        Scores ``(n,)``; the lower, the stranger.
    risk
        The probability, less than `tail`.
    tail
        Share of the scores that the distribution is fitted to, by maximum likelihood.

    Raises
    ------
    DataError
        If that is fewer than ten scores.
    """
    from scipy.stats import genpareto

    strangeness = -scores
    u = float(np.quantile(strangeness, 1 - tail))
    peaks = strangeness[strangeness > u] - u
    if len(peaks) < _FEWEST_PEAKS:
        raise DataError(
            f"threshold='extreme-value' fits the {tail:g} of the scores that are strangest "
            f"(tail), which is {len(peaks)} of {len(scores)}, and needs at least {_FEWEST_PEAKS}. "
            f"Give {ceil(_FEWEST_PEAKS / tail)} rows or more, a larger tail, or use "
            "threshold='quantile'."
        )
    unit = float(peaks.mean())
    with np.errstate(all="ignore"):  # of shapes that are tried and given up
        shape, _, scale = genpareto.fit(peaks / unit, floc=0)
    beyond = genpareto.isf(risk * len(scores) / len(peaks), shape, scale=scale)
    return -(u + unit * float(beyond))


def by_labels(scores: Scores, labels: NDArray[np.int64]) -> float:
    """Return the threshold by which labelled rows are told apart best.

    The one of largest F1, ``2 TP / (2 TP + FP + FN)`` with outliers as what is looked for (van
    Rijsbergen 1979); of several the one that calls the fewest rows outliers.

    Parameters
    ----------
    scores
        Scores ``(n,)``; the lower, the stranger.
    labels
        -1 for outliers and 1 for others, ``(n,)``; both are there.

    Examples
    --------
    >>> by_labels(np.array([1.0, 2.0, 4.0, 5.0]), np.array([-1, -1, 1, 1]))
    3.0
    """
    order = np.argsort(scores, kind="stable")
    ordered, outlying = scores[order], labels[order] == -1
    found, called = np.cumsum(outlying), np.arange(1, len(scores) + 1)
    f1 = 2 * found / (called + outlying.sum())
    between = np.flatnonzero(np.diff(ordered) > 0)
    best = between[np.argmax(f1[between])]
    return float((ordered[best] + ordered[best + 1]) / 2)
