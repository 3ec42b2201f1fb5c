"""The sampler: what everything that can be drawn from has in common."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import SettingError, ShapeError

__all__ = [
    "Function",
    "RandomState",
    "Sampler",
    "as_generator",
    "as_rows",
    "check_count",
    "density_of",
    "one_each",
]

RandomState: TypeAlias = int | np.random.Generator | np.random.RandomState | None
Function: TypeAlias = Callable[[NDArray[Any]], Any]


@runtime_checkable
class Sampler(Protocol):
    """Whatever draws samples: random variables, priors, and fitted generators alike."""

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return n independent samples ``(n, *sample)``.

        Parameters
        ----------
        n
            How many, at least 1.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it another sample each time.
        """
        ...


def as_generator(random_state: RandomState) -> np.random.Generator:
    """Return the generator that a random state stands for.

    Parameters
    ----------
    random_state
        A generator is returned as it is, and moves on; a ``RandomState`` gives its next seed.
    """
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31 - 1, size=4))
    return np.random.default_rng(random_state)


def check_count(n: Any, name: str = "n", meaning: str = "how many samples to draw") -> int:
    """Return a number of samples, or raise unless it is a whole number of at least 1.

    Parameters
    ----------
    n
        The number.
    name
        What the caller calls it.
    meaning
        What it says, for the message.

    Raises
    ------
    SettingError
        If it is not.
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
        raise SettingError(
            f"{name} must be a whole number of at least 1, got {n!r}. It says {meaning}."
        )
    return int(n)


def as_rows(X: ArrayLike, dim: int) -> NDArray[np.float64]:
    """Return points as rows ``(n, dim)``; of numbers each is a row where `dim` is 1.

    Raises
    ------
    ShapeError
        If they have another number of elements.
    """
    points = np.asarray(X, dtype=np.float64)
    if points.ndim < 2 and dim == 1:
        points = points.reshape(-1, 1)
    if points.ndim != 2 or points.shape[1] != dim:
        raise ShapeError(f"Points must have the shape (n, {dim}), got {points.shape}.")
    return points


def one_each(values: Any, samples: NDArray[Any], name: str) -> NDArray[Any]:
    """Return what a function says of samples as ``(n,)``, also if it is a column.

    Raises
    ------
    ShapeError
        If it does not say one thing of each sample.
    """
    found = np.asarray(values)
    n = len(samples)
    if found.shape not in {(n,), (n, 1)}:
        raise ShapeError(
            f"{name} must return one value for each sample, of shape ({n},) here, got "
            f"{found.shape}. It is called with all samples at once, {samples.shape}."
        )
    return found.reshape(n)


def density_of(sampler: Sampler, given: Function | None, name: str) -> Function:
    """Return the density that was given for a sampler, or else its own.

    Raises
    ------
    SettingError
        If there is neither.
    """
    density = getattr(sampler, "density", None) if given is None else given
    if density is None:
        raise SettingError(
            f"{type(sampler).__name__} has no density of its own. Give it as {name}=."
        )
    return cast("Function", density)
