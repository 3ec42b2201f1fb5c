"""Distributions that are fitted to points."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError
from espelho.random_variables.learned.kernel_density import KernelDensity, likely_bandwidth
from espelho.random_variables.priors import GaussianMixture
from espelho.random_variables.sampler import RandomState, Sampler

__all__ = ["Scaled", "fit_kernel_density", "fit_mixture", "standardised"]

_COMPONENTS = 10
_POINTS = 10
"""Points that a component should have for each of its directions, and one more."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """What another sampler draws, moved and stretched: ``shift + scale * z``.

    Parameters
    ----------
    base
        The other sampler, of vectors.
    shift, scale
        ``(dim,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import Normal, Scaled
    >>> drawn = Scaled(Normal(2), np.array([0.0, 100.0]), np.array([1.0, 0.0])).sample(3)
    >>> drawn[:, 1].tolist()
    [100.0, 100.0, 100.0]
    """

    base: Sampler
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        drawn: NDArray[np.float64] = self.base.sample(n, random_state=random_state)
        return self.shift + self.scale * drawn

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what there is to keep, the fields of the base among it, by name."""
        base: Any = self.base
        own = {field.name: getattr(base, field.name) for field in fields(base)}
        kept = {**own, "shift": self.shift, "scale": self.scale}
        return {name: np.asarray(value) for name, value in kept.items() if value is not None}

    @classmethod
    def from_arrays(cls, base: type, arrays: Mapping[str, NDArray[Any]]) -> "Scaled":
        """Return what `to_arrays` took apart.

        Parameters
        ----------
        base
            Class of the other sampler.
        arrays
            What was kept.
        """
        found = {name: value if value.ndim else value.item() for name, value in arrays.items()}
        shift, scale = found.pop("shift"), found.pop("scale")
        return cls(base(**found), shift, scale)


def fit_kernel_density(points: NDArray[np.float64], bandwidth: float | None = None) -> Scaled:
    """Return the kernel density around points.

    Parameters
    ----------
    points
        ``(n, dim)``.
    bandwidth
        In standard deviations of the points in each direction; without it the likely one.
    """
    scaled, shift, scale = standardised(points)
    chosen = likely_bandwidth(scaled) if bandwidth is None else float(bandwidth)
    return Scaled(KernelDensity(scaled, chosen), shift, scale)


def fit_mixture(
    points: NDArray[np.float64], n_components: int | None = None, *, seed: int = 0
) -> Scaled:
    """Return the mixture of normal distributions under which points are most likely.

    By scikit-learn's expectation maximisation, from centres of k-means.

    Parameters
    ----------
    points
        ``(n, dim)``.
    n_components
        Number of components; without it ten, or fewer so that each has ten points for each
        direction and its mean.
    seed
        Where the search starts.

    Raises
    ------
    DataError
        If there are more components than points.
    """
    n, dim = points.shape
    wanted = n_components or min(_COMPONENTS, max(1, n // (_POINTS * (dim + 1))))
    if wanted > n:
        raise DataError(
            f"{wanted} components cannot be fitted to {n} points. Give more points, or ask for "
            "fewer components."
        )
    scaled, shift, scale = standardised(points)
    return Scaled(_searched(scaled, wanted, seed), shift, scale)


def standardised(
    points: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return points of mean 0 and variance 1, and how they come back; constants become 0."""
    shift, scale = points.mean(axis=0), points.std(axis=0)
    return (points - shift) / np.where(scale > 0, scale, 1.0), shift, scale


def _searched(points: NDArray[np.float64], n_components: int, seed: int) -> GaussianMixture:
    from sklearn import mixture
    from sklearn.exceptions import ConvergenceWarning

    model = mixture.GaussianMixture(n_components, max_iter=200, random_state=seed)
    with warnings.catch_warnings():
        # A search that could go on, or points that repeat, give a mixture all the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # scikit-learn asks for two points.
        model.fit(np.repeat(points, 2, axis=0) if len(points) == 1 else points)
    weights = model.weights_ / model.weights_.sum()
    return GaussianMixture(means=model.means_, covariances=model.covariances_, weights=weights)
