"""Graphs of generators: from noise, and labels or lengths beside it, to samples."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from torch import Tensor, nn

from espelho.errors import SettingError
from espelho.estimators.generators.growing.levels import find_size
from espelho.estimators.runs.settings import unfrozen
from espelho.exporting.graphs.autoencoders import Decode, data_unit, real, unrounded
from espelho.exporting.graphs.labels import ToldLabels, label_arrays, label_ports
from espelho.exporting.graphs.ports import lengths_port, noise_port
from espelho.exporting.graphs.sequences import TIME, DecodeSequences, ended, lengths_of
from espelho.exporting.graphs.units import Unscale, data_type, detached
from espelho.exporting.parts import BATCH, Part, Port, Trial, three
from espelho.networks.growing.resolutions import averaged_to, enlarged_to

__all__ = ["generator_parts"]

Size = tuple[int, int]

_DRAWN = (29, 1, 2)
"""Samples in the batches that are compared."""


class Told(nn.Module):
    """A generator that is told labels as they are, and whose images are as large as the data.

    Parameters
    ----------
    estimator
        The fitted estimator.
    precision
        Type of the network.
    """

    def __init__(self, estimator: Any, precision: str) -> None:
        super().__init__()
        self.generator = estimator.model_.generator
        condition = getattr(estimator, "condition_", None)
        self.labels = None if condition is None else ToldLabels(condition, precision)
        self.n_labels = 0 if condition is None else len(condition.columns)
        # Of networks that were stopped before they had grown in full.
        level = getattr(estimator.model_, "level", None)
        self.larger = () if level is None else estimator.model_._sizes[level + 1 :]

    def forward(self, z: Tensor, *told: Tensor, **size: int) -> Tensor:
        """Return the samples that noise stands for, in the network's units."""
        labels, rest = told[: self.n_labels], told[self.n_labels :]
        rows = () if self.labels is None else (self.labels(*labels),)
        return enlarged_to(self.generator(z, *rows, *rest, **size), self.larger)


class Averaged(Decode):
    """From noise to images averaged down to a resolution.

    Parameters
    ----------
    estimator, network, precision
        As of `Decode`.
    size
        Their height and width.
    """

    def __init__(self, estimator: Any, network: nn.Module, precision: str, size: Size) -> None:
        super().__init__(estimator, network, precision)
        self.size, self.full = size, estimator._network_shape()
        self.smaller = (-1,) if len(self.row) == 1 else (*self.row[:-2], *size)

    def forward(self, *told: Tensor) -> Tensor:
        """Return an image for each row of noise."""
        images = self.unscale(self.network(*told).reshape(-1, *self.row)).reshape(-1, *self.full)
        small = averaged_to(images, self.size).flatten(1)
        found: Tensor = self.as_type(small.reshape(small.shape[0], *self.smaller))
        return found


class InCodes(nn.Module):
    """From noise to codes, and from these to data, by the decoder of an autoencoder.

    Parameters
    ----------
    estimator
        The fitted generator of codes.
    precision
        Type of the networks.
    """

    def __init__(self, estimator: Any, precision: str) -> None:
        super().__init__()
        scaling, inner = estimator.scaling_, unfrozen(estimator.autoencoder)
        self.network = detached(estimator.model_.generator, precision)
        self.unscale = Unscale((scaling.shift, scaling.scale), precision)
        model = inner.model_
        self.decode: nn.Module
        if hasattr(inner, "n_step_features_"):
            fixed = int(inner.sample_shape_[0]) if inner.feedback else None
            self.decode = DecodeSequences(inner, model.decoder, precision, fixed)
        else:
            output = model.objective.reconstruction.output
            self.decode = Decode(inner, model.decoder, precision, output)

    def forward(self, z: Tensor, *lengths: Tensor) -> Tensor:
        """Return a sample for each row of noise."""
        found: Tensor = self.decode(self.unscale(self.network(z)), *lengths)
        return found


def generator_parts(
    estimator: Any, precision: str, resolution: Any = None
) -> dict[str, Part | str]:
    """Return the one part of a generator.

    Parameters
    ----------
    estimator
        The fitted generator.
    precision
        Type of the networks.
    resolution
        Height, or height and width, of the images of a network that grew.

    Raises
    ------
    SettingError
        If no resolution can be chosen, or it was never trained.
    """
    size = _size(estimator, resolution)
    graph, inner = _graph(estimator, precision, size)
    sequences = isinstance(graph, DecodeSequences) or hasattr(inner, "n_step_features_")
    features = inner.n_step_features_ if sequences else 0
    condition = getattr(estimator, "condition_", None)
    labels = () if condition is None else label_ports(condition, precision)
    lengths = (lengths_port(int(inner.sample_shape_[0])),) if sequences else ()
    trials = partial(_trials, estimator, precision, size=resolution, features=features)
    steps = getattr(getattr(graph, "decode", graph), "n_steps", None) or TIME
    row = (steps, features) if sequences else _row(inner, size)
    return {
        "generator": Part(
            name="generator",
            method="sample",
            inputs=(noise_port(estimator, precision), *labels, *lengths),
            output=Port("samples", data_type(inner.dtype_, precision), (BATCH, *row), "samples"),
            graph=graph,
            traced=tuple(three(part) for part in next(trials()).inputs),
            trials=trials,
            unit=data_unit(inner.scaling_, (features,) if sequences else inner.row_shape_)
            if size is None
            else lambda _: inner.scaling_.scale.max(),
        )
    }


def _graph(estimator: Any, precision: str, size: Size | None) -> tuple[nn.Module, Any]:
    """Return the graph, and the estimator whose data it makes."""
    if getattr(estimator, "autoencoder", None) is not None:
        return InCodes(estimator, precision), unfrozen(estimator.autoencoder)
    network = Told(estimator, precision)
    if hasattr(estimator, "n_step_features_"):
        return DecodeSequences(estimator, network, precision), estimator
    if size is not None:
        return Averaged(estimator, network, precision, size), estimator
    return Decode(estimator, network, precision), estimator


def _size(estimator: Any, resolution: Any) -> Size | None:
    if resolution is None:
        return None
    if not hasattr(estimator, "resolutions_"):
        raise SettingError(
            f"resolution={resolution!r} is for a ProgressiveGAN; {type(estimator).__name__} makes "
            "samples of one size. Leave it out."
        )
    return find_size(resolution, estimator.resolutions_)


def _row(estimator: Any, size: Size | None) -> tuple[int, ...]:
    row = tuple(estimator.row_shape_)
    if size is None:
        return row
    channels = estimator._network_shape()[0]
    return (channels * size[0] * size[1],) if len(row) == 1 else (*row[:-2], *size)


def _trials(estimator: Any, precision: str, *, size: Any, features: int) -> Iterator[Trial]:
    plain, told = _unrounded(estimator), {} if size is None else {"resolution": size}
    condition = getattr(estimator, "condition_", None)
    for seed, n in enumerate(_DRAWN):
        z = estimator.sample_codes(n, random_state=seed).astype(precision)
        labels: tuple[Any, ...] = ()
        if condition is not None:
            told["y"] = estimator.sample_labels(n, random_state=seed)
            labels = label_arrays(condition, told["y"], precision)
        found = plain.sample(n, random_state=seed, **told)
        if not features:
            yield Trial((z, *labels), real(found))
            continue
        parts = [np.reshape(part, (-1, features)) for part in found]
        yield Trial((z, *labels, lengths_of(parts)), ended(parts, features))


def _unrounded(estimator: Any) -> Any:
    found = unrounded(estimator)
    if getattr(found, "autoencoder", None) is not None:
        found.autoencoder = FrozenEstimator(unrounded(unfrozen(found.autoencoder)))
    return found
