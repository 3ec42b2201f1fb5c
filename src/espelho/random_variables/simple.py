"""Simple variables: the ones that others are made of, and that latent spaces are filled with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.random_variables.sampler import (
    RandomState,
    as_generator,
    as_rows,
    check_count,
)

__all__ = ["Normal", "Uniform"]


@dataclass(frozen=True)
class Normal:
    """Vectors of independent normal variables around 0, N(0, scale^2 I).

    Parameters
    ----------
    dim
        Number of elements of a vector.
    scale
        The standard deviation of every element.

    Examples
    --------
    >>> from espelho.random_variables import Normal
    >>> Normal(3).sample(2, random_state=0).shape
    (2, 3)
    """

    dim: int = 1
    scale: float = 1.0

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        shape = (check_count(n), self.dim)
        return self.scale * as_generator(random_state).standard_normal(shape)

    def density(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the density at points ``(n, dim)``.

        It is ``exp(-|x|^2 / (2 scale^2)) / (2 pi scale^2)^(dim / 2)``.
        """
        squares = np.square(as_rows(X, self.dim) / self.scale).sum(axis=1)
        constant = (np.sqrt(2 * np.pi) * self.scale) ** self.dim
        return np.asarray(np.exp(-squares / 2) / constant)


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

    def density(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the density at points ``(n, dim)``: constant between the bounds, 0 outside."""
        points = as_rows(X, self.dim)
        inside = ((points >= self.low) & (points <= self.high)).all(axis=1)
        return np.asarray(inside / float(self.high - self.low) ** self.dim)
