"""A mean with what it may be off by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["Margin"]

LEVEL = 0.95


@dataclass(frozen=True)
class Margin:
    r"""A mean, its standard error, and the degrees of freedom that this was estimated with.

    Attributes
    ----------
    mean : float
        The mean.
    error : float
        Its standard error.
    freedom : float
        Degrees of freedom of Student's distribution.

    Examples
    --------
    >>> margin = Margin.of_samples([1.0, 2.0, 3.0, 4.0])
    >>> margin.mean, [round(end, 2) for end in margin.interval()]
    (2.5, [0.45, 4.55])
    >>> margin.side
    1
    """

    mean: float
    error: float
    freedom: float

    @classmethod
    def of_samples(cls, values: Sequence[float] | NDArray[Any]) -> "Margin":
        """Return the mean of independent values, with their standard error."""
        found = np.asarray(values, dtype=np.float64)
        n = len(found)
        if n < 2:
            return cls(float(found.mean()), math.nan, math.nan)
        return cls(float(found.mean()), float(found.std(ddof=1) / math.sqrt(n)), n - 1)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the ends of the interval that holds the true mean so often."""
        if not math.isfinite(self.error):
            return math.nan, math.nan
        reach = float(stats.t.ppf((1 + level) / 2, self.freedom)) * self.error
        return self.mean - reach, self.mean + reach

    @property
    def side(self) -> int:
        """-1 where the interval lies below 0, 1 where it lies above, else 0."""
        return self.side_at(LEVEL)

    def side_at(self, level: float) -> int:
        """Return the side of 0 that the interval of a level lies on, 0 where on both."""
        low, high = self.interval(level)
        return int(low > 0) - int(high < 0)
