"""Graphs of translators: from samples of one set to samples of the other."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from espelho.estimators.translators.domain import Domain
from espelho.estimators.translators.networks import is_convolutional
from espelho.exporting.graphs.autoencoders import real
from espelho.exporting.graphs.ports import data_example
from espelho.exporting.graphs.units import AsType, Scale, Unscale, data_type, detached, per_row
from espelho.exporting.parts import BATCH, Part, Port, Trial, Unit, batches, largest, three
from espelho.exporting.rows import Rows

__all__ = ["translator_parts"]

_IMAGE = 3
"""Axes of an image that names its channels."""

_FEW = 4
"""Images that are translated at other sizes."""


class Inside(nn.Module):
    """From rows of a domain to what its networks see: images with their channels first.

    Parameters
    ----------
    domain
        The domain.
    kernels
        Whether the networks slide kernels over images; others see vectors.
    """

    def __init__(self, domain: Domain, *, kernels: bool) -> None:
        super().__init__()
        self.axes, self.shape = len(domain.row_shape_), domain.sample_shape_
        self.last, self.kernels = domain.channels_last_, kernels

    def forward(self, x: Tensor) -> Tensor:
        """Return the images, or vectors."""
        if self.axes == 1:
            shape = (*self.shape[1:], self.shape[0]) if self.last else self.shape
            x = x.reshape(-1, *shape)
        x = x.permute(0, 3, 1, 2) if self.last else x
        if not self.kernels:
            return x.flatten(1)
        return x.unsqueeze(1) if x.ndim == _IMAGE else x


class Outside(Inside):
    """The way back of `Inside`."""

    def forward(self, x: Tensor) -> Tensor:
        """Return rows."""
        x = x if self.kernels else x.reshape(-1, *self.shape)
        x = x.permute(0, 2, 3, 1) if self.last else x
        if self.axes == 1:
            return x.flatten(1)
        return x.squeeze(1) if x.ndim > self.axes + 1 else x


class Translate(nn.Sequential):
    """From samples of one domain, in its units and layout, to samples of another.

    Parameters
    ----------
    network
        The network between them.
    source, target
        The domains.
    precision
        Type of the network.
    kernels
        Whether the network slides kernels over images of any size.
    """

    def __init__(
        self, network: nn.Module, source: Domain, target: Domain, precision: str, *, kernels: bool
    ) -> None:
        super().__init__(
            Inside(source, kernels=kernels),
            Scale(_numbers(source, kernels=kernels), precision),
            detached(network, precision),
            Unscale(_numbers(target, kernels=kernels), precision),
            Outside(target, kernels=kernels),
            AsType(data_type(target.dtype_, precision), precision),
        )


def translator_parts(
    estimator: Any, rows: Mapping[str, Rows], precision: str
) -> dict[str, Part | str]:
    """Return the translator, or that of each way.

    Parameters
    ----------
    estimator
        The fitted translator.
    rows
        What they are checked with, by the set that they are of.
    precision
        Type of the networks.
    """
    ways = zip(estimator.goes_to, estimator._generators(), strict=True)
    several = len(estimator.goes_to) > 1
    return {
        name: replace(_part(estimator, to, network, rows, precision), name=name)
        for to, network in ways
        for name in [f"translator_to_{to}" if several else "translator"]
    }


def _part(estimator: Any, to: str, network: Any, rows: Mapping[str, Rows], precision: str) -> Part:
    source, target = estimator._way(to)
    kernels = is_convolutional(estimator)
    free = kernels and min(len(source.row_shape_), len(target.row_shape_)) > 1
    least = int(network.reach.multiple) + 1 if free else 0
    x = rows[source.name].values
    x = x.reshape(len(x), *source.row_shape_).astype(data_type(source.dtype_, precision))
    return Part(
        name="translator",
        method=f"translate(to={to!r})",
        inputs=(_port(source, precision, free=free),),
        output=_port(target, precision, free=free),
        graph=Translate(network, source, target, precision, kernels=kernels),
        traced=(three(_resized(x, source, 2 * least + 1, 3 * least + 2) if free else x),),
        trials=partial(_trials, estimator, x, source, to, free=free),
        unit=_unit(target, free=free),
        least={"height": least, "width": least} if free else {},
    )


def _trials(
    estimator: Any, x: NDArray[Any], source: Domain, to: str, *, free: bool
) -> Iterator[Trial]:
    """Yield images as they are, and smaller and larger ones where the size is free."""
    sets = [x[part] for part in batches(len(x))]
    if free:
        height, width = source.places
        sets.append(_resized(x[:_FEW], source, height + 3, width + 2))
        sets.append(_resized(x[:_FEW], source, max(2, height - 1), width + height // 2))
        sets.append(_resized(x[:1], source, max(2, height // 2), max(2, width - 3)))
    for part in sets:
        yield Trial((part,), real(estimator.translate(part, to, rounded=False)))


def _resized(x: NDArray[Any], domain: Domain, height: int, width: int) -> NDArray[Any]:
    """Return images cut to a size, or repeated up to it."""
    axis = -3 if domain.channels_last_ else -2
    for place, size in ((axis, height), (axis + 1, width)):
        x = np.take(x, np.arange(size) % x.shape[place], axis=place)
    return x


def _port(domain: Domain, precision: str, *, free: bool) -> Port:
    dtype, name = data_type(domain.dtype_, precision), domain.name.lower()
    row = domain.row_shape_
    example = data_example(domain.scaling_, row, dtype)
    names = getattr(domain, "feature_names_in_", None)
    about = f"samples of {domain.name}"
    about += "" if names is None else f", the columns {', '.join(map(str, names))}"
    if not free:
        return Port(name, dtype, (BATCH, *row), about, example)
    sides = ("height", "width")
    if len(row) < _IMAGE:
        return Port(name, dtype, (BATCH, *sides), f"images of {domain.name}", example)
    axes = (*sides, row[-1]) if domain.channels_last_ else (row[0], *sides)
    return Port(name, dtype, (BATCH, *axes), f"images of {domain.name}", example)


def _unit(target: Domain, *, free: bool) -> Unit:
    """Return what differences are divided by: the scale of each element, or channel."""
    if target.scaling_.kind == "none":
        return largest
    scale = target._outside(target.scaling_.scale[np.newaxis])[0]
    if free:
        scale = scale[:1, :1] if scale.ndim < _IMAGE or target.channels_last_ else scale[:, :1, :1]
    return lambda _: scale


def _numbers(domain: Domain, *, kernels: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return shift and scale: of each channel for kernels, else of each element."""
    shift, scale = domain.scaling_.shift, domain.scaling_.scale
    if not kernels:
        return per_row(shift, shift.shape), per_row(scale, scale.shape)
    places = (domain.channels, 1, 1)
    first = (part.reshape(domain.channels, -1)[:, 0] for part in (shift, scale))
    return per_row(next(first), places), per_row(next(first), places)
