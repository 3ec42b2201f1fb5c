"""The sampler: what everything that can be drawn from has in common."""

from numbers import Integral
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from espelho.errors import SettingError

__all__ = ["RandomState", "Sampler", "as_generator", "check_count"]

RandomState: TypeAlias = int | np.random.Generator | np.random.RandomState | None


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


def check_count(n: Any) -> int:
    """Return a number of samples, or raise unless it is a whole number of at least 1.

    Raises
    ------
    SettingError
        If it is not.
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
        raise SettingError(
            f"n must be a whole number of at least 1, got {n!r}. It says how many samples to draw."
        )
    return int(n)
