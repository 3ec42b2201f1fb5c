"""Priors with components: what codes are to look like, and which part belongs to which label."""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, SettingError
from espelho.random_variables.sampler import RandomState, Sampler, as_generator, check_count

__all__ = ["GaussianMixture", "LabelledSampler", "SwissRoll"]

Points = NDArray[np.float64]


@runtime_checkable
class LabelledSampler(Sampler, Protocol):
    """A sampler whose samples have a label: the component, or the part, that they come from."""

    @property
    def n_labels(self) -> int:
        """Number of labels, which are 0, 1, ..., ``n_labels - 1``."""
        ...

    def sample_labelled(self, labels: ArrayLike, *, random_state: RandomState = None) -> Points:
        """Return a sample for each label ``(n, *sample)``.

        Parameters
        ----------
        labels
            Labels ``(n,)``; -1 for a sample whose label does not matter.
        random_state
            As in `sample`.
        """
        ...


@dataclass(frozen=True)
class GaussianMixture:
    """Vectors from one of several normal distributions.

    Its density is ``sum_k weights_k N(x; means_k, covariances_k)``.

    Parameters
    ----------
    means
        Centres of the components ``(k, dim)``.
    covariances
        Covariance matrices: a common one ``(dim, dim)``, or one for each component
        ``(k, dim, dim)``; without them as ``scales`` says.
    weights
        How often each component is drawn from ``(k,)``, at least 0, of any sum; without them
        all alike.
    scales
        Standard deviation in every direction: one number, or one for each component.

    Raises
    ------
    SettingError
        If these do not fit each other, or are no scales, covariances or weights.

    Examples
    --------
    >>> from espelho.random_variables import GaussianMixture
    >>> GaussianMixture([[-4], [4]], scales=0.5).sample(1000, random_state=0).std().round()
    np.float64(4.0)
    >>> GaussianMixture.circle(2).sample_labelled([0, 1], random_state=0)[:, 0] > 0
    array([ True, False])
    """

    means: Any
    covariances: Any = None
    weights: Any = None
    scales: Any = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        # As tuples, mixtures compare, and are written to files.
        for name in ("means", "covariances", "weights", "scales"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        _check_mixture(self)

    @classmethod
    def circle(
        cls, k: int = 10, *, radius: float = 4.0, along: float = 1.0, across: float = 0.25
    ) -> Self:
        """Return k components on a circle in the plane, each stretched along its radius.

        A prior of Makhzani et al. (2015, fig. 4, https://arxiv.org/abs/1511.05644): the petals
        of a flower. The first lies to the right, the others follow against the clock.

        Parameters
        ----------
        k
            Number of components.
        radius
            Distance of their centres from the origin.
        along, across
            Standard deviations of a component along its radius, and across it.
        """
        angles = 2 * np.pi * np.arange(check_count(k)) / k
        out = np.column_stack([np.cos(angles), np.sin(angles)])
        side = np.column_stack([-out[:, 1], out[:, 0]])
        covariances = along**2 * _squares(out) + across**2 * _squares(side)
        return cls(radius * out, covariances=covariances)

    @property
    def n_labels(self) -> int:
        """Number of components."""
        return len(self.means)

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> Points:
        """Return samples ``(n, dim)``."""
        return self.sample_labelled(np.full(check_count(n), -1), random_state=random_state)

    def sample_labelled(self, labels: ArrayLike, *, random_state: RandomState = None) -> Points:
        """Return a sample from the component of each label ``(n, dim)``.

        Parameters
        ----------
        labels
            Numbers of components ``(n,)``; -1 for whichever.
        random_state
            As in `sample`.

        Raises
        ------
        DataError
            If a label is no number of a component.
        """
        generator, which = as_generator(random_state), _checked(labels, self.n_labels)
        shares = None if self.weights is None else np.divide(self.weights, sum(self.weights))
        anywhere = which < 0
        which[anywhere] = generator.choice(self.n_labels, int(anywhere.sum()), p=shares)
        means = np.asarray(self.means)[which]
        normal = generator.standard_normal(means.shape)
        if self.covariances is None:
            return means + np.broadcast_to(self.scales, self.n_labels)[which, None] * normal
        factors = np.linalg.cholesky(np.asarray(self.covariances))
        every = np.broadcast_to(factors, (self.n_labels, *factors.shape[-2:]))
        points: Points = means + np.einsum("nij,nj->ni", every[which], normal)
        return points


@dataclass(frozen=True)
class SwissRoll:
    """Points of the plane along a spiral from the origin.

    ``r (cos 2 pi t s, sin 2 pi t s)`` with ``r = radius s``, ``t = turns`` and s the square root
    of a uniform variable, so that the points lie about evenly along the spiral. Labels are equal
    shares of them from the inside to the outside (Makhzani et al. 2015, fig. 4).

    Parameters
    ----------
    radius
        Distance of the outer end from the origin.
    turns
        Number of turns.
    noise
        Standard deviation of normal noise added to both coordinates.
    parts
        Number of labels.

    Examples
    --------
    >>> from espelho.random_variables import SwissRoll
    >>> SwissRoll(radius=5).sample(100, random_state=0).shape
    (100, 2)
    """

    radius: float = 5.0
    turns: float = 2.0
    noise: float = 0.0
    parts: int = 10

    @property
    def n_labels(self) -> int:
        """Number of parts."""
        return self.parts

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> Points:
        """Return samples ``(n, 2)``."""
        return self.sample_labelled(np.full(check_count(n), -1), random_state=random_state)

    def sample_labelled(self, labels: ArrayLike, *, random_state: RandomState = None) -> Points:
        """Return a sample from the part of each label ``(n, 2)``.

        Parameters
        ----------
        labels
            Numbers of parts ``(n,)``, from the inside; -1 for whichever.
        random_state
            As in `sample`.

        Raises
        ------
        DataError
            If a label is no number of a part.
        """
        generator, which = as_generator(random_state), _checked(labels, self.parts)
        share = generator.random(len(which))
        s = np.sqrt(np.where(which < 0, share, (which + share) / self.parts))
        angle = 2 * np.pi * self.turns * s
        spiral = (self.radius * s * np.stack([np.cos(angle), np.sin(angle)])).T
        points: Points = spiral + self.noise * generator.standard_normal(spiral.shape)
        return points


def _checked(labels: ArrayLike, n_labels: int) -> NDArray[np.int64]:
    found = np.asarray(labels)
    whole = found.ndim == 1 and np.issubdtype(found.dtype, np.integer)
    if not whole or not len(found) or found.min() < -1 or found.max() >= n_labels:
        raise DataError(
            f"labels must be a vector of whole numbers from 0 to {n_labels - 1}, or -1 for "
            f"whichever, got {labels!r}."
        )
    return found.astype(np.int64)


def _squares(directions: Points) -> Points:
    return directions[:, :, None] * directions[:, None, :]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _check_mixture(mixture: GaussianMixture) -> None:
    means = _numbers("means", mixture.means)
    if means.ndim != 2 or not means.size:
        raise SettingError(
            f"means must be the centres of the components, (k, dim), got the shape {means.shape}."
        )
    k, dim = means.shape
    scales = _numbers("scales", mixture.scales)
    if scales.shape not in ((), (k,)) or not (scales > 0).all():
        raise SettingError(
            f"scales must be one number above 0, or {k}, one for each component, got "
            f"{mixture.scales!r}."
        )
    if mixture.covariances is not None:
        _check_covariances(_numbers("covariances", mixture.covariances), k, dim)
    if mixture.weights is not None:
        weights = _numbers("weights", mixture.weights)
        if weights.shape != (k,) or (weights < 0).any() or not weights.any():
            raise SettingError(
                f"weights must be {k} numbers of at least 0 that are not all 0, one for each "
                f"component, got {mixture.weights!r}."
            )


def _check_covariances(covariances: Points, k: int, dim: int) -> None:
    if covariances.shape not in ((dim, dim), (k, dim, dim)):
        raise SettingError(
            f"covariances must have the shape {(dim, dim)}, or {(k, dim, dim)}, one for each "
            f"component, got {covariances.shape}."
        )
    turned = np.swapaxes(covariances, -1, -2)
    if not np.allclose(covariances, turned) or np.linalg.eigvalsh(covariances).min() <= 0:
        raise SettingError(
            "covariances must be symmetric and positive definite. For components without "
            "extent in some direction give a small variance there."
        )


def _numbers(name: str, value: Any) -> Points:
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if not np.isfinite(found).all():
        raise SettingError(f"{name} must be finite numbers, got {value!r}.")
    return found
