"""Inverse transform where only the cumulative distribution function is known."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import SettingError, ShapeError
from espelho.random_variables.quantile import check_probabilities, uniform
from espelho.random_variables.sampler import Function, RandomState, check_count

__all__ = ["InverseCDF"]

Floats = NDArray[np.float64]

POWERS = 2.0 ** np.arange(-1022, 1024)
STEEP, PARTS = 1 / 64, 32
"""Intervals in which a CDF rises more than this are cut into so many."""
ROUNDING = 1e-9
"""How far a CDF may fall, and miss 0 and 1, by rounding."""
ACCURACY, TINY = 2.0**-48, float(np.finfo(np.float64).tiny)
MOST_GUESSES = 100


@dataclass(frozen=True)
class InverseCDF:
    """Vectors of independent variables with a given cumulative distribution function.

    The CDF F is inverted numerically. A table of powers of two, over all magnitudes that
    floating point has, and of finer points where F is steep, gives brackets; in these all
    draws are found together by the method of Chandrupatla ("A new hybrid
    quadratic/bisection algorithm for finding the zero of a nonlinear function without using
    derivatives", 1997). The result is the least x with F(x) >= u, to 1e-14 of its size or
    to what the rounding of F allows: in an upper tail of density f, about 1e-16 / f(x).

    Parameters
    ----------
    cdf
        The function. It takes an array of numbers and returns their probabilities, which
        never fall, in the same shape. Jumps and level parts are allowed.
    dim
        Number of elements of a vector.
    support
        Where it rises from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import InverseCDF
    >>> logistic = InverseCDF(lambda x: 1 / (1 + np.exp(-x)))
    >>> float(np.round(logistic.quantile(0.9), 6))  # log 9
    2.197225
    """

    cdf: Function
    dim: int = 1
    support: tuple[float, float] = (-np.inf, np.inf)

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``.

        Raises
        ------
        SettingError
            If ``cdf`` falls, or does not rise from 0 to 1 over the support.
        ShapeError
            If it returns another shape than it was given.
        """
        return self.quantile(uniform((check_count(n), self.dim), random_state))

    def quantile(self, probabilities: ArrayLike) -> NDArray[np.float64]:
        """Return the quantiles of probabilities of any shape, above 0 and below 1."""
        u = check_probabilities(probabilities)
        points, levels = self._table
        above = np.searchsorted(levels, u.ravel())
        bracket = _Bracket(
            points[above], points[above - 1], levels[above], levels[above - 1], u.ravel()
        )
        return self._solve(bracket).reshape(u.shape)

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        """Points and the CDF there, from 0 to 1."""
        low, high = np.clip(self.support, -POWERS[-1], POWERS[-1])
        if not low < high:
            raise SettingError(f"support must be (lower, upper) bounds, got {self.support}.")
        points = np.concatenate([-POWERS[::-1], [0.0], POWERS])
        points = np.concatenate([[low], points[(points > low) & (points < high)], [high]])
        points, levels = self._known(points)
        if levels[0] > ROUNDING or levels[-1] < 1 - ROUNDING:
            end = 0 if levels[0] > ROUNDING else -1
            raise self._wrong(f"it is {levels[end]:.6g} at {points[end]:.6g}")
        points, levels = self._known(_refined(points, levels))
        self._check_rise(levels[:-1], levels[1:], points[:-1], points[1:])
        levels[0], levels[-1] = 0.0, 1.0
        return points, np.maximum.accumulate(levels)

    def _known(self, points: Floats) -> tuple[Floats, Floats]:
        """Return points and levels where there are any: some functions end in inf / inf."""
        levels = self._levels(points)
        known = ~np.isnan(levels)
        if not known.any():
            raise self._wrong(f"it is nan everywhere, at {points[0]:.6g} for one")
        return points[known], levels[known]

    def _solve(self, bracket: "_Bracket") -> Floats:
        """Return the upper ends of brackets that have become as narrow as they can."""
        found = np.empty_like(bracket.u)
        left, third = np.arange(len(found)), bracket
        t, steps = np.full(len(found), 0.5), 0
        while len(left):
            x = bracket.a + t * (bracket.b - bracket.a)
            level = self._levels(x)
            if np.isnan(level).any():
                raise self._wrong(f"it is nan at {x[np.isnan(level)][0]:.6g}")
            self._check_rise(bracket.bottom, level, bracket.low, x)
            self._check_rise(level, bracket.top, x, bracket.high)
            bracket, third = _narrowed(bracket, x, level)
            least, steps = bracket.least_share, steps + 1
            done = least > 0.5
            found[left[done]] = bracket.high[done]
            left, bracket, third = left[~done], bracket.take(~done), third.take(~done)
            t = np.clip(_guess(bracket, third, steps), least[~done], 1 - least[~done])
        return found

    def _levels(self, points: Floats) -> Floats:
        with np.errstate(all="ignore"):
            levels = np.asarray(self.cdf(points), dtype=np.float64)
        if levels.shape != points.shape:
            raise ShapeError(
                f"cdf must return an array of the shape that it is given, {points.shape}, "
                f"got {levels.shape}."
            )
        outside = (levels < -ROUNDING) | (levels > 1 + ROUNDING)
        if outside.any():
            raise self._wrong(f"it is {levels[outside][0]:.6g} at {points[outside][0]:.6g}")
        return np.clip(levels, 0, 1)

    def _check_rise(self, lower: Floats, upper: Floats, a: Floats, b: Floats) -> None:
        falls = upper < lower - ROUNDING
        if falls.any():
            i = int(np.argmax(falls))
            raise self._wrong(
                f"it falls from {lower[i]:.6g} at {a[i]:.6g} to {upper[i]:.6g} at {b[i]:.6g}"
            )

    def _wrong(self, what: str) -> SettingError:
        low, high = self.support
        return SettingError(
            f"cdf must rise from 0 to 1 between {low:g} and {high:g}, and never fall; {what}. "
            "Give support= if the variable lies between other bounds."
        )


class _Bracket(NamedTuple):
    """For each probability u the latest point a and a point b on the other side of it."""

    a: Floats
    b: Floats
    F_a: Floats
    F_b: Floats
    u: Floats

    @property
    def low(self) -> Floats:
        return np.minimum(self.a, self.b)

    @property
    def high(self) -> Floats:
        return np.maximum(self.a, self.b)

    @property
    def bottom(self) -> Floats:
        return np.minimum(self.F_a, self.F_b)

    @property
    def top(self) -> Floats:
        return np.maximum(self.F_a, self.F_b)

    @property
    def least_share(self) -> Floats:
        """The share of the bracket that is too small to be told apart."""
        size = ACCURACY * np.minimum(np.abs(self.a), np.abs(self.b)) + TINY
        return np.asarray(size / np.maximum(self.high - self.low, TINY))

    def take(self, index: NDArray[np.bool_]) -> "_Bracket":
        return _Bracket(*(values[index] for values in self))


def _refined(points: Floats, levels: Floats) -> Floats:
    steep = np.flatnonzero(np.diff(levels) > STEEP)
    inner = np.linspace(points[steep], points[steep + 1], PARTS, endpoint=False)
    return np.unique(np.concatenate([points, inner.ravel()]))


def _narrowed(bracket: _Bracket, x: Floats, level: Floats) -> tuple[_Bracket, _Bracket]:
    """Return the bracket with x as one of its ends, and the one with the end that it replaces."""
    a, b, F_a, F_b, u = bracket
    same = (level >= u) == (F_a >= u)
    b, F_b, c, F_c = (np.where(same, *pair) for pair in ((b, a), (F_b, F_a), (a, b), (F_a, F_b)))
    return _Bracket(x, b, level, F_b, u), _Bracket(c, b, F_c, F_b, u)


def _guess(bracket: _Bracket, third: _Bracket, steps: int) -> Floats:
    """Return where in the bracket the root is: by an inverse parabola, or halfway.

    After many steps always halfway, so that there is an end to them.
    """
    a, b, c = bracket.a, bracket.b, third.a
    f_a, f_b, f_c = bracket.F_a - bracket.u, bracket.F_b - bracket.u, third.F_a - bracket.u
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (f_a - f_b) / (f_c - f_b)
        parabola = f_a / (f_b - f_a) * f_c / (f_b - f_c)
        parabola += (c - a) / (b - a) * f_a / (f_c - f_a) * f_b / (f_c - f_b)
        sound = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi) & (steps < MOST_GUESSES)
    return np.where(sound, parabola, 0.5)
