"""The networks of an autoencoder, as its settings say: dense, tied, or the user's own."""

import copy
import math
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from espelho.errors import SettingError, ShapeError
from espelho.networks.activations import ACTIVATIONS
from espelho.networks.categories import ActivatedNumbers
from espelho.networks.dense import dense, tied
from espelho.networks.gaussian import GaussianEncoder
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder

if TYPE_CHECKING:
    from espelho.estimators.autoencoders.autoencoder import Autoencoder
    from espelho.estimators.autoencoders.convolutional import ConvolutionalAutoencoder

__all__ = ["Ends", "build_convolutional", "build_networks", "default_width", "sparse"]


class Ends(NamedTuple):
    """What stands around the layers of an encoder whose codes are drawn.

    Attributes
    ----------
    before, after
        Modules between the sample and the first layer, and between the last one and the code.
    more_inputs
        How many features ``before`` adds.
    outputs
        How many outputs of the last layer make one unit of the code.
    """

    before: Sequence[nn.Module] = ()
    after: Sequence[nn.Module] = ()
    more_inputs: int = 0
    outputs: int = 1


_NO_ENDS = Ends()


def build_networks(
    estimator: "Autoencoder", ends: Ends = _NO_ENDS, latent_dim: int | None = None
) -> tuple[nn.Module, nn.Module, int]:
    """Build encoder and decoder, and find the width of the code.

    Parameters
    ----------
    estimator
        The settings, and the shape of a sample.
    ends
        What stands around the encoder's layers.
    latent_dim
        The width of the code, where the setting does not say it.

    Returns
    -------
    encoder, decoder
        Networks between samples and codes.
    latent_dim
        Width of the code.

    Raises
    ------
    ShapeError
        If networks of the user's own do not fit the data or each other.
    """
    wanted = latent_dim if estimator.latent_dim is None else int(estimator.latent_dim)
    if estimator.encoder is None and estimator.decoder is None:
        width = wanted or default_width(estimator._width)
        encoder = _dense_encoder(estimator, width, ends)
        return sparse(encoder, estimator), _dense_decoder(estimator, encoder, width), width
    return _own_networks(estimator, ends, wanted)


def build_convolutional(
    estimator: "ConvolutionalAutoencoder",
) -> tuple[nn.Module, nn.Module, int]:
    """Build a convolutional encoder and decoder, and find the width of the code.

    Parameters
    ----------
    estimator
        The settings, and the shape of a sample.
    """
    shape, hidden = estimator.sample_shape_, [int(n) for n in estimator.hidden_sizes]
    width = int(estimator.latent_dim or default_width(estimator.n_features_in_))
    first, *rest = (*hidden, width)
    code, last = estimator.code_activation, _output_activation(estimator)
    inner = estimator.activation if rest else code
    settings: dict[str, Any] = {
        "normalization": estimator.normalization,
        "kernel": int(estimator.kernel),
        "stride": int(estimator.stride),
    }
    channels, activation = [int(n) for n in estimator.channels], estimator.activation
    encoder = convolutional_encoder(shape, channels, first, activation, inner, **settings)
    decoder = convolutional_decoder(shape, channels, first, activation, last, **settings)
    if rest:
        sizes = (first, *rest)
        encoder = nn.Sequential(*encoder, *dense(sizes, activation, code))
        decoder = nn.Sequential(*dense(sizes[::-1], activation, activation), *decoder)
    return sparse(encoder, estimator), decoder, width


def sparse(encoder: nn.Module, estimator: Any) -> nn.Module:
    """Return an encoder of whose units each sample keeps the largest, if that was asked for."""
    if estimator.active_units is None:
        return encoder
    from espelho.networks.k_sparse import KSparse

    layers = encoder if type(encoder) is nn.Sequential else [encoder]
    return nn.Sequential(*layers, KSparse(int(estimator.active_units)))


def default_width(n_features: int) -> int:
    """Return the square root of the number of features, rounded up, and below it if possible.

    Examples
    --------
    >>> [default_width(n) for n in (1, 2, 4, 64, 784)]
    [1, 1, 2, 8, 28]
    """
    return max(1, min(math.ceil(math.sqrt(n_features)), n_features - 1))


def _dense_encoder(estimator: "Autoencoder", width: int, ends: Ends) -> nn.Sequential:
    inputs = estimator._width + ends.more_inputs
    sizes = [int(n) for n in (inputs, *estimator.hidden_sizes, width * ends.outputs)]
    code = estimator.code_activation
    # What makes one unit of several outputs stands between them and the code's activation.
    last = "linear" if ends.outputs > 1 else code
    settings = (estimator.activation, last, estimator.normalization, float(estimator.dropout))
    layers = dense(sizes, *settings)
    activated = () if last == code else (ACTIVATIONS[code].build(),)
    return nn.Sequential(*ends.before, *layers, *ends.after, *activated)


def _dense_decoder(estimator: "Autoencoder", encoder: nn.Sequential, width: int) -> nn.Sequential:
    last, drop, groups = _output_activation(estimator), float(estimator.dropout), estimator._groups
    ends: tuple[nn.Module, ...] = ()
    if groups is not None and last != "linear":
        ends, last = (ActivatedNumbers(last, groups.n_numbers),), "linear"
    if estimator.tied:
        layers = tied(encoder, estimator.activation, last, estimator.normalization, drop)
        return nn.Sequential(*layers, *ends)
    hidden = estimator.decoder_sizes
    hidden = estimator.hidden_sizes[::-1] if hidden is None else hidden
    sizes = (width, *hidden, estimator._width)
    widths = [int(n) for n in sizes]
    layers = dense(widths, estimator.activation, last, estimator.normalization, drop)
    return nn.Sequential(*layers, *ends)


def _output_activation(estimator: "Autoencoder | ConvolutionalAutoencoder") -> str:
    name = estimator.output_activation
    # The Bernoulli loss takes logits and applies the logistic function itself.
    return "linear" if name == "auto" or estimator.loss == "bernoulli" else name


def _own_networks(
    estimator: "Autoencoder", ends: Ends, wanted: int | None
) -> tuple[nn.Module, nn.Module, int]:
    shape = estimator._network_shape()
    encoder = _own(estimator.encoder, "encoder")
    decoder = _own(estimator.decoder, "decoder")
    if encoder is None:
        width = wanted or default_width(prod(shape))
        encoder = nn.Sequential(nn.Flatten(), *_dense_encoder(estimator, width, ends))
    elif estimator.latent == "gaussian":
        trunk = encoder
        known = _code_width(trunk, shape, None)
        width = wanted or known
        mean = sparse(nn.Linear(known, width), estimator)
        encoder = GaussianEncoder(trunk, mean, nn.Linear(known, width))
    else:
        encoder = nn.Sequential(encoder, *ends.after) if ends.after else encoder
        width = _code_width(encoder, shape, wanted)
    if decoder is None:
        layers = _dense_decoder(estimator, nn.Sequential(), width)
        decoder = nn.Sequential(*layers, nn.Unflatten(1, shape))
    _check_output(decoder, width, shape)
    given_heads = isinstance(encoder, GaussianEncoder)
    return encoder if given_heads else sparse(encoder, estimator), decoder, width


def _own(network: Any, name: str) -> nn.Module | None:
    if network is None or isinstance(network, nn.Module):
        return copy.deepcopy(network)
    raise SettingError(
        f"{name} must be a torch module (an instance, not a class), got {network!r}."
    )


def _code_width(encoder: nn.Module, shape: tuple[int, ...], wanted: int | None) -> int:
    code = _tried(encoder, (2, *shape), "encoder")
    if code.ndim != 2 or (wanted is not None and code.shape[1] != wanted):
        expected = "(n, latent_dim)" if wanted is None else f"(n, {wanted}), as latent_dim says"
        raise ShapeError(
            f"encoder must return codes of shape {expected}; for samples of shape {(2, *shape)} "
            f"it returned {tuple(code.shape)}."
        )
    return int(code.shape[1])


def _check_output(decoder: nn.Module, width: int, shape: tuple[int, ...]) -> None:
    output = _tried(decoder, (2, width), "decoder")
    if tuple(output.shape) != (2, *shape):
        raise ShapeError(
            f"decoder must return samples of shape {(2, *shape)} for codes of shape "
            f"{(2, width)}; it returned {tuple(output.shape)}."
        )


def _tried(network: nn.Module, shape: tuple[int, ...], name: str) -> torch.Tensor:
    like = next(network.parameters(), torch.zeros(()))
    training = network.training
    try:
        with torch.no_grad():
            output: torch.Tensor = network.eval()(torch.zeros(shape).to(like))
    except RuntimeError as error:
        raise ShapeError(f"{name} cannot take a batch of shape {shape}: {error}") from error
    network.train(training)
    return output
