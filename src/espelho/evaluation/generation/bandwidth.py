"""Widths of kernels: checked, or the median distance."""

import math
from numbers import Real
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from espelho.errors import SettingError
from espelho.evaluation.generation.distances import compared, distance_strips
from espelho.evaluation.samples import Floats, draw

__all__ = ["check_bandwidth", "median_bandwidth"]

MEDIAN_ROWS = 2000
ROUNDING = 1e-12


def check_bandwidth(bandwidth: Any) -> float:
    """Return a bandwidth, or raise unless it is a finite number above zero.

    Raises
    ------
    SettingError
        If it is not.
    """
    value = float(bandwidth) if isinstance(bandwidth, Real) else math.nan
    if not 0 < value < math.inf:
        raise SettingError(
            f"bandwidth must be a finite number above zero, got {bandwidth!r}. It is the standard "
            "deviation of a Gaussian, in units of the data."
        )
    return value


def median_bandwidth(samples: ArrayLike, X: ArrayLike) -> float:
    """Return the median distance between the rows of two sets together.

    The usual width of a kernel for :func:`mmd_test`, whose test stays exact: the median does
    not know which row came from which set.

    Parameters
    ----------
    samples, X : array-like of shape (n, ...) and (m, ...)
        The two sets. Of more than 2,000 rows together, 2,000 are drawn, always the same.

    Returns
    -------
    float
        The median over pairs of rows that differ; 1 where there is no such pair.

    Raises
    ------
    DataError
        If there are no rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Examples
    --------
    >>> median_bandwidth([[0.0], [1.0]], [[3.0]])
    2.0
    """
    pooled = np.concatenate(compared(samples, X))
    rows = pooled[draw(len(pooled), MEDIAN_ROWS, 0)]
    strips = distance_strips(rows, rows)
    found = [_apart(squared, at, to) for at, strip in strips for to, squared in strip]
    distances = np.sqrt(np.concatenate(found))
    return float(np.median(distances)) if len(distances) else 1.0


def _apart(squared: torch.Tensor, at: slice, to: slice) -> Floats:
    """Return the squared distances in a block of pairs that differ, each pair once."""
    row = torch.arange(at.start, at.stop, device=squared.device)
    other = torch.arange(to.start, to.stop, device=squared.device)
    apart = squared > ROUNDING * squared.max()
    kept = squared[(row[:, None] < other) & apart]
    return np.asarray(kept.cpu().numpy())
