"""The prior of an adversarial autoencoder: by name, or a sampler of the user's own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from espelho.errors import SettingError, ShapeError
from espelho.random_variables import GaussianMixture, Normal, Sampler, SwissRoll, Uniform
from espelho.random_variables.priors import LabelledSampler

__all__ = ["has_labels", "prior_of", "width_of"]

_PLANE = 2


def _gaussian(dim: int, scale: float, n_components: int) -> Sampler:
    return Normal(dim, scale)


def _uniform(dim: int, scale: float, n_components: int) -> Sampler:
    return Uniform(dim, -scale, scale)


def _mixture(dim: int, scale: float, n_components: int) -> Sampler:
    sizes = {"radius": 4.0 * scale, "along": 1.0 * scale, "across": 0.25 * scale}
    return GaussianMixture.circle(n_components, **sizes)


def _roll(dim: int, scale: float, n_components: int) -> Sampler:
    return SwissRoll(radius=5.0 * scale, parts=n_components)


_PRIORS: Mapping[str, Callable[[int, float, int], Sampler]] = {
    "gaussian": _gaussian,
    "uniform": _uniform,
    "gaussian-mixture": _mixture,
    "swiss-roll": _roll,
}
_IN_THE_PLANE = ("gaussian-mixture", "swiss-roll")


def has_labels(prior: Any) -> bool:
    """Return whether a prior, by name or given, has components to which labels belong."""
    return prior in _IN_THE_PLANE if isinstance(prior, str) else isinstance(prior, LabelledSampler)


def width_of(prior: Any) -> int | None:
    """Return the width of codes that a prior asks for, or nothing where any will do.

    Raises
    ------
    ShapeError
        If it is a sampler of something else than codes.
    """
    if isinstance(prior, str):
        return _PLANE if prior in _IN_THE_PLANE else None
    drawn = np.asarray(prior.sample(3, random_state=0))
    if drawn.ndim != 2 or len(drawn) != 3 or not np.issubdtype(drawn.dtype, np.floating):
        raise ShapeError(
            "prior must be a sampler of codes: sample(3) must return an array of floats of the "
            f"shape (3, latent_dim), got {drawn.dtype} of the shape {drawn.shape}."
        )
    return int(drawn.shape[1])


def prior_of(estimator: Any, latent_dim: int, n_labels: int) -> Sampler:
    """Return what codes are to be distributed as.

    Parameters
    ----------
    estimator
        The settings.
    latent_dim
        Width of the code.
    n_labels
        How many labels there are, each of which takes a component.

    Raises
    ------
    ShapeError
        If its draws are of another width than the code.
    SettingError
        If it has fewer components than there are labels.
    """
    prior, wanted = estimator.prior, width_of(estimator.prior)
    if wanted is not None and wanted != latent_dim:
        shown = f"prior={prior!r}" if isinstance(prior, str) else "prior"
        raise ShapeError(
            f"{shown} draws codes of {wanted} numbers, but latent_dim is {latent_dim}. Set "
            f"latent_dim={wanted}, leave it out, or give another prior."
        )
    if isinstance(prior, str):
        n_components = int(estimator.prior_components or n_labels or 10)
        prior = _PRIORS[prior](latent_dim, float(estimator.prior_scale), n_components)
    if n_labels and n_labels > prior.n_labels:
        raise SettingError(
            f"y holds {n_labels} labels, and the prior has {prior.n_labels} components: each "
            "label needs one of its own. Raise prior_components, or leave it out."
        )
    return prior  # type: ignore[no-any-return]
