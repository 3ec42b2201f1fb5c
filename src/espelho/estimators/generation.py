"""Generation: new samples, made of codes that are drawn."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from espelho.random_variables.sampler import RandomState, Sampler, as_generator, check_count

__all__ = ["Generates"]


def _can_sample(estimator: Any) -> bool:
    if reason := estimator._no_latent_sampler():
        raise AttributeError(f"{type(estimator).__name__} cannot sample: {reason}")
    return True


class Generates(ABC):
    """An estimator that can draw samples of what it has learned.

    A member says what its codes are drawn from, and how codes become data.
    """

    @available_if(_can_sample)
    def sample(self, n: int = 1, *, random_state: RandomState = None) -> Any:
        """Return new samples.

        Parameters
        ----------
        n
            How many, at least 1.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it other samples each time.

        Returns
        -------
        ndarray of shape (n, *sample), or table
            Samples in the units, shape and type of the data in `fit`; a table where that was one
            with categories, which are drawn by their probabilities.

        Raises
        ------
        SettingError
            If n is not a whole number of at least 1.
        """
        chance = self._chance(random_state)
        codes = self.sample_codes(n, random_state=chance.get("random", random_state))
        return self._generate(codes, **chance)

    def _chance(self, random_state: RandomState) -> dict[str, np.random.Generator]:
        """Return what categories are drawn from, where samples are tables that have them."""
        return {"random": as_generator(random_state)} if hasattr(self, "layout_") else {}

    @available_if(_can_sample)
    def sample_codes(
        self, n: int = 1, *, random_state: RandomState = None
    ) -> NDArray[np.floating[Any]]:
        """Return codes as `sample` draws them.

        Parameters
        ----------
        n, random_state
            As in `sample`; the same random state gives the codes of the same samples.

        Returns
        -------
        ndarray of shape (n, latent_dim)
            Codes.
        """
        check_is_fitted(self)
        n = check_count(n)
        return self._latent_sampler().sample(n, random_state=random_state)

    def _no_latent_sampler(self) -> str:
        """Return why there is nothing to draw codes from and what to do about it, or nothing."""
        return ""

    @abstractmethod
    def _latent_sampler(self) -> Sampler:
        """Return what codes ``(n, latent_dim)`` are drawn from."""

    @abstractmethod
    def _generate(self, Z: NDArray[Any]) -> Any:
        """Return the samples that codes stand for, in the units, shape and type of the data."""
