"""The convolutional autoencoder: for images of any size, and for signals."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.base import BaseAutoencoder

if TYPE_CHECKING:
    from espelho.models.autoencoders.autoencoder import AutoencoderModel

__all__ = ["ConvolutionalAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class ConvolutionalAutoencoder(BaseAutoencoder):
    """Convolutional autoencoder: learn codes of images by kernels that slide over them.

    The encoder's convolutions make an image smaller by ``stride`` each, and dense layers end in
    the code; the decoder goes the same way back by transposed convolutions (Masci et al. 2011,
    ICANN), to exactly the size that came in, whatever it is. Minimises
    ``mean_i loss(x_i, g(f(x_i)))`` plus the penalties that were asked for.

    Images are ``(n, height, width)``, ``(n, channels, height, width)``, or flat rows with
    ``sample_shape``; flat rows without one are signals of one channel.

    Parameters
    ----------
    hidden_sizes
        Widths of dense layers between the convolutions and the code.
    channels
        Number of channels after each convolution, from the data on.
    kernel
        Width of the kernels.
    stride
        How far kernels move: an image becomes so many times smaller at each convolution.
    code_activation
        Activation of the code.
    output_activation
        Activation of the output; auto is linear, and logistic for the Bernoulli loss.

    Attributes
    ----------
    model_
        The trained networks: ``model_.encoder`` and ``model_.decoder``.
    history_, scaling_, latent_dim_, sample_shape_, n_features_in_
        As of `Autoencoder`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import ConvolutionalAutoencoder
    >>> images = load_digits().images
    >>> model = ConvolutionalAutoencoder(latent_dim=8, max_epochs=1, random_state=0).fit(images)
    >>> model.transform(images).shape, model.reconstruct(images).shape
    ((1797, 8), (1797, 8, 8))
    """

    hidden_sizes: f.Sizes = ()
    channels: f.Sizes = (16, 32)
    kernel: f.Count = 4
    stride: f.Count = 2
    code_activation: f.ActivationName = "linear"
    output_activation: f.ActivationName | Literal["auto"] = "auto"

    def _network_shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.sample_shape_
        return shape

    def _code_activation(self) -> str:
        return self.code_activation

    def _build(self) -> "AutoencoderModel":
        from espelho.estimators.autoencoders.axes.networks import build_convolutional

        encoder, decoder, self.latent_dim_ = build_convolutional(self)
        return self._model(encoder, decoder)
