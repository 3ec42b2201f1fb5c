"""The autoencoder: an encoder, a decoder, and what a reconstruction costs."""

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
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        *,
        name: str,
        reconstruction: Reconstruction,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self._name = name
        self._reconstruction = reconstruction
        self._weight_decay = weight_decay
        self._weights = weights((encoder, decoder)) if weight_decay else []

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
        gradient = DenseBackpropagation.of(networks, self._name, self._weight_decay)
        phase = Phase("reconstruct", owns=networks, loss=self._reconstruct, gradient=gradient)
        return (Stage(phase),)

    def _reconstruct(self, batch: Batch) -> Terms:
        output = self.decoder(self.encoder(batch.x))
        terms = {self._name: self._reconstruction.mean(batch.x, output, batch.weight)}
        if self._weight_decay:
            terms["weight_decay"] = self._weight_decay * weight_decay(self._weights)
        return terms
