"""The moment matching network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.data.samples import Samples
from espelho.estimators.generators.base import BaseGenerator
from espelho.estimators.generators.code_space import check_autoencoder, read_codes
from espelho.estimators.runs import loading, saving
from espelho.estimators.runs.settings import unfrozen
from espelho.random_variables.sampler import RandomState

if TYPE_CHECKING:
    from espelho.data.scaling import Scaling
    from espelho.losses.discrepancy.kernels import Kernel
    from espelho.models.generators.moment_matching import MomentMatchingModel

__all__ = ["MomentMatchingNetwork"]

_PART = "autoencoder"


@dataclass(kw_only=True, eq=False, repr=False)
class MomentMatchingNetwork(BaseGenerator):
    """Generative moment matching network: samples that a kernel cannot tell from the data.

    A network g makes samples of noise z, and is moved until all moments of samples and data
    agree as far as a kernel k sees them. Minimises the maximum mean discrepancy of batches,
    ``MMD^2 = mean k(g(z), g(z')) + mean k(x, x') - 2 mean k(g(z), x)``, or its square root
    (Li, Swersky and Zemel 2015, ICML; Dziugaite, Roy and Ghahramani 2015, UAI). There is no
    adversary, and the loss says how far training has come. High-dimensional data is learned
    better in the code space of an autoencoder.

    Parameters
    ----------
    kernel
        How alike two samples are by their distance d: gaussian, the sum over widths s of
        exp(-d^2 / (2 s^2)); or rational_quadratic, the sum over s and over a in (0.2, 0.5, 1,
        2, 5) of (1 + d^2 / (2 a s^2))^-a.
    bandwidths
        Widths of the kernels, in scaled units; without it 1/4, 1/2, 1, 2 and 4 times the
        median distance between samples of the data.
    method
        What is computed of a batch: exact, over all pairs; linear, over disjoint pairs; or
        random_features, the distance between means of random features. The last two are for
        batches of many thousands.
    n_random_features
        Number of random features for each kernel of the sum.
    root
        Whether the square root of MMD^2 is minimised; without it, it is, but for the linear
        estimate, which may be negative.
    batch_size
        Samples per update, and as many of the data: the larger, the better the estimate.
    autoencoder
        A fitted autoencoder, inside scikit-learn's FrozenEstimator so that clone() keeps it:
        the network makes codes, which the autoencoder decodes.

    Attributes
    ----------
    model_
        The trained network: ``model_.generator``.
    history_
        The discrepancy by epoch, a `History`.
    bandwidths_
        The widths of the kernels.
    median_distance_
        The median distance between samples of the data, in scaled units.
    scaling_
        The map between the data's units (or codes) and the network's.
    latent_dim_
        Width of the noise.
    n_features_in_, feature_names_in_
        Number of features of a sample, and their names where X had any.
    sample_shape_
        Shape of a sample.
    n_epochs_, stop_reason_, fit_seconds_
        How long training went on, why it ended, how long it took.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import MomentMatchingNetwork
    >>> X = load_iris().data
    >>> model = MomentMatchingNetwork(latent_dim=4, max_epochs=2, random_state=0).fit(X)
    >>> model.sample(3, random_state=0).shape
    (3, 4)
    """

    kernel: f.KernelName = "gaussian"
    bandwidths: f.Bandwidths | None = None
    method: f.DiscrepancyName = "exact"
    n_random_features: f.Count = 500
    root: bool | None = None
    batch_size: f.Count = 500
    autoencoder: Any = None

    @property
    def bandwidths_(self) -> tuple[float, ...]:
        """The widths of the kernels, in scaled units."""
        from espelho.losses.discrepancy.kernels import FACTORS

        if self.bandwidths is not None:
            return tuple(float(s) for s in self.bandwidths)
        return tuple(factor * self.median_distance_ for factor in FACTORS)

    @property
    def _takes_tables(self) -> bool:
        return self.autoencoder is None

    def _chance(self, random_state: RandomState) -> dict[str, np.random.Generator]:
        if self.autoencoder is None:
            return super()._chance(random_state)
        found: dict[str, np.random.Generator] = self._fitted_autoencoder._chance(random_state)
        return found

    def _generate(
        self, Z: NDArray[Any], *told: NDArray[Any], random: np.random.Generator | None = None
    ) -> Any:
        if self.autoencoder is None:
            return super()._generate(Z, *told, random=random)
        codes = self.scaling_.inverse(self._outputs(Z))
        chance = {} if random is None else {"random": random}
        return self._fitted_autoencoder._generate(codes, **chance)

    @property
    def _fitted_autoencoder(self) -> Any:
        return unfrozen(self.autoencoder)

    def _build(self) -> "MomentMatchingModel":
        from espelho.estimators.generators.networks import dense_generator
        from espelho.models.generators.moment_matching import Discrepancy, MomentMatchingModel
        from espelho.models.generators.noise import NOISES

        self.latent_dim_ = int(self.latent_dim)
        root = self.method != "linear" if self.root is None else self.root
        return MomentMatchingModel(
            dense_generator(self, self.latent_dim_, self.normalization),
            self.latent_dim_,
            noise=NOISES[self.noise],
            discrepancy=Discrepancy(
                kernel=self._kernel(),
                method=self.method,
                root=root,
                n_features=int(self.n_random_features),
            ),
            augment=self._augmentation(),
            settle=self._settling(),
        )

    def _kernel(self) -> "Kernel":
        from espelho.losses.discrepancy.kernels import KERNELS

        return KERNELS[self.kernel](self.bandwidths_)

    def _check_combination(self) -> None:
        super()._check_combination()
        if self.root and self.method == "linear":
            raise SettingError(
                "root=True and method='linear' cannot work together: the linear estimate may be "
                "negative. Leave root out, or use method='random_features'."
            )
        if self.autoencoder is not None:
            check_autoencoder(self)

    def _check_samples(self, X: Any, *, reset: bool) -> Samples:
        if self.autoencoder is None:
            return super()._check_samples(X, reset=reset)
        samples = read_codes(self, self._fitted_autoencoder, X, reset=reset)
        self._check_enough(len(samples))
        return samples

    def _network_shape(self) -> tuple[int, ...]:
        if self.autoencoder is None:
            return super()._network_shape()
        return (int(self._fitted_autoencoder.latent_dim_),)

    def _fit_scaling(self, samples: Samples, weight: Any) -> "Scaling":
        if self.autoencoder is None:
            return super()._fit_scaling(samples, weight)
        from espelho.data.scaling import Scaling

        kind = "standard" if self.scaling == "auto" else self.scaling
        return Scaling.fit(samples.values, kind, sample_weight=weight)

    def _save_parts(self, path: Path) -> None:
        if self.autoencoder is not None:
            saving.save(self._fitted_autoencoder, path / _PART, overwrite=True)

    def _load_parts(self, path: Path, networks: Mapping[str, Any]) -> None:
        if self.autoencoder is not None:
            self.autoencoder = FrozenEstimator(loading.load(path / _PART, **networks))
