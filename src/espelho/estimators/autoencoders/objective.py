"""What an autoencoder pays for: losses, corruption and penalties as settings, on any structure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.scaling import ranges
from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.base import Estimator
from espelho.estimators.samples import Samples

if TYPE_CHECKING:
    from espelho.losses.reconstruction import Reconstruction
    from espelho.models.autoencoder import Objective as ModelObjective
    from espelho.models.sparsity import Sparsity

__all__ = ["Objective"]

_ROWS = 10_000
"""Rows, evenly spread, that a kernel's width is estimated from."""


@dataclass(kw_only=True, eq=False, repr=False)
class Objective(Estimator):
    """The axes on which autoencoders differ besides their networks; all combine freely.

    Parameters
    ----------
    loss
        What a reconstruction costs: the squared error, the absolute error, the Bernoulli
        negative log-likelihood of data in [0, 1], in nats, (minus) the correntropy, which
        outliers cannot pull far, or with latent=gaussian the discretized logistic, a
        likelihood of 8-bit images.
    bandwidth
        Width of the kernel of the correntropy, in scaled units; without it the median
        deviation from the median.
    corruption
        How the encoder's input is spoiled in training, afresh at every step, while the target
        stays clean: features set to 0, normal noise added, or features set to their least or
        greatest value.
    corruption_level
        Share of the features that are spoiled; for gaussian the standard deviation of the
        noise in scaled units.
    corruption_count
        Number of features of each sample that masking sets to 0, instead of a share.
    sparsity
        What the sparsity of codes is multiplied with and added.
    sparsity_kind
        kl: the Bernoulli divergence of each unit's mean activity from the target; l1: the
        distance of codes from rest.
    sparsity_target
        Mean activity that kl asks of every unit.
    sparsity_memory
        Weight of the batches before in the mean activity, for small batches.
    active_units
        Number of units with the largest values that each sample keeps, the others being set
        to 0 (k-sparse); without it all.
    contraction
        What the squared Frobenius norm of the encoder's Jacobian is multiplied with and added.
    contraction_method
        How it is computed: exactly (dense networks), by random probes (any), or auto: exactly
        where that is possible.
    contraction_probes
        Number of random probes.
    weight_decay
        What the sum of the squared weights (not biases) is multiplied with and added.
    """

    loss: f.ReconstructionName = "squared_error"
    bandwidth: f.Positive | None = None
    corruption: f.CorruptionName = "none"
    corruption_level: f.NonNegative = 0.3
    corruption_count: f.Count | None = None
    sparsity: f.NonNegative = 0.0
    sparsity_kind: f.SparsityName = "kl"
    sparsity_target: f.Inside = 0.05
    sparsity_memory: f.Share = 0.0
    active_units: f.Count | None = None
    contraction: f.NonNegative = 0.0
    contraction_method: f.ContractionName = "auto"
    contraction_probes: f.Count = 1
    weight_decay: f.NonNegative = 0.0

    def _code_activation(self) -> str:
        """Return the name of the code's activation, which says what rest is."""
        return "linear"

    def _check_combination(self) -> None:
        if self.bandwidth is not None and self.loss != "correntropy":
            raise SettingError(
                f"bandwidth and loss={self.loss!r} cannot work together: the width is that of the "
                "correntropy's kernel. Use loss='correntropy', or leave bandwidth out."
            )
        if self.corruption_count is not None and self.corruption != "masking":
            raise SettingError(
                f"corruption_count and corruption={self.corruption!r} cannot work together: it is "
                "the number of features that are masked. Use corruption='masking'."
            )
        if self.corruption in ("masking", "salt_and_pepper") and self.corruption_level > 1:
            raise SettingError(
                f"corruption_level of corruption={self.corruption!r} is a share of the features, "
                f"from 0 to 1, got {self.corruption_level}."
            )
        if self.loss == "bernoulli":
            self._check_bernoulli()

    def _check_bernoulli(self) -> None:
        output = getattr(self, "output_activation", "auto")
        if output not in ("auto", "logistic"):
            raise SettingError(
                f"loss='bernoulli' and output_activation={output!r} cannot work "
                "together: its output is a probability. Use output_activation='auto'."
            )
        if self.scaling == "standard":
            raise SettingError(
                "loss='bernoulli' and scaling='standard' cannot work together: the loss needs "
                "data in [0, 1]. Use scaling='minmax' or scaling='auto'."
            )

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        """Learn what the objective takes from the data: a kernel's width, and its range."""
        import torch

        if self.loss == "correntropy":
            from espelho.losses.correntropy import median_bandwidth

            which = np.linspace(0, len(samples) - 1, min(_ROWS, len(samples))).astype(np.int64)
            scaled = torch.from_numpy(self.scaling_.forward(_dense(samples.values[which])))
            counts = None if weight is None else torch.from_numpy(weight[which])
            self.bandwidth_ = float(self.bandwidth or median_bandwidth(scaled, counts))
        if self.corruption == "salt_and_pepper":
            low, extent = ranges(samples.values, samples.sample_shape)
            bounds = np.stack([low, low + extent])
            self._bounds = self.scaling_.forward(bounds, np.float32)

    def _objective(self) -> "ModelObjective":
        """Return the objective as the model takes it."""
        from espelho.models.autoencoder import Objective as ModelObjective

        return ModelObjective(
            name=self.loss,
            reconstruction=self._reconstruction(),
            weight_decay=self.weight_decay,
            augment=self._augmentation(),
            corruption=self._corruption(),
            sparsity=self._sparsity(self.latent_dim_, self._code_activation()),
            contraction=self.contraction,
            contraction_method=self.contraction_method,
            contraction_probes=self.contraction_probes,
        )

    def _reconstruction(self) -> "Reconstruction":
        from espelho.losses.correntropy import correntropy
        from espelho.losses.reconstruction import RECONSTRUCTIONS

        if self.loss == "correntropy":
            return correntropy(self.bandwidth_)
        # What a discretized logistic decoder says is a mean, as for the squared error.
        known = "squared_error" if self.loss == "discretized_logistic" else self.loss
        return RECONSTRUCTIONS[known]

    def _corruption(self, layer: int = 0) -> Any:
        from espelho.data.corruption import CORRUPTIONS

        if self.corruption == "none":
            return None
        low, high = np.zeros(1), np.zeros(1)  # of a layer above, or loaded: not known
        if self.corruption == "salt_and_pepper" and layer == 0 and hasattr(self, "_bounds"):
            low, high = self._bounds.reshape(2, *self._bounds_shape())
        count, level = self.corruption_count, self.corruption_level
        # An integer is a number of features, and a real number a share of them.
        amount = float(level) if count is None else int(count)
        return CORRUPTIONS[self.corruption](amount, low, high)

    def _bounds_shape(self) -> tuple[int, ...]:
        """Return the shape of the least and greatest values, beside that of a sample."""
        return self._network_shape()

    def _sparsity(self, width: int, activation: str) -> "Sparsity | None":
        from espelho.losses.sparsity import ACTIVITIES
        from espelho.models.sparsity import Sparsity

        if not self.sparsity:
            return None
        return Sparsity(
            self.sparsity_kind,
            self.sparsity,
            target=self.sparsity_target,
            activity=ACTIVITIES[activation],
            width=width,
            memory=self.sparsity_memory,
        )

    @property
    def _restricted(self) -> bool:
        """Whether anything keeps a code as wide as the data from learning the identity."""
        penalties = self.weight_decay or self.sparsity or self.contraction
        return bool(penalties or self.corruption != "none" or self.active_units)


def _dense(values: Any) -> NDArray[Any]:
    return values.toarray() if hasattr(values, "toarray") else np.asarray(values)
