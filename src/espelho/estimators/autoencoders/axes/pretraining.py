"""Greedy pre-training as a setting: layer by layer, then the whole."""

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.codes.latent import Latent

if TYPE_CHECKING:
    from torch import nn

    from espelho.models.autoencoders.autoencoder import AutoencoderModel
    from espelho.models.autoencoders.autoencoder import Objective as ModelObjective

__all__ = ["Pretraining"]


@dataclass(kw_only=True, eq=False, repr=False)
class Pretraining(Latent):
    """How training begins.

    Parameters
    ----------
    pretraining
        none, or greedy: each layer is trained as a shallow autoencoder on the clean codes of
        the layers below, with the corruption and the penalties; then the whole from there.
        `partial_fit` and another fit with ``warm_start`` train the whole.
    pretraining_epochs
        Passes over the data for each layer; without it as many as for the whole.
    finetuning
        Whether the whole is trained with the corruption and the penalties too, or plainly.
    """

    pretraining: f.PretrainingName = "none"
    pretraining_epochs: f.Count | None = None
    finetuning: f.FinetuningName = "with penalties"

    def _not_stackable(self) -> str:
        """Return what stands against greedy pre-training, or nothing."""
        return f"the structure of {type(self).__name__}"

    def _check_combination(self) -> None:
        super()._check_combination()
        if self.pretraining == "none":
            return
        if reason := "latent='gaussian'" * self._variational or self._not_stackable():
            raise SettingError(
                f"pretraining='greedy' and {reason} cannot work together: only dense layers that "
                "mirror each other are trained one after the other. Use pretraining='none'."
            )

    def _model(self, encoder: "nn.Module", decoder: "nn.Module") -> "AutoencoderModel":
        """Return the model of two networks, with its stages."""
        from espelho.models.autoencoders.autoencoder import AutoencoderModel
        from espelho.models.autoencoders.stacked import StackedAutoencoderModel

        if self._variational:
            return self._variational_model(encoder, decoder)
        objective = self._objective()
        if self.pretraining == "none":
            return AutoencoderModel(encoder, decoder, objective)
        plain: dict[str, Any] = {"corruption": None, "sparsity": None, "contraction": 0.0}
        whole = changed(objective, **plain) if self.finetuning == "plain" else objective
        return StackedAutoencoderModel(
            encoder,  # type: ignore[arg-type]
            decoder,  # type: ignore[arg-type]
            whole,
            layer_objective=self._layer_objective,
            epochs=self.pretraining_epochs,
        )

    def _layer_objective(self, index: int, width: int) -> "ModelObjective":
        """Return what is paid for one layer alone."""
        from espelho.losses.reconstruction import RECONSTRUCTIONS

        n_layers = len(self.hidden_sizes) + 1
        activation = self.activation if index + 1 < n_layers else self._code_activation()
        objective = changed(
            self._objective(),
            corruption=self._corruption(layer=index),
            sparsity=self._sparsity(width, activation),
        )
        if index == 0:
            return objective
        # Codes are numbers, whatever they are codes of.
        objective = changed(
            objective, augment=None, name=self.loss, reconstruction=self._loss_of_numbers()
        )
        # Codes need not lie in [0, 1], where the Bernoulli loss is defined.
        if self.loss != "bernoulli":
            return objective
        loss = RECONSTRUCTIONS["squared_error"]
        return changed(objective, name="squared_error", reconstruction=loss)
