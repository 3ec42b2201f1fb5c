"""The autoencoder: an encoder, a decoder, and what it pays for what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from espelho.losses.penalties.contraction import encode_with_contraction
from espelho.losses.penalties.weight_decay import weight_decay, weights
from espelho.losses.reconstruction import Reconstruction
from espelho.models.autoencoders.backpropagation import DenseBackpropagation
from espelho.models.autoencoders.sparsity import Sparsity
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["AutoencoderModel", "Objective"]

Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What an autoencoder pays, and what happens to its samples before.

    Attributes
    ----------
    name
        What the history calls the reconstruction loss.
    reconstruction
        The loss.
    weight_decay
        What the sum of the squared weights of both networks is multiplied with.
    augment
        Changes the samples of a batch before a training step; ``None`` for as they are.
    corruption
        Spoils what the encoder sees in a training step; what is to be given back stays clean.
    sparsity
        Penalty on the codes.
    contraction
        What the squared Frobenius norm of the encoder's Jacobian is multiplied with.
    contraction_method, contraction_probes
        How it is computed; see `espelho.losses.penalties.contraction`.
    """

    name: str
    reconstruction: Reconstruction
    weight_decay: float = 0.0
    augment: Change | None = None
    corruption: Change | None = None
    sparsity: Sparsity | None = None
    contraction: float = 0.0
    contraction_method: Literal["auto", "exact", "hutchinson"] = "auto"
    contraction_probes: int = 1

    @property
    def plain(self) -> bool:
        """Whether nothing is paid besides the reconstruction and the weights."""
        return self.sparsity is None and not self.contraction


class AutoencoderModel(Trainable):
    """Minimise, over encoder f and decoder g, what it costs to give back x.

    ``mean_i w_i loss(x_i, g(f(c(x_i)))) + weight_decay * sum W^2 + sparsity(f(c(x)))
    + contraction * mean_i w_i ||df/dx(c(x_i))||_F^2`` with the corruption c; where elements of x
    are missing the loss is summed over the observed ones.

    Parameters
    ----------
    encoder
        From samples ``(n, *sample)`` to codes ``(n, latent_dim)``.
    decoder
        From codes to the output that the reconstruction loss compares with the sample.
    objective
        What is paid.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, objective: Objective) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.divisible = not objective.contraction
        self.sparsity = objective.sparsity
        self.objective = objective

    def encode(self, x: Tensor) -> Tensor:
        """Return the codes ``(n, latent_dim)`` of samples."""
        codes: Tensor = self.encoder(x)
        return codes

    def decode(self, z: Tensor) -> Tensor:
        """Return the samples ``(n, *sample)`` that codes stand for."""
        return self.objective.reconstruction.output(self.decoder(z))

    def errors(self, x: Tensor) -> Tensor:
        """Return the reconstruction loss of each element, in the units of ``x``."""
        return self.objective.reconstruction.elements(x, self.decoder(self.encoder(x)))

    def plan(self) -> Plan:
        """Return the one stage and its one phase; its gradient is by hand where that is known."""
        return (Stage(self.reconstruct_phase()),)

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return the codes of samples, and what they are given back as."""
        codes = self.encode(batch.x)
        return {"codes": codes, "answers": self.decode(codes)}

    def reconstruct_phase(self) -> Phase:
        """Return the phase that moves both networks by the whole objective."""
        networks, objective = (self.encoder, self.decoder), self.objective
        by_hand = DenseBackpropagation.of(networks, objective.name, objective.weight_decay)

        if by_hand is None or not objective.plain:
            return Phase("reconstruct", owns=networks, loss=self._reconstruct)

        def gradient(batch: Batch) -> Terms:
            batch = self._augmented(batch)
            return by_hand(batch, self._corrupted(batch.x))

        def loss(batch: Batch) -> Terms:
            if torch.is_grad_enabled():
                return self._reconstruct(batch)
            batch = self._augmented(batch)
            return by_hand.terms(batch, self._corrupted(batch.x))

        return Phase("reconstruct", owns=networks, loss=loss, gradient=gradient)

    def _augmented(self, batch: Batch) -> Batch:
        if self.objective.augment is None or not self.training:
            return batch
        return batch._replace(x=self.objective.augment(batch.x))

    def _corrupted(self, x: Tensor) -> Tensor:
        if self.objective.corruption is None or not self.training:
            return x
        return self.objective.corruption(x)

    def _reconstruct(self, batch: Batch) -> Terms:
        batch, objective = self._augmented(batch), self.objective
        z, penalties = self._encoded(self._corrupted(batch.x), batch.weight)
        output = self.decoder(z)
        error = objective.reconstruction.mean(batch.x, output, batch.weight, batch.observed)
        terms = {objective.name: error, **penalties}
        if objective.weight_decay:
            # Asked for each time: where processes divide them, they change place.
            decayed = weights((self.encoder, self.decoder))
            terms["weight_decay"] = objective.weight_decay * weight_decay(decayed)
        return terms

    def _encoded(
        self, x: Tensor, weight: Tensor | None, encoder: Change | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the codes, and what is paid for them; the encoder is the model's own or given."""
        penalties: dict[str, Tensor] = {}
        objective = self.objective
        encoder = self.encoder if encoder is None else encoder
        if objective.contraction:
            z, norm = encode_with_contraction(
                encoder,
                x,
                method=objective.contraction_method,
                n_probes=objective.contraction_probes,
                weight=weight,
            )
            penalties["contraction"] = objective.contraction * norm
        else:
            z = encoder(x)
        if self.sparsity is not None:
            penalties["sparsity"] = self.sparsity(z, weight)
        return z, penalties
