"""The stacked autoencoder: deep networks, trained layer by layer first."""

from dataclasses import dataclass

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder

__all__ = ["StackedAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class StackedAutoencoder(Autoencoder):
    """Stacked autoencoder: train a deep network layer by layer, then as a whole.

    Stage i minimises ``mean_n loss(h_n, s(W_i^T f_i(h_n) + b_i))`` over the layer
    ``f_i(h) = s(W_i h + c_i)`` and ``b_i``, where h are the clean codes of the layers below, which
    stay as they are; a corruption spoils what the layer sees, penalties are those of its codes.
    Then the decoder starts from the transposed weights ``W_i^T`` and the biases ``b_i``, and all
    is trained together (Bengio et al. 2007, NIPS 19; with denoising Vincent et al. 2010, JMLR 11).

    An `Autoencoder` with ``pretraining="greedy"``, a setting that every preset takes:
    ``RobustAutoencoder(pretraining="greedy")`` is the robust stacked autoencoder. Stages are
    named in the history. Its settings, methods and attributes are those of `Autoencoder`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import StackedAutoencoder
    >>> X = load_digits().data
    >>> settings = {"hidden_sizes": (32,), "latent_dim": 8, "max_epochs": 2, "random_state": 0}
    >>> model = StackedAutoencoder(pretraining_epochs=1, **settings).fit(X)
    >>> [record["stage"] for record in model.history_]
    ['layer 1', 'layer 2', 'fine-tuning', 'fine-tuning']
    """

    pretraining: f.PretrainingName = "greedy"
