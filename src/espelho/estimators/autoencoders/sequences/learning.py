"""How an autoencoder of sequences takes them in: checked, scaled by step, learned from."""

from dataclasses import dataclass
from typing import Any

from espelho.data.scaling import Scaling
from espelho.data.series.sequences import Sequences
from espelho.data.stored.base import Stored
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.data import sequences
from espelho.estimators.data.samples import Samples

__all__ = ["LearnsFromSequences"]


@dataclass(kw_only=True, eq=False, repr=False)
class LearnsFromSequences(BaseAutoencoder):
    """An autoencoder whose samples are sequences: ``(time, features)``, each of its own length."""

    @property
    def n_step_features_(self) -> int:
        """Number of features of one step."""
        return sequences.step_width(self.sample_shape_)

    @property
    def _n_steps(self) -> int:
        return int(self.sample_shape_[0])

    def _network_shape(self) -> tuple[int, ...]:
        return (self._n_steps, self.n_step_features_)

    def _check_samples(self, X: Any, *, reset: bool) -> Samples:
        return sequences.read_sequences(self, X, reset=reset)

    def _fit_scaling(self, samples: Samples, weight: Any) -> Scaling:
        return sequences.fit_scaling(samples, self._scaling_kind(samples), weight)

    def _learn_from(self, samples: Samples, weight: Any) -> None:
        if not isinstance(samples.values, Stored):
            samples, weight = sequences.as_steps(samples, weight)
        super()._learn_from(samples, weight)

    def _bounds_shape(self) -> tuple[int, ...]:
        return (-1, self.n_step_features_)

    def _check_data(self, samples: Samples) -> None:
        if isinstance(samples.values, Sequences):
            samples, _ = sequences.as_steps(samples, None)
        super()._check_data(samples)
