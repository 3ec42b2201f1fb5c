"""The autoencoder with dense networks, or with the user's own."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from espelho.errors import EspelhoWarning, SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.axes.missing import Imputes
from espelho.estimators.data.samples import Samples

if TYPE_CHECKING:
    from espelho.models.autoencoders.autoencoder import AutoencoderModel

__all__ = ["Autoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class Autoencoder(Imputes):
    """Autoencoder: learn codes from which the data can be rebuilt.

    Minimises, over an encoder f and a decoder g,
    ``mean_i loss(x_i, g(f(x_i)))`` plus the penalties that were asked for, where the loss of a
    sample is the sum over its features. With linear activations and the squared error it spans the
    principal subspace (Baldi and Hornik 1989, Neural Networks 2).

    Parameters
    ----------
    decoder_sizes
        Widths of the hidden layers between code and output; without it those of the encoder
        mirrored.
    tied
        Whether the decoder uses the encoder's weights, transposed.
    dropout
        Share of the hidden units that are set to 0 at random in each training step, in networks
        that are not your own.
    code_activation
        Activation of the code.
    output_activation
        Activation of the output; auto is linear, and logistic for the Bernoulli loss.
    encoder, decoder
        Networks of your own in place of the dense ones, torch modules from (n, *sample) to
        (n, latent_dim) and back, of which fit trains a copy. A decoder for the Bernoulli loss
        returns logits.

    Attributes
    ----------
    model_
        The trained networks: ``model_.encoder`` and ``model_.decoder``.
    history_
        Losses by epoch, a `History`.
    scaling_
        The map between the data's units and the network's.
    latent_dim_
        Width of the code.
    n_features_in_, feature_names_in_
        Number of features of a sample, and their names where X had any.
    sample_shape_
        Shape of a sample.
    n_epochs_, stop_reason_, fit_seconds_
        How long training went on, why it ended, how long it took.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder
    >>> X = load_iris().data
    >>> model = Autoencoder(latent_dim=2, max_epochs=2, random_state=0).fit(X)
    >>> model.transform(X).shape
    (150, 2)
    >>> model.reconstruct(X).shape
    (150, 4)
    """

    decoder_sizes: f.Sizes | None = None
    tied: bool = False
    dropout: f.Share = 0.0
    code_activation: f.ActivationName = "linear"
    output_activation: f.ActivationName | Literal["auto"] = "auto"
    encoder: Any = None
    decoder: Any = None

    def saturation(self, X: Any) -> float:
        """Return the share of units, over samples, that hardly move when their input does.

        Those whose slope is below 5 % of the code activation's largest: a contractive
        autoencoder saturates the units that it does not need for a sample.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Raises
        ------
        SettingError
            If the encoder is a network of your own: its slopes are not known.
        """
        import torch

        from espelho.losses.penalties.saturation import code_slopes, largest_slope, saturation
        from espelho.networks.activations import ACTIVATIONS

        samples = self._read(X)
        largest = largest_slope(ACTIVATIONS[self._code_activation()].build())
        shares = [
            float(saturation(code_slopes(self.model_.encoder, x), largest)) * len(x)
            for _, _, x in self._blocks(samples)
        ]
        return float(torch.tensor(shares).sum()) / len(samples)

    def _network_shape(self) -> tuple[int, ...]:
        own = self._has_own_networks and self._layout is None
        return self.sample_shape_ if own else super()._network_shape()

    @property
    def _takes_tables(self) -> bool:
        return True

    @property
    def _has_own_networks(self) -> bool:
        return self.encoder is not None or self.decoder is not None

    def _build(self) -> "AutoencoderModel":
        from espelho.estimators.autoencoders.axes.networks import build_networks

        encoder, decoder, self.latent_dim_ = build_networks(self)
        return self._model(encoder, decoder)

    def _not_stackable(self) -> str:
        if self._has_own_networks:
            return "networks of your own"
        return "" if self.decoder_sizes is None else "decoder_sizes"

    def _code_activation(self) -> str:
        return "linear" if self._has_own_networks else self.code_activation

    def _check_data(self, samples: Samples) -> None:
        super()._check_data(samples)
        self._warn_of_identity()

    def _warn_of_identity(self) -> None:
        chosen = self.latent_dim is not None and not self._has_own_networks
        restricted = self._restricted or self.code_activation == "binary"
        narrowest = min((self.latent_dim_, *self.hidden_sizes, *(self.decoder_sizes or ())))
        if chosen and not restricted and narrowest >= self._width:
            warnings.warn(
                f"latent_dim={self.latent_dim} is at least the number of features "
                f"({self._width}), and nothing restricts the code: the autoencoder may "
                "learn the identity. Choose a smaller latent_dim, or restrict it (corruption, "
                "sparsity, active_units, contraction, weight_decay, code_activation='binary').",
                EspelhoWarning,
                stacklevel=6,
            )

    def _check_combination(self) -> None:
        if self.tied and (self.decoder_sizes is not None or self._has_own_networks):
            other = "decoder_sizes" if self.decoder_sizes is not None else "encoder or decoder"
            raise SettingError(
                f"tied=True and {other} cannot work together: a tied decoder is the encoder "
                "mirrored. Leave one of them out."
            )
        super()._check_combination()
