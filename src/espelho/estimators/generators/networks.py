"""The networks of adversarial generators: dense, convolutional or recurrent, by settings."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from torch import nn

from espelho.errors import ShapeError
from espelho.networks.categories import DrawnCategories
from espelho.networks.condition import beside_steps
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    ProjectionDiscriminator,
)
from espelho.networks.images.channels_last import channels_last
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder
from espelho.networks.sequences.packs import SequenceFeatures
from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder
from espelho.networks.spectral_norm import normalise_spectrum

__all__ = [
    "build_discriminator",
    "build_generator",
    "build_labelled_discriminator",
    "check_image",
    "dense_generator",
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
            f"the shape {shape}. Use structure='dense', or larger images; channels come first: "
            "(channels, height, width)."
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
        return dense_generator(
            estimator, inputs, "none" if normalization == "auto" else normalization
        )
    layers = convolutional_decoder(
        shape,
        _sizes(estimator.channels),
        inputs,
        estimator.activation,
        output,
        normalization="batch" if normalization == "auto" else normalization,
    )
    return channels_last(layers)


def dense_generator(estimator: Any, inputs: int, normalization: str) -> nn.Module:
    """Return a network of full layers from inputs ``(n, inputs)`` to samples.

    Parameters
    ----------
    estimator, inputs
        As of `build_generator`.
    normalization
        What is put between each hidden layer and its activation.
    """
    sizes = _sizes((inputs, *estimator.hidden_sizes, *estimator._network_shape()))
    output, groups = estimator._output_activation(), estimator._groups
    if groups is None:
        return dense(sizes, estimator.activation, output, normalization)
    layers = dense(sizes, estimator.activation, "linear", normalization)
    return nn.Sequential(*layers, DrawnCategories(output, groups.n_numbers, groups.sizes))


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


def build_labelled_discriminator(estimator: Any, width: int) -> nn.Module:
    """Return a discriminator that is told labels, or guesses them, by the setting.

    Parameters
    ----------
    estimator
        Whose settings are read.
    width
        How many numbers are told of a sample's labels.
    """
    size, kind = int(estimator.packing), estimator.conditioning
    if kind == "auxiliary":
        return build_discriminator(estimator, partial(AuxiliaryDiscriminator, told=size * width))
    if kind == "projection":
        return build_discriminator(estimator, partial(ProjectionDiscriminator, told=size * width))
    make: Callable[..., nn.Module] = ConcatenatingDiscriminator
    if estimator._recurrent:
        make = partial(ConcatenatingDiscriminator, joined=partial(beside_steps, size=size))
    return build_discriminator(estimator, make, beside=width)


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
