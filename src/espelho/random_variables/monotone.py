"""Change of variables: a rising or falling function of a variable, and its density."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import SettingError, ShapeError
from espelho.random_variables.sampler import (
    Function,
    RandomState,
    Sampler,
    as_rows,
    density_of,
    one_each,
)
from espelho.random_variables.transformed import mapped

__all__ = ["Monotone"]

TRIED = 1000
RETURNS = 1e-6
"""How far the inverse may miss, as a share of the spread."""
EPSILON = np.finfo(np.float64).eps
FIRST_STEP, SHRINKAGE, STEPS, ORDERS = 0.1, 4.0, 16, 4


@dataclass(frozen=True)
class Monotone:
    """A strictly monotone, differentiable function of a variable of one dimension.

    Its density is that of the base at the point that is mapped to y, times how much the
    inverse h^-1 stretches there: ``f(h^-1(y)) |d h^-1(y) / dy|``. On 1,000 draws it is made sure
    that ``function`` is monotone and that ``inverse`` undoes it, at the first use.

    Parameters
    ----------
    base
        The variable: its samples are numbers, ``(n, 1)`` or ``(n,)``.
    function
        h, of arrays of any shape, element by element.
    inverse
        h^-1. Where it is not finite, or h does not lead back, the density is 0.
    inverse_derivative
        The derivative of h^-1, of either sign. Without it, it is the inverse of that of h,
        from differences with ever smaller steps (Ridders, "Accurate computation of F'(x)
        and F'(x) F''(x)", 1982): to ten digits or more where h is smooth and its values are
        not large beside their differences.
    base_density
        The density of the base; by default its ``density`` method.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import Monotone, Normal
    >>> lognormal = Monotone(Normal(), np.exp, np.log)
    >>> float(np.round(lognormal.density(1.0)[0], 6))  # 1 / sqrt(2 pi)
    0.398942
    """

    base: Sampler
    function: Function
    inverse: Function
    inverse_derivative: Function | None = None
    base_density: Function | None = None

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return samples in the shape of those of the base.

        Raises
        ------
        SettingError
            If ``function`` is not monotone, or not undone by ``inverse``.
        ShapeError
            If the base has more than one dimension.
        """
        function = self._tried.function
        return mapped(function, self.base.sample(n, random_state=random_state))

    def density(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the density at numbers ``(n,)`` or ``(n, 1)``: 0 outside of the range of h.

        Raises
        ------
        SettingError
            As :meth:`sample` does, or if the density of the base is not known, or h has no
            derivative at one of the points.
        """
        rows, tried = as_rows(X, 1), self._tried
        base_density = density_of(self.base, self.base_density, "base_density")
        with np.errstate(all="ignore"):
            x = one_each(tried.inverse(rows), rows, "inverse")
            back = one_each(tried.function(x), x, "function")
            missed = np.abs(back - rows[:, 0]) > RETURNS * (np.abs(back) + tried.spread)
        density = np.zeros(len(rows))
        inside = np.flatnonzero(np.isfinite(x) & ~missed)
        density[inside] = one_each(base_density(x[inside, None]), x[inside], "base_density")
        inside = inside[density[inside] > 0]
        density[inside] *= self._stretch(rows[inside], x[inside])
        return density

    def _stretch(self, y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.inverse_derivative is not None:
            slope = one_each(self.inverse_derivative(y), y, "inverse_derivative")
            return np.asarray(np.abs(slope))
        slope = _slope(self.function, x)
        with np.errstate(all="ignore"):
            stretch = np.abs(1 / slope)
        # At the edge of the base, where h has no values on one side, its inverse may have some.
        edge = np.isnan(stretch)
        stretch[edge] = np.abs(_slope(self.inverse, y[edge, 0]))
        if not np.isfinite(stretch).all():
            point = x[~np.isfinite(stretch)][0]
            raise SettingError(
                f"function has no derivative, or one of 0, at {point:.6g}. Give "
                "inverse_derivative=, or leave the point out."
            )
        return np.asarray(stretch)

    @cached_property
    def _tried(self) -> "_Tried":
        """The function and its inverse, once they have proved themselves on 1,000 draws."""
        drawn = np.asarray(self.base.sample(TRIED, random_state=0))
        if drawn.size != TRIED:
            raise ShapeError(
                f"Samples of the base must be single numbers, got the shape {drawn.shape[1:]}."
            )
        x = np.unique(drawn).reshape(-1, 1)
        y = mapped(self.function, x)
        _check_monotone(x[:, 0], one_each(y, x, "function"))
        missed = np.abs(one_each(self.inverse(y), y, "inverse") - x[:, 0])
        if not missed.max() <= RETURNS * np.ptp(x):
            i = int(np.argmax(~(missed <= RETURNS * np.ptp(x))))
            raise SettingError(
                f"inverse must undo function, but at {x[i, 0]:.6g} it comes back with an error "
                f"of {missed[i]:.3g}."
            )
        return _Tried(self.function, self.inverse, np.ptp(np.quantile(y, (0.25, 0.75))))


class _Tried(NamedTuple):
    """A function and its inverse, and how far apart the quartiles of its values are."""

    function: Function
    inverse: Function
    spread: float


def _check_monotone(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    steps = np.diff(y)
    direction = 1 if y[-1] > y[0] else -1
    wrong = ~(direction * steps >= 0)
    if wrong.any() or not steps.any():
        i = int(np.argmax(wrong))
        raise SettingError(
            "function must rise everywhere, or fall everywhere, but it goes from "
            f"{y[0]:.6g} at {x[0]:.6g} to {y[-1]:.6g} at {x[-1]:.6g}, and from {y[i]:.6g} at "
            f"{x[i]:.6g} to {y[i + 1]:.6g} at {x[i + 1]:.6g}. Transformed takes any function."
        )


def _slope(function: Function, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivative at numbers, each from the steps that agree best with each other."""
    step = FIRST_STEP * np.maximum(1.0, np.abs(x))
    best, error = np.full_like(x, np.nan), np.full_like(x, np.inf)
    before: list[NDArray[np.float64]] = []
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            upper, lower = function(x + step), function(x - step)
            row = [(upper - lower) / ((x + step) - (x - step))]
            rounding = EPSILON * np.maximum(np.abs(upper), np.abs(lower)) / step
            for order, coarse in enumerate(before[: ORDERS - 1], 1):
                gain = SHRINKAGE ** (2 * order)
                row.append((gain * row[-1] - coarse) / (gain - 1))
                doubt = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - coarse))
                doubt += rounding  # small steps agree by chance
                best = np.where(doubt < error, row[-1], best)
                error = np.fmin(error, doubt)
            before, step = row, step / SHRINKAGE
    return best
