"""The generative adversarial network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.scaling import blocks
from espelho.data.series.sequences import Sequences
from espelho.errors import DataError
from espelho.estimators import fields as f
from espelho.estimators.data.samples import Samples
from espelho.estimators.generators.contest import ContestSettings
from espelho.estimators.generators.sequential import GeneratesSequences, lengths_of
from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.models.generators.gan import GANModel

__all__ = ["GAN"]

_LEAST_LATENT, _MOST_LATENT = 2, 64
_STEPS, _MOST_EPOCHS = 15_000, 400


@dataclass(kw_only=True, eq=False, repr=False)
class GAN(ContestSettings, GeneratesSequences):
    """Generative adversarial network: samples that a discriminator cannot tell from the data.

    A discriminator d learns to tell data from samples g(z) that a generator makes of noise, and
    the generator to deceive it (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661). Each
    step has two phases, each with an optimiser of its own:

    - discriminate moves d by ``mean_i softplus(-d(x_i)) + mean_i softplus(d(g(z_i)))`` (or by
      another ``game``) plus a penalty on d's slope;
    - generate moves g by ``mean_i softplus(-d(g(z_i)))``.

    Images ``(n, height, width)``, ``(n, channels, height, width)``, or flat rows with
    ``sample_shape`` have convolutional networks (Radford et al. 2016), anything else dense ones.
    Sequences, a list of arrays ``(time_i, features)`` that differ in length, have recurrent ones
    (as in Mogren 2016, https://arxiv.org/abs/1611.09904); with ``structure="recurrent"`` so do
    arrays ``(n, time, features)``, and rows. A made sequence is padded as those of the data are,
    and ``sample`` draws lengths as often as they came.

    Parameters
    ----------
    latent_dim
        Width of the noise; without it half the number of features, from 2 to 64.
    hidden_sizes
        Widths of the hidden layers between noise and sample, of a dense generator; of the states
        of LSTM layers in a recurrent one.
    normalization
        What is put between each hidden layer of the generator and its activation: none, batch
        normalisation, layer normalisation; auto: batch for convolutions, none for other layers.
    structure
        dense, convolutional or recurrent networks; auto: convolutional for images, recurrent
        for a list of sequences that differ in length.
    channels
        Number of channels after each convolution of the discriminator, each of which halves the
        image; the generator goes the same way back.
    discriminator_sizes
        Widths of the hidden layers of a dense discriminator; of the states of LSTM layers, which
        read both ways, and of the features made of them in a recurrent one.
    discriminator_activation
        Activation of the discriminator's hidden layers.
    spectral_norm
        Whether the discriminator's weights are divided by their largest singular value.
    minibatch_deviation
        Whether the discriminator sees how much the samples of a batch differ.
    optimizer_options
        Options of the optimiser that differ from its defaults, by name; without it, Adam has
        betas of (0.5, 0.99).
    averaging
        Half-life, in samples, of an average of the weights that takes their place in the end;
        None for the last weights.
    max_epochs
        Most times that all data is seen; without it, as many as make 15,000 steps, but at most
        400: few rows want many passes, many rows few.

    Attributes
    ----------
    model_
        The trained networks: ``model_.generator`` and ``model_.discriminator``.
    history_
        What each phase paid by epoch, a `History`.
    best_epoch_, weights_
        The epoch with the best samples, and whose weights ``model_`` has: best or last.
    median_distance_
        The median distance between samples of the data, in scaled units.
    length_frequencies_
        Of sequences, the share that has 1, 2, ... steps.
    scaling_, latent_dim_, sample_shape_, n_features_in_, feature_names_in_
        As of `MomentMatchingNetwork`.
    n_epochs_, stop_reason_, fit_seconds_
        How long training went on, why it ended, how long it took.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import GAN
    >>> X = load_iris().data
    >>> model = GAN(max_epochs=2, random_state=0).fit(X)
    >>> model.sample(3, random_state=0).shape, model.discriminate(X).shape
    ((3, 4), (150,))
    """

    latent_dim: f.Count | None = None  # type: ignore[assignment]
    hidden_sizes: f.Sizes = (128, 128)
    normalization: f.NormalizationName | Literal["auto"] = "auto"  # type: ignore[assignment]
    noise: f.NoiseName = "gaussian"
    channels: f.Sizes = (32, 64)
    discriminator_sizes: f.Sizes = (128, 128)
    discriminator_activation: f.ActivationName = "leaky-relu"
    spectral_norm: bool = False
    minibatch_deviation: bool = False
    max_epochs: f.Count | None = None  # type: ignore[assignment]
    batch_size: f.Count = 64
    averaging: f.Positive | None = 100_000.0
    keep: f.KeepName = "best"

    def discriminate(self, X: Any) -> NDArray[np.floating[Any]]:
        """Return how likely the discriminator thinks each sample is real.

        ``1 / (1 + e^-d(x))``: 1/2 everywhere where it cannot tell, after a game whose scores
        are log odds (non-saturating, minimax). With ``packing`` a sample is judged in company, as
        in training: rows go in packs in their order, the last one completed with the first rows,
        and each is told what the discriminator thinks of its pack. Give it rows of one kind, in
        an order that means nothing.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            Numbers from 0 to 1.
        """
        check_is_fitted(self)
        return self._judged(self._read_samples(X, reset=False))

    def _judged(self, samples: Samples, *labels: NDArray[Any]) -> NDArray[np.floating[Any]]:
        import torch

        from espelho.estimators.data.parts import told

        found, start = [], 0
        with torch.inference_mode():
            for x, *lengths in self._blocks(samples, int(self.packing)):
                rows = slice(start, start + len(x))
                beside = (told(part[rows], x) for part in labels)
                found.append(self.model_.scores(x, *beside, *lengths).sigmoid().cpu().numpy())
                start += len(x)
        return np.concatenate(found)

    @property
    def _takes_tables(self) -> bool:
        return self.structure in ("auto", "dense")

    def _network_shape(self) -> tuple[int, ...]:
        from espelho.estimators.generators.networks import is_convolutional

        if not is_convolutional(self):
            return super()._network_shape()
        shape: tuple[int, ...] = self.sample_shape_
        return shape if len(shape) > len(("height", "width")) else (1, *shape)

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        from espelho.estimators.generators.networks import check_image, is_convolutional
        from espelho.estimators.generators.rules import check_sequences

        if self._recurrent:
            check_sequences(self, differ=len(np.unique(lengths_of(samples))) > 1)
        elif is_convolutional(self):
            check_image(self.sample_shape_)
        super()._learn_from(samples, weight)
        ragged = isinstance(samples.values, Sequences)
        if _all_alike(np.asarray(samples.values) if ragged else samples.values):
            raise DataError(
                f"X holds {len(samples)} samples that are all the same, so there is no "
                "distribution to learn. Look at where they come from."
            )

    def _build(self) -> "GANModel":
        from espelho.estimators.generators.networks import build_discriminator, build_generator
        from espelho.models.generators.gan import GANModel
        from espelho.networks.discriminator import Discriminator

        self.latent_dim_ = self._latent_width()
        return GANModel(
            build_generator(self, self.latent_dim_),
            build_discriminator(self, Discriminator),
            self.latent_dim_,
            **self._ways(),
        )

    def _ways(self) -> dict[str, Any]:
        """Return how the networks are trained."""
        from espelho.estimators.generators.rules import (
            build_augmentation,
            build_contest,
            build_pool,
        )
        from espelho.models.generators.noise import NOISES

        return {
            "noise": NOISES[self.noise],
            "contest": build_contest(self),
            "augment": self._augmentation(),
            "past": build_pool(self, *self._told_of_a_sample()),
            "sequences": self._recurrent,
            "augmentation": build_augmentation(self),
            "settle": self._settling(),
        }

    def _told_of_a_sample(self) -> "tuple[Tensor, ...]":
        """Return what the networks are told of one sample, for its shape and type."""
        import torch

        return (torch.ones((), dtype=torch.int64),) if self._recurrent else ()

    def _latent_width(self) -> int:
        if self.latent_dim is not None:
            return int(self.latent_dim)
        return int(min(max(_LEAST_LATENT, self._width // 2), _MOST_LATENT))

    def _epochs(self, n_rows: int) -> int:
        if self.max_epochs is not None:
            return super()._epochs(n_rows)
        return min(ceil(_STEPS / ceil(n_rows / int(self.batch_size))), _MOST_EPOCHS)

    def _optimizer_options(self) -> Mapping[str, Any]:
        if self.optimizer_options is not None or self.optimizer not in ("adam", "adamw"):
            return super()._optimizer_options()
        return {"betas": (0.5, 0.99)}

    def _epochs_of_a_turn(self) -> int:
        if self.alternate == "step":
            return 1
        return int(self.discriminator_updates) + int(self.generator_updates)

    def _own_callbacks(self) -> Sequence[Callback]:
        from espelho.models.generators.fading_noise import FadingNoise

        return (FadingNoise(),) if self.instance_noise else ()

    def _check_combination(self) -> None:
        from espelho.estimators.generators.rules import check_rules

        super()._check_combination()
        check_rules(self)


def _all_alike(values: Any) -> bool:
    """Return whether all rows are the same."""
    first = next(iter(blocks(values)))[:1]
    return all((block == first).all() for block in blocks(values))
