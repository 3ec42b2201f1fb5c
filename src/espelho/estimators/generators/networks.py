"""The networks of adversarial generators: dense, convolutional or recurrent, by settings."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from torch import nn

from espelho.errors import ShapeError
from espelho.models.conditional_gan import AuxiliaryGANModel, ConditionalGANModel
from espelho.networks.channels_last import channels_last
from espelho.networks.condition import beside as beside_sample
from espelho.networks.condition import beside_steps, condition_width
from espelho.networks.convolutional import convolutional_decoder, convolutional_encoder
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.networks.recurrent import LSTMDecoder, LSTMEncoder
from espelho.networks.sequence_packs import SequenceFeatures
from espelho.networks.spectral_norm import normalise_spectrum

__all__ = [
    "build_conditional",
    "build_discriminator",
    "build_generator",
    "check_image",
    "is_convolutional",
]

_FEWEST_PIXELS = 4
"""Height and width from which convolutions have something to slide over."""

_IMAGE = 3
"""Axes of a sample that names its channels."""


def is_convolutional(estimator: Any) -> bool:
    """Return whether the networks slide kernels over samples: by the setting, or for images."""
    if estimator.structure != "auto" or estimator._recurrent:
        return bool(estimator.structure == "convolutional")
    return len(estimator.sample_shape_) > 1


def check_image(shape: tuple[int, ...]) -> None:
    """Raise if a sample is too small for convolutions.

    Parameters
    ----------
    shape
        ``(length,)``, ``(height, width)`` or ``(channels, height, width)``.

    Raises
    ------
    ShapeError
        If it is.
    """
    places = shape[1:] if len(shape) == _IMAGE else shape
    if min(places) < _FEWEST_PIXELS:
        raise ShapeError(
            "a convolutional structure needs images of at least 4 x 4 pixels, and a sample has "
            f"the shape {shape}. Use structure='dense', or larger images."
        )


def build_generator(estimator: Any, inputs: int) -> nn.Module:
    """Return a network from inputs ``(n, inputs)`` to samples; to sequences by their lengths.

    Parameters
    ----------
    estimator
        Whose settings are read.
    inputs
        Width of what samples are made of.
    """
    output, shape = estimator._output_activation(), estimator._network_shape()
    normalization = estimator.normalization
    if estimator._recurrent:
        n_steps, features = shape
        return LSTMDecoder(inputs, _sizes(estimator.hidden_sizes), features, n_steps, output)
    if not is_convolutional(estimator):
        sizes = (inputs, *estimator.hidden_sizes, *shape)
        if normalization == "auto":
            normalization = "none"
        return dense([int(n) for n in sizes], estimator.activation, output, normalization)
    layers = convolutional_decoder(
        shape,
        _sizes(estimator.channels),
        inputs,
        estimator.activation,
        output,
        normalization="batch" if normalization == "auto" else normalization,
    )
    return channels_last(layers)


def build_discriminator(
    estimator: Any, make: Callable[..., nn.Module], *, beside: int = 0
) -> nn.Module:
    """Return a network from samples, or packs of them, to scores.

    Parameters
    ----------
    estimator
        Whose settings are read.
    make
        The class of the network, from features and their width.
    beside
        Labels that stand beside each sample, on channels of their own for images, at every step
        for sequences.
    """
    deviation = bool(estimator.minibatch_deviation)
    if estimator._recurrent:
        return make(*_reader(estimator, beside), minibatch_deviation=deviation)
    first, *places = estimator._network_shape()
    width = int(estimator.packing) * (first + beside)
    *features, last = _layers_over(estimator, width, places)
    made = make(nn.Sequential(*features), last.in_features, minibatch_deviation=deviation)
    if estimator.spectral_norm:
        normalise_spectrum(made)
    return made


def build_conditional(estimator: Any, sizes: Sequence[int]) -> ConditionalGANModel:
    """Return the model that an estimator's settings make of labels.

    Parameters
    ----------
    estimator
        Whose settings are read.
    sizes
        The number of classes of each column of labels, 0 for a continuous one.
    """
    width, latent_dim, size = condition_width(sizes), estimator.latent_dim_, int(estimator.packing)
    ways = {"sizes": sizes, **estimator._ways()}
    generator = LabelledGenerator(build_generator(estimator, latent_dim + width))
    if estimator.conditioning == "auxiliary":
        guessing = partial(AuxiliaryDiscriminator, told=size * width)
        given = estimator.auxiliary_weight
        ways["weight"] = 1.0 if given is None else float(given)
        judge = build_discriminator(estimator, guessing)
        return AuxiliaryGANModel(generator, judge, latent_dim, **ways)
    if estimator.conditioning == "concatenation":
        joined = partial(beside_steps, size=size) if estimator._recurrent else beside_sample
        kind = partial(ConcatenatingDiscriminator, joined=joined)
        judge = build_discriminator(estimator, kind, beside=width)
    else:
        projecting = partial(ProjectionDiscriminator, told=size * width)
        judge = build_discriminator(estimator, projecting)
    return ConditionalGANModel(generator, judge, latent_dim, **ways)


def _reader(estimator: Any, beside: int) -> tuple[nn.Module, int]:
    """Return what reads sequences, or packs of them, both ways; and how many features it finds."""
    sizes, size = _sizes(estimator.discriminator_sizes), int(estimator.packing)
    inputs, activation = estimator.n_step_features_ + beside, estimator.discriminator_activation
    encoder = LSTMEncoder(size * inputs, sizes, sizes[-1], activation, bidirectional=True)
    return SequenceFeatures(encoder, size), sizes[-1]


def _sizes(setting: Iterable[Any]) -> list[int]:
    return [int(n) for n in setting]


def _layers_over(estimator: Any, width: int, places: list[int]) -> Iterable[Any]:
    """Return layers from ``(n, width, *places)`` to one number."""
    activation = estimator.discriminator_activation
    if not is_convolutional(estimator):
        sizes = (width, *estimator.discriminator_sizes, 1)
        return dense([int(n) for n in sizes], activation, "linear")
    channels = _sizes(estimator.channels)
    if len(places) > 1:
        layers = convolutional_encoder((width, *places), channels, 1, activation, "linear")
        return channels_last(layers)
    # A signal is an image of one row.
    layers = convolutional_encoder((width, 1, *places), channels, 1, activation, "linear")
    return (nn.Unflatten(1, (width, 1)), *channels_last(layers))
