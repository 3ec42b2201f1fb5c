"""Simple variables: the ones that others are made of, and that latent spaces are filled with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from espelho.random_variables.sampler import RandomState, as_generator, check_count

__all__ = ["Normal", "Uniform"]


@dataclass(frozen=True)
class Normal:
    """Vectors of independent standard normal variables, N(0, I).

    Parameters
    ----------
    dim
        Number of elements of a vector.

    Examples
    --------
    >>> from espelho.random_variables import Normal
    >>> Normal(3).sample(2, random_state=0).shape
    (2, 3)
    """

    dim: int = 1

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        return as_generator(random_state).standard_normal((check_count(n), self.dim))


@dataclass(frozen=True)
class Uniform:
    """Vectors of independent variables that are uniform between two bounds.

    Parameters
    ----------
    dim
        Number of elements of a vector.
    low, high
        The bounds of every element.

    Examples
    --------
    >>> from espelho.random_variables import Uniform
    >>> bool(abs(Uniform(2, low=-1, high=1).sample(100, random_state=0)).max() < 1)
    True
    """

    dim: int = 1
    low: float = 0.0
    high: float = 1.0

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        shape = (check_count(n), self.dim)
        return as_generator(random_state).uniform(self.low, self.high, shape)
