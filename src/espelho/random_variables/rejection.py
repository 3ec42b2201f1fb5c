"""Rejection sampling: from a density that can be computed, but not drawn from."""

from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import SamplingError, SettingError
from espelho.random_variables.filtered import Filtered
from espelho.random_variables.sampler import Function, RandomState, Sampler, density_of, one_each

__all__ = ["Rejection"]

ROUNDING = 1e-9
"""How far above the bound a ratio may be by rounding, as a share of it."""


@dataclass(eq=False)
class Rejection:
    """Variables with a given density, by rejection.

    A proposal x with density g is accepted with the probability f(x) / (M g(x)), where the
    bound M is such that f(x) <= M g(x) everywhere; what is accepted has the density f
    (von Neumann, "Various techniques used in connection with random digits", 1951). The
    share of accepted proposals is the integral of f, divided by M.

    Parameters
    ----------
    density
        f, which need not integrate to 1. It takes samples as ``proposal`` draws them,
        ``(n, *sample)``, and returns one number for each.
    proposal
        What proposals are drawn from.
    bound
        M.
    proposal_density
        g, of an integral of 1; by default the ``density`` method of ``proposal``.
    max_proposals
        How many proposals to draw at most; by default 1,000 for each sample asked for, and
        at least 100,000.
    batch_size
        How many of them to draw at once, at most.

    Attributes
    ----------
    acceptance_rate_
        Share of the proposals of the latest call that were accepted, not a number before.
    bound_estimate_
        The largest f(x) / g(x) of these proposals: the best bound is at least this, and
        hardly more if there were many.

    Examples
    --------
    >>> from espelho.random_variables import Rejection, Uniform
    >>> parabola = Rejection(lambda x: x * (1 - x), Uniform(), bound=0.5)
    >>> parabola.sample(1000, random_state=0).shape
    (1000, 1)
    >>> round(parabola.acceptance_rate_, 1), round(parabola.bound_estimate_, 3)
    (0.3, 0.25)
    """

    density: Function
    proposal: Sampler
    bound: float
    proposal_density: Function | None = None
    max_proposals: int | None = None
    batch_size: int = 10_000

    acceptance_rate_: float = field(default=nan, init=False, repr=False)
    bound_estimate_: float = field(default=nan, init=False, repr=False)

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return samples ``(n, *sample)``, exactly n.

        Raises
        ------
        SamplingError
            If the bound is violated, or ``max_proposals`` do not yield n samples.
        SettingError
            If a density returns what is negative or not finite, the bound is not above 0, or
            the density of the proposal is not known.
        ShapeError
            If a density does not return one number for each sample.
        """
        judge = _Judge(self)
        filtered = Filtered(self.proposal, judge, self.max_proposals, self.batch_size)
        try:
            return filtered.sample(n, random_state=random_state)
        finally:
            self.acceptance_rate_ = filtered.acceptance_rate_
            self.bound_estimate_ = judge.largest_ratio

    def ratio(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """Return f(x) / g(x) of samples as ``proposal`` draws them; M must be above them all."""
        density_g = density_of(self.proposal, self.proposal_density, "proposal_density")
        f = one_each(self.density(X), X, "density")
        g = one_each(density_g(X), X, "proposal_density")
        _check(f, X, np.isfinite(f) & (f >= 0), "density must be finite and not negative")
        rule = "proposal_density must be finite, and above 0 where proposals fall"
        _check(g, X, np.isfinite(g) & (g > 0), rule)
        return np.asarray(f / g)


class _Judge:
    """Gives proposals their probabilities, and remembers the largest ratio of densities."""

    def __init__(self, variable: Rejection) -> None:
        if not (np.isfinite(variable.bound) and variable.bound > 0):
            raise SettingError(f"bound must be finite and above 0, got {variable.bound}.")
        self.variable = variable
        self.largest_ratio = nan

    def __call__(self, X: NDArray[Any]) -> NDArray[np.float64]:
        bound, ratio = self.variable.bound, self.variable.ratio(X)
        worst = int(np.argmax(ratio))
        largest = float(ratio[worst])
        self.largest_ratio = float(np.fmax(self.largest_ratio, largest))
        if largest > bound * (1 + ROUNDING):
            raise SamplingError(
                f"The bound is violated at {_point(X[worst])}: density / proposal_density is "
                f"{largest:.6g} there, above bound={bound:.6g}. Raise bound to the largest ratio "
                "over all points, or propose from a distribution with heavier tails."
            )
        return np.minimum(ratio / bound, 1.0)


def _check(values: NDArray[Any], X: NDArray[Any], valid: NDArray[np.bool_], rule: str) -> None:
    if not valid.all():
        i = int(np.argmin(valid))
        raise SettingError(f"{rule}, got {values[i]:.6g} at {_point(X[i])}.")


def _point(x: NDArray[Any]) -> str:
    return np.array2string(np.asarray(x), precision=6, threshold=8)
