"""Inverse transform: a uniform number, put through a quantile function, has its distribution.

With U uniform on (0, 1) and Q(u) = min {x : F(x) >= u}, the variable Q(U) has the cumulative
distribution function F (Devroye, "Non-uniform random variate generation", 1986, section II.2).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, SettingError, ShapeError
from espelho.random_variables.sampler import Function, RandomState, as_generator, check_count

__all__ = ["Discrete", "Empirical", "InverseTransform", "check_probabilities", "uniform"]

SMALLEST = 2.0**-54
"""Half of the step between the uniform numbers that NumPy draws."""
SUM_TOLERANCE = 1e-6
"""How far probabilities may be from a sum of 1: as far as those of 32 bits are."""


@dataclass(frozen=True)
class InverseTransform:
    """Vectors of independent variables with a given quantile function.

    Parameters
    ----------
    quantile
        The quantile function, or any other function that makes the variable out of a
        uniform one. It takes an array of numbers above 0 and below 1, and returns one of
        the same shape.
    dim
        Number of elements of a vector.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import InverseTransform
    >>> exponential = InverseTransform(lambda u: -np.log1p(-u))
    >>> float(np.round(exponential.sample(100_000, random_state=0).mean(), 1))
    1.0
    """

    quantile: Function
    dim: int = 1

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return samples ``(n, dim)``.

        Raises
        ------
        SettingError
            If ``quantile`` returns what is not finite.
        ShapeError
            If ``quantile`` returns another shape than it was given.
        """
        u = uniform((check_count(n), self.dim), random_state)
        drawn = np.asarray(self.quantile(u))
        if drawn.shape != u.shape:
            raise ShapeError(
                f"quantile must return an array of the shape that it is given, {u.shape}, "
                f"got {drawn.shape}."
            )
        bad = ~np.isfinite(drawn)
        if bad.any():
            raise SettingError(
                "quantile must return finite numbers for all numbers between 0 and 1, got "
                f"{drawn[bad][0]} for {u[bad][0]:.6g}."
            )
        return drawn


@dataclass(frozen=True, eq=False)
class Empirical:
    """Vectors of independent variables that are distributed as observed numbers are.

    Parameters
    ----------
    values
        Observed numbers, ``(n_values,)``.
    method
        The quantile function. ``linear`` joins the i-th of n sorted numbers at
        (i - 1) / (n - 1) by straight lines: type 7 of Hyndman and Fan ("Sample quantiles in
        statistical packages", 1996), new numbers between the least and the greatest.
        ``step`` inverts the empirical distribution function, their type 1: the observed
        numbers themselves, as the bootstrap draws them.
    dim
        Number of elements of a vector.

    Examples
    --------
    >>> from espelho.random_variables import Empirical
    >>> Empirical([3, 1, 2], "step").quantile([0.2, 0.5, 0.9])
    array([1., 2., 3.])
    >>> Empirical([3, 1, 2]).quantile([0.2, 0.5, 0.9])
    array([1.4, 2. , 2.8])
    """

    values: ArrayLike
    method: Literal["linear", "step"] = "linear"
    dim: int = 1

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``.

        Raises
        ------
        DataError
            If there are no values, or some that are not finite.
        """
        return self.quantile(uniform((check_count(n), self.dim), random_state))

    def quantile(self, probabilities: ArrayLike) -> NDArray[np.float64]:
        """Return the quantiles of probabilities of any shape, above 0 and below 1."""
        u, values = check_probabilities(probabilities), self._sorted
        if self.method == "linear":
            return np.asarray(np.interp(u * (len(values) - 1), np.arange(len(values)), values))
        if self.method == "step":
            return np.asarray(values[np.ceil(u * len(values)).astype(np.intp) - 1])
        raise SettingError(f"method must be 'linear' or 'step', got {self.method!r}.")

    @cached_property
    def _sorted(self) -> NDArray[np.float64]:
        values = np.sort(np.asarray(self.values, dtype=np.float64))
        if values.ndim != 1:
            raise ShapeError(f"values must have the shape (n_values,), got {values.shape}.")
        if not len(values) or not np.isfinite(values).all():
            raise DataError("There must be at least one value, and all must be finite.")
        return values


@dataclass(frozen=True, eq=False)
class Discrete:
    """Variables that take one of finitely many values.

    Parameters
    ----------
    values
        What they may be: numbers, names, or arrays, ``(n_values, *sample)``.
    probabilities
        How likely each is, ``(n_values,)``; all equally by default.

    Examples
    --------
    >>> from espelho.random_variables import Discrete
    >>> bool((Discrete(["heads", "tails"], [1, 0]).sample(9) == "heads").all())
    True
    """

    values: ArrayLike
    probabilities: ArrayLike | None = None

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return samples ``(n, *sample)``.

        Raises
        ------
        SettingError
            If a probability is negative, or if they do not add up to 1.
        ShapeError
            If there is not one for each value.
        """
        return self.quantile(uniform((check_count(n),), random_state))

    def quantile(self, probabilities: ArrayLike) -> NDArray[Any]:
        """Return the first values, in the order given, up to which probabilities add up to these.

        Where the values rise, that is the quantile function.
        """
        u = check_probabilities(probabilities)
        return np.asarray(self.values)[np.searchsorted(self._cumulated, u)]

    @cached_property
    def _cumulated(self) -> NDArray[np.float64]:
        n = len(np.asarray(self.values))
        given = np.full(n, 1 / max(n, 1)) if self.probabilities is None else self.probabilities
        p = np.asarray(given, dtype=np.float64)
        if p.shape != (n,):
            raise ShapeError(
                f"probabilities must have one number for each of {n} values, got {p.shape}."
            )
        if not (p >= 0).all():
            raise SettingError(f"probabilities must not be negative, got {p[~(p >= 0)][0]:.6g}.")
        cumulated = p.cumsum()
        if not n or abs(cumulated[-1] - 1) > SUM_TOLERANCE:
            raise SettingError(f"probabilities must add up to 1, got {p.sum():.6g}.")
        return np.asarray(cumulated / cumulated[-1])


def uniform(shape: tuple[int, ...], random_state: RandomState) -> NDArray[np.float64]:
    """Return numbers above 0 and below 1: quantiles there are finite."""
    return np.maximum(as_generator(random_state).random(shape), SMALLEST)


def check_probabilities(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities as an array, or raise unless all are above 0 and below 1.

    Raises
    ------
    DataError
        If they are not.
    """
    u = np.asarray(probabilities, dtype=np.float64)
    outside = ~((u > 0) & (u < 1))
    if outside.any():
        raise DataError(f"Probabilities must be above 0 and below 1, got {u[outside][0]:.6g}.")
    return u
