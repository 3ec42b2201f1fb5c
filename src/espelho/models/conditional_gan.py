"""The conditional generative adversarial network: both players are told the label."""

from torch import Tensor

from espelho.models.gan import GANModel
from espelho.training.batches import Batch

__all__ = ["ConditionalGANModel"]


class ConditionalGANModel(GANModel):
    """Let generator and discriminator play over samples of each label (Mirza and Osindero 2014).

    The phases are those of `GANModel`, with ``g(z_i, y_i)`` and ``d(x, y_i)``: made samples have
    the labels of the batch, so that each is judged beside the label it was made for.

    Parameters
    ----------
    generator
        From noise ``(n, latent_dim)`` and labels ``(n,)`` to samples ``(n, *sample)``.
    discriminator
        From samples and labels to scores ``(n,)``.
    latent_dim, noise, contest, augment, past, sequences
        As of `GANModel`.
    """

    def _labels(self, batch: Batch) -> tuple[Tensor, ...]:
        return () if batch.y is None else (batch.y,)
