"""The mixture of normal distributions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from espelho.random_variables.sampler import RandomState, as_generator, check_count

__all__ = ["GaussianMixture"]


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    """Vectors from one of several normal distributions.

    Its density is ``sum_k weights_k N(x; means_k, covariances_k)``.

    Parameters
    ----------
    means
        Centres of the components ``(k, dim)``.
    covariances
        Their covariance matrices ``(k, dim, dim)``.
    weights
        How often each component is drawn from ``(k,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import GaussianMixture
    >>> mixture = GaussianMixture(np.array([[0.0], [9.0]]), np.ones((2, 1, 1)), np.ones(2) / 2)
    >>> mixture.sample(1000, random_state=0).mean().round()
    np.float64(5.0)
    """

    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    weights: NDArray[np.float64]

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        n, drawn = check_count(n), as_generator(random_state)
        which = drawn.choice(len(self.weights), size=n, p=self.weights)
        noise = drawn.standard_normal((n, self.means.shape[1]))
        found = self.means[which]
        for k, factor in enumerate(np.linalg.cholesky(self.covariances)):
            found[which == k] += noise[which == k] @ factor.T
        return found
