"""The autoencoder of sequences: an autoencoder whose samples differ in length."""

from collections.abc import Mapping
from functools import partial

from torch import Tensor

from espelho.losses.masking import valid_sum
from espelho.losses.penalties.weight_decay import weight_decay, weights
from espelho.models.autoencoders.autoencoder import AutoencoderModel
from espelho.networks.sequences.steps import clear_padding, valid_steps
from espelho.training.batches import Batch
from espelho.training.plan import Terms

__all__ = ["SequenceAutoencoderModel"]


class SequenceAutoencoderModel(AutoencoderModel):
    """Minimise what it costs to give back sequences, over the steps that are their own.

    ``mean_i w_i sum_{t <= T_i} loss(x_it, x-hat_it)`` and the penalties of `AutoencoderModel`,
    where T_i is the length of sequence i: padding costs nothing.

    Its encoder takes sequences ``(n, time, features)`` and their lengths, its decoder codes,
    lengths, ``n_steps`` and ``target``, as `LSTMEncoder` and `LSTMDecoder` do. The other
    parameters are those of `AutoencoderModel`.
    """

    def encode(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the codes ``(n, latent_dim)`` of sequences.

        Parameters
        ----------
        x
            Sequences ``(n, time, features)``, padded at the end.
        lengths
            Number of steps of each; ``None`` where none is padded.
        """
        codes: Tensor = self.encoder(x, lengths)
        return codes

    def decode(
        self, z: Tensor, lengths: Tensor | None = None, *, n_steps: int | None = None
    ) -> Tensor:
        """Return the sequences that codes stand for, with 0 after each one's last step.

        Parameters
        ----------
        z
            Codes.
        lengths
            Number of steps of each sequence; ``None`` for all of `n_steps`.
        n_steps
            Number of steps of what is returned; ``None`` for the decoder's own.
        """
        output = self.objective.reconstruction.output(self.decoder(z, lengths, n_steps=n_steps))
        return clear_padding(output, lengths)

    def errors(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the reconstruction loss of each element, 0 at padding, in the units of ``x``."""
        output = self.decoder(self.encoder(x, lengths), lengths, n_steps=x.shape[1])
        return clear_padding(self.objective.reconstruction.elements(x, output), lengths)

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return the codes of sequences, and what they are given back as."""
        codes = self.encode(batch.x, batch.lengths)
        answers = self.decode(codes, batch.lengths, n_steps=batch.x.shape[1])
        return {"codes": codes, "answers": answers}

    def _reconstruct(self, batch: Batch) -> Terms:
        batch, objective, lengths = self._augmented(batch), self.objective, batch.lengths
        encoder = partial(self.encoder, lengths=lengths)
        z, penalties = self._encoded(self._corrupted(batch.x), batch.weight, encoder)
        output = self.decoder(z, lengths, n_steps=batch.x.shape[1], target=batch.x)
        terms = {objective.name: self._mean(batch, output), **penalties}
        if objective.weight_decay:
            decayed = weights((self.encoder, self.decoder))
            terms["weight_decay"] = objective.weight_decay * weight_decay(decayed)
        return terms

    def _mean(self, batch: Batch, output: Tensor) -> Tensor:
        reconstruction = self.objective.reconstruction
        if batch.lengths is None:
            return reconstruction.mean(batch.x, output, batch.weight)
        elements = reconstruction.elements(batch.x, output)
        by_sample = valid_sum(elements, valid_steps(batch.lengths, batch.x.shape[1]))
        if batch.weight is not None:
            by_sample = by_sample * batch.weight
        return by_sample.sum() / len(batch.x)
