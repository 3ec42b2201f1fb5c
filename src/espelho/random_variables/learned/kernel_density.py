"""The kernel density: points that were seen, each blurred a little."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from espelho.random_variables.sampler import RandomState, as_generator, check_count

__all__ = ["KernelDensity", "likely_bandwidth"]

_JUDGED = 500
"""Points, evenly spread, whose likelihood decides on a bandwidth."""
_BANDWIDTHS = np.geomspace(0.01, 2.0, 24)


@dataclass(frozen=True, eq=False)
class KernelDensity:
    """Vectors around points, with normal noise.

    Its density is ``mean_i N(z; points_i, bandwidth^2 I)`` (Parzen 1962, Annals of Mathematical
    Statistics 33).

    Parameters
    ----------
    points
        ``(n, dim)``.
    bandwidth
        Standard deviation of the noise.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import KernelDensity
    >>> points = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]])
    >>> KernelDensity(points, bandwidth=0.1).sample(5, random_state=0).shape
    (5, 2)
    """

    points: NDArray[np.float64]
    bandwidth: float

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        n, drawn = check_count(n), as_generator(random_state)
        centres = self.points[drawn.integers(len(self.points), size=n)]
        return centres + self.bandwidth * drawn.standard_normal(centres.shape)


def likely_bandwidth(points: NDArray[np.float64]) -> float:
    """Return the bandwidth under which points are most likely.

    Each of up to 500 points is judged by the density around all others, and one of 24
    bandwidths from 0.01 to 2 is chosen (Duin 1976, IEEE Transactions on Computers 25). A
    point that came twice counts once: for such no bandwidth would be small enough.

    Parameters
    ----------
    points
        ``(n, dim)``, of a variance of about 1 in each direction.
    """
    from scipy.spatial.distance import cdist
    from scipy.special import logsumexp

    distinct = np.unique(points, axis=0)
    if len(distinct) == 1:
        return 1.0
    judged = np.linspace(0, len(distinct) - 1, min(len(distinct), _JUDGED)).astype(np.intp)
    squares = cdist(distinct[judged], distinct, "sqeuclidean")
    squares[np.arange(len(judged)), judged] = np.inf
    likelihoods = [
        logsumexp(-squares / (2 * h**2), axis=1).mean() - points.shape[1] * np.log(h)
        for h in _BANDWIDTHS
    ]
    return float(_BANDWIDTHS[int(np.argmax(likelihoods))])
