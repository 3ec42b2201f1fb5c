"""How an autoencoder of sequences takes them in: checked, scaled by step, learned from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from espelho.data.scaling import Scaling
from espelho.data.sequences import Sequences, is_sequences
from espelho.data.stored.base import Stored
from espelho.errors import ShapeError
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.samples import Samples, read
from espelho.estimators.sequences import as_samples

__all__ = ["LearnsFromSequences"]

_SEQUENCE, _BATCH = 2, 3


@dataclass(kw_only=True, eq=False, repr=False)
class LearnsFromSequences(BaseAutoencoder):
    """An autoencoder whose samples are sequences: ``(time, features)``, each of its own length."""

    @property
    def n_step_features_(self) -> int:
        """Number of features of one step."""
        return int(self.sample_shape_[1]) if len(self.sample_shape_) == _SEQUENCE else 1

    @property
    def _n_steps(self) -> int:
        return int(self.sample_shape_[0])

    def _network_shape(self) -> tuple[int, ...]:
        return (self._n_steps, self.n_step_features_)

    def _check_samples(self, X: Any, *, reset: bool) -> Samples:
        found = self._as_sequences(X, reset=reset)
        if found is not None:
            return as_samples(self, found, reset=reset)
        samples = read(self, X.toarray() if hasattr(X, "tocsr") else X, reset=reset)
        if len(samples.sample_shape) > _SEQUENCE:
            raise ShapeError(
                f"A sequence must have the shape (time, features) or (time,), got samples of "
                f"shape {samples.sample_shape}."
            )
        return samples

    def _as_sequences(self, X: Any, *, reset: bool) -> Sequences | None:
        """Return X as sequences if it is a list of them, or an array of another length."""
        if is_sequences(X):
            return Sequences.of(X)
        known = reset or isinstance(X, Stored) or len(getattr(X, "shape", ())) != _BATCH
        if known or tuple(X.shape[1:]) in (self.row_shape_, self.sample_shape_):
            return None
        return Sequences.of(list(X))

    def _fit_scaling(self, samples: Samples, weight: Any) -> Scaling:
        kind, features = self._scaling_kind(samples), self.n_step_features_
        if isinstance(samples.values, Sequences):
            samples, weight = self._as_steps(samples, weight)
        return Scaling.fit(samples.values, kind, sample_weight=weight, step_features=features)

    def _learn_from(self, samples: Samples, weight: Any) -> None:
        if not isinstance(samples.values, Stored):
            samples, weight = self._as_steps(samples, weight)
        super()._learn_from(samples, weight)

    def _bounds_shape(self) -> tuple[int, ...]:
        return (-1, self.n_step_features_)

    def _check_data(self, samples: Samples) -> None:
        if isinstance(samples.values, Sequences):
            samples, _ = self._as_steps(samples, None)
        super()._check_data(samples)

    def _as_steps(self, samples: Samples, weight: Any) -> tuple[Samples, Any]:
        """Return the steps of sequences as samples, each with the weight of its sequence."""
        values, features = samples.values, self.n_step_features_
        ragged = isinstance(values, Sequences)
        lengths = values.lengths if ragged else values.shape[1] // features
        steps = values.steps if ragged else values.reshape(-1, features)
        weight = None if weight is None else np.repeat(weight, lengths)
        return Samples(steps, samples.container, (features,)), weight
