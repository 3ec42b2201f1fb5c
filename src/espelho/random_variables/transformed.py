"""Transformation: a function of simple variables is a variable of its own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import ShapeError
from espelho.random_variables.sampler import Function, RandomState, Sampler

__all__ = ["Transformed", "mapped"]


@dataclass(frozen=True)
class Transformed:
    """A function of another variable (Devroye, "Non-uniform random variate generation", 1986).

    :class:`Monotone` is the one whose density is known.

    Parameters
    ----------
    base
        The other variable, or any sampler.
    function
        Takes its samples ``(n, *sample)`` and returns as many, of any shape.

    Examples
    --------
    A chi-square variable is a sum of squares of normal ones:

    >>> import numpy as np
    >>> from espelho.random_variables import Normal, Transformed
    >>> chi2 = Transformed(Normal(3), lambda x: np.square(x).sum(axis=1, keepdims=True))
    >>> chi2.sample(1000, random_state=0).shape
    (1000, 1)
    """

    base: Sampler
    function: Function

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return samples ``(n, *sample)``.

        Raises
        ------
        ShapeError
            If ``function`` returns another number of samples than it was given.
        """
        return mapped(self.function, self.base.sample(n, random_state=random_state))


def mapped(function: Function, X: NDArray[Any]) -> NDArray[Any]:
    """Return what a function makes of samples, if that are as many.

    Raises
    ------
    ShapeError
        If they are not.
    """
    found = np.asarray(function(X))
    if found.shape[:1] != (len(X),):
        raise ShapeError(
            f"function must return as many samples as it is given, {len(X)}, got an array of "
            f"shape {found.shape}."
        )
    return found
