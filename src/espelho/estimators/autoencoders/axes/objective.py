"""What an autoencoder pays for: losses, corruption and penalties as settings, on any structure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.base import Estimator
from espelho.estimators.corruption import LearnsFromSpoiled
from espelho.estimators.data.samples import Samples, spread

if TYPE_CHECKING:
    from espelho.losses.reconstruction import Reconstruction
    from espelho.models.autoencoders.autoencoder import Objective as ModelObjective
    from espelho.models.autoencoders.sparsity import Sparsity

__all__ = ["Objective"]

_ROWS = 10_000
"""Rows, evenly spread, that a kernel's width is estimated from."""


@dataclass(kw_only=True, eq=False, repr=False)
class Objective(LearnsFromSpoiled, Estimator):
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
        self._check_corruption()
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

        super()._learn_from(samples, weight)
        if self.loss == "correntropy":
            from espelho.losses.correntropy import median_bandwidth

            which = spread(len(samples), _ROWS)
            scaled = torch.from_numpy(self.scaling_.across_gaps(_dense(samples.values[which])))
            scaled = scaled if self._groups is None else self._groups.apart(scaled)[0]
            counts = None if weight is None else torch.from_numpy(weight[which])
            self.bandwidth_ = float(self.bandwidth or median_bandwidth(scaled, counts))

    def _objective(self) -> "ModelObjective":
        """Return the objective as the model takes it."""
        from espelho.models.autoencoders.autoencoder import Objective as ModelObjective

        return ModelObjective(
            name=self.loss if self._groups is None else f"{self.loss}_and_categories",
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
        from espelho.losses.categories import with_categories

        loss = self._loss_of_numbers()
        return loss if self._groups is None else with_categories(loss, self._groups)

    def _loss_of_numbers(self) -> "Reconstruction":
        from espelho.losses.correntropy import correntropy
        from espelho.losses.reconstruction import RECONSTRUCTIONS

        if self.loss == "correntropy":
            return correntropy(self.bandwidth_)
        # What a discretized logistic decoder says is a mean, as for the squared error.
        known = "squared_error" if self.loss == "discretized_logistic" else self.loss
        return RECONSTRUCTIONS[known]

    def _sparsity(self, width: int, activation: str) -> "Sparsity | None":
        from espelho.losses.penalties.sparsity import ACTIVITIES
        from espelho.models.autoencoders.sparsity import Sparsity

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
