"""The autoencoder: an encoder, a decoder, and what a reconstruction costs."""

from collections.abc import Callable

from torch import Tensor, nn

from espelho.losses.penalties import weight_decay, weights
from espelho.losses.reconstruction import Reconstruction
from espelho.models.backpropagation import DenseBackpropagation
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["AutoencoderModel"]


class AutoencoderModel(Trainable):
    """Minimise, over encoder and decoder, what it costs to give back x for x.

    ``mean_i w_i loss(x_i, decoder(encoder(x_i))) + weight_decay * sum W^2``

    Parameters
    ----------
    encoder
        From samples ``(n, *sample)`` to codes ``(n, latent_dim)``.
    decoder
        From codes to the output that ``reconstruction`` compares with the sample.
    name
        What the history calls the reconstruction loss.
    reconstruction
        The loss.
    weight_decay
        What the sum of the squared weights of both networks is multiplied with.
    augment
        Changes the samples of a batch before a training step; ``None`` for as they are.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        *,
        name: str,
        reconstruction: Reconstruction,
        weight_decay: float = 0.0,
        augment: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self._name = name
        self._reconstruction = reconstruction
        self._weight_decay = weight_decay
        self._augment = augment

    def encode(self, x: Tensor) -> Tensor:
        """Return the codes ``(n, latent_dim)`` of samples."""
        codes: Tensor = self.encoder(x)
        return codes

    def decode(self, z: Tensor) -> Tensor:
        """Return the samples ``(n, *sample)`` that codes stand for."""
        return self._reconstruction.output(self.decoder(z))

    def errors(self, x: Tensor) -> Tensor:
        """Return the reconstruction loss of each element, in the units of ``x``."""
        return self._reconstruction.elements(x, self.decoder(self.encoder(x)))

    def plan(self) -> Plan:
        """Return the one stage and its one phase; its gradient is by hand where that is known."""
        networks = (self.encoder, self.decoder)
        by_hand = DenseBackpropagation.of(networks, self._name, self._weight_decay)
        gradient = None if by_hand is None else lambda batch: by_hand(self._augmented(batch))
        return (
            Stage(Phase("reconstruct", owns=networks, loss=self._reconstruct, gradient=gradient)),
        )

    def _augmented(self, batch: Batch) -> Batch:
        if self._augment is None or not self.training:
            return batch
        return batch._replace(x=self._augment(batch.x))

    def _reconstruct(self, batch: Batch) -> Terms:
        batch = self._augmented(batch)
        output = self.decoder(self.encoder(batch.x))
        terms = {self._name: self._reconstruction.mean(batch.x, output, batch.weight)}
        if self._weight_decay:
            # Asked for each time: where processes divide them, they change place.
            decayed = weights((self.encoder, self.decoder))
            terms["weight_decay"] = self._weight_decay * weight_decay(decayed)
        return terms
