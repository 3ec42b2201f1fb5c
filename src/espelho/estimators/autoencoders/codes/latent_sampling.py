"""Latent sampling as a setting: what new codes are drawn from, on any autoencoder."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.axes.pretraining import Pretraining
from espelho.estimators.data.samples import Samples, check_weights
from espelho.estimators.generation import Generates
from espelho.estimators.settings import check_settings
from espelho.random_variables import (
    GaussianMixture,
    KernelDensity,
    NoiseNetwork,
    Normal,
    Sampler,
    Scaled,
)
from espelho.random_variables.learned.fitted import fit_kernel_density, fit_mixture

__all__ = ["LatentSampling"]

_ROWS = 10_000
"""Rows, evenly spread, whose codes a distribution is fitted to."""

_PREFIX = "sampler/"
_OPTIONS: Mapping[str, str] = {
    "sampler_components": "gaussian-mixture",
    "sampler_bandwidth": "kernel-density",
    "sampler_updates": "moment-matching",
}
"""Settings that are of one kind of sampler only."""

_BASES: Mapping[str, type] = {
    "normal": Normal,
    "gaussian-mixture": GaussianMixture,
    "kernel-density": KernelDensity,
    "moment-matching": NoiseNetwork,
}


@dataclass(kw_only=True, eq=False, repr=False)
class LatentSampling(Generates, Pretraining):
    """What new codes are drawn from.

    Parameters
    ----------
    sampler
        What `sample` draws codes from. gaussian-mixture, kernel-density, moment-matching (a
        network that makes codes of noise): what is fitted, once training has ended, to the
        codes of up to 10,000 rows. normal: N(0, I), for codes that are so. none: what the
        model learned its codes to be like; where it learned no such thing there are no
        samples.
    sampler_components
        Number of components of the mixture; without it ten, or fewer where there are few rows.
    sampler_bandwidth
        Width of the kernels of the kernel density, in standard deviations of each unit of the
        code; without it the one under which codes are most likely.
    sampler_updates
        Number of updates of the moment matching network; without it 1,000.
    """

    sampler: f.SamplerName = "none"
    sampler_components: f.Count | None = None
    sampler_bandwidth: f.Positive | None = None
    sampler_updates: f.Count | None = None

    def fit_sampler(self, X: Any, sample_weight: Any = None) -> Self:
        """Fit what codes are drawn from, to an autoencoder that is trained already.

        `fit`, and `partial_fit` with the rows of its last call, do so by themselves; this is
        for a ``sampler`` that was set afterwards.

        Parameters
        ----------
        X
            Samples as in `fit`.
        sample_weight
            Their weights ``(n,)``.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If ``sampler`` is none, or out of its bounds.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from espelho import Autoencoder
        >>> X = load_iris().data
        >>> model = Autoencoder(latent_dim=2, max_epochs=1, random_state=0).fit(X)
        >>> _ = model.set_params(sampler="gaussian-mixture").fit_sampler(X)
        >>> model.sample(5, random_state=0).shape
        (5, 4)
        """
        from espelho.estimators.runs.settings import encode_settings

        check_is_fitted(self)
        check_settings(self)
        self._check_combination()
        if self.sampler == "none":
            raise SettingError(
                "fit_sampler() fits what the setting sampler names, which is 'none'. Set "
                "sampler='gaussian-mixture' first."
            )
        samples = self._check_samples(X, reset=False)
        weight = check_weights(sample_weight, samples)
        self._check_enough(len(samples) if weight is None else int((weight > 0).sum()))
        settings = encode_settings(self)
        self._fitted_settings |= {name: settings[name] for name in ("sampler", *_OPTIONS)}
        self._learn_after(samples, weight)
        return self

    @abstractmethod
    def _encoded(self, samples: Samples) -> NDArray[Any]:
        """Return the codes of samples."""

    @property
    def _has_prior(self) -> bool:
        """Whether codes are learned to be like what `_prior` returns."""
        return self._variational

    def _prior(self) -> Sampler:
        return Normal(self.latent_dim_)

    def _no_latent_sampler(self) -> str:
        if self.sampler != "none" or self._has_prior:
            return ""
        return (
            "nothing says how its codes are distributed. Set sampler='gaussian-mixture' or "
            "'kernel-density', which are fitted to the codes (after fit by fit_sampler), or use "
            "VariationalAutoencoder or AdversarialAutoencoder, which learn codes that can be "
            "drawn."
        )

    def _latent_sampler(self) -> Sampler:
        if self.sampler == "none":
            return self._prior()
        if not hasattr(self, "sampler_"):
            raise NotFittedError(
                f"sampler={self.sampler!r} was not fitted to the codes of this "
                f"{type(self).__name__}, which was trained without it. Call fit_sampler(X)."
            )
        sampler: Sampler = self.sampler_
        return sampler

    def _check_combination(self) -> None:
        super()._check_combination()
        for name, kind in _OPTIONS.items():
            if getattr(self, name) is not None and self.sampler != kind:
                raise SettingError(
                    f"{name} and sampler={self.sampler!r} cannot work together: it is for the "
                    f"{kind}. Use sampler={kind!r}, or leave {name} out."
                )

    def _check_enough(self, n_rows: int) -> None:
        used = min(n_rows, _ROWS)
        if self.sampler == "moment-matching" and used == 1:
            raise SettingError(
                "sampler='moment-matching' compares codes with each other, and there is one row. "
                "Give more rows, or use sampler='kernel-density'."
            )
        if (self.sampler_components or 0) > used:
            raise SettingError(
                f"sampler_components={self.sampler_components} must be at most the number of "
                f"rows whose codes the mixture is fitted to, which is {used}. Ask for fewer "
                "components, or give more rows."
            )

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        # What was fitted to the codes of another model says nothing about those to come.
        self._forget_sampler()
        super()._learn_from(samples, weight)

    def _learn_after(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        if self.sampler == "none":
            self._forget_sampler()
            return
        if self.sampler == "normal":
            width = self.latent_dim_
            self.sampler_ = Scaled(Normal(width), np.zeros(width), np.ones(width))
            return
        codes = self._encoded(samples.take(_spread(len(samples), weight))).astype(np.float64)
        self.sampler_ = self._fitted_to(codes)

    def _fitted_to(self, codes: NDArray[np.float64]) -> Scaled:
        if self.sampler == "kernel-density":
            return fit_kernel_density(codes, self.sampler_bandwidth)
        if self.sampler == "gaussian-mixture":
            return fit_mixture(codes, self.sampler_components, seed=self.seed_)
        from espelho.estimators.autoencoders.codes.matched_codes import fit_moment_matching

        updates, device = self.sampler_updates, self.device
        return fit_moment_matching(codes, updates, seed=self.seed_, device=device)

    def _forget_sampler(self) -> None:
        if hasattr(self, "sampler_"):
            del self.sampler_

    def _learned_arrays(self) -> dict[str, NDArray[Any]]:
        sampler = getattr(self, "sampler_", None)
        arrays = {} if sampler is None else sampler.to_arrays()
        own = {f"{_PREFIX}{name}": values for name, values in arrays.items()}
        return super()._learned_arrays() | own

    def _take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._take_arrays(arrays)
        own = {
            name.removeprefix(_PREFIX): values
            for name, values in arrays.items()
            if name.startswith(_PREFIX)
        }
        if own:
            self.sampler_ = Scaled.from_arrays(_BASES[self._fitted_settings["sampler"]], own)


def _spread(n: int, weight: NDArray[Any] | None) -> NDArray[np.intp]:
    """Return the numbers of evenly spread rows, in order; heavy ones come more than once."""
    places = (np.arange(min(n, _ROWS)) + 0.5) / min(n, _ROWS)
    if weight is None:
        return np.floor(places * n).astype(np.intp)
    ends = np.cumsum(weight) / weight.sum()
    return np.minimum(np.searchsorted(ends, places, side="right"), n - 1).astype(np.intp)
