"""Graphs of autoencoders: encoder, decoder, and both one after the other."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor, nn

from espelho.exporting.graphs.ports import codes_port, noise_port, rows_port
from espelho.exporting.graphs.units import (
    AsType,
    Scale,
    Unscale,
    data_type,
    detached,
    gaps_of,
    per_row,
    row_numbers,
)
from espelho.exporting.parts import BATCH, Part, Port, Trial, Unit, batches, largest, three
from espelho.exporting.rows import Rows

__all__ = ["Decode", "Encode", "autoencoder_parts", "data_unit", "unrounded", "with_generator"]


class Encode(nn.Module):
    """From rows in the data's units to codes, or to what another network makes of them.

    Parameters
    ----------
    estimator
        The fitted estimator.
    network
        Its network.
    precision
        Type of the network.
    """

    def __init__(self, estimator: Any, network: nn.Module, precision: str) -> None:
        super().__init__()
        self.scale = Scale(row_numbers(estimator), precision, gaps_of(estimator))
        self.network = detached(network, precision)
        self.shape = estimator._network_shape()

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network makes of each row."""
        found: Tensor = self.network(self.scale(x).reshape(-1, *self.shape))
        return found


class Decode(nn.Module):
    """From codes or noise to rows in the data's units.

    Parameters
    ----------
    estimator
        The fitted estimator.
    network
        Its network.
    precision
        Type of the network.
    output
        From the network's output to what it stands for.
    """

    def __init__(
        self,
        estimator: Any,
        network: nn.Module,
        precision: str,
        output: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.row = estimator.row_shape_
        self.network, self.output = detached(network, precision), output
        self.unscale = Unscale(row_numbers(estimator), precision)
        self.as_type = AsType(data_type(estimator.dtype_, precision), precision)

    def forward(self, *codes: Tensor) -> Tensor:
        """Return a row for each code."""
        rows = self.network(*codes)
        rows = rows if self.output is None else self.output(rows)
        found: Tensor = self.as_type(self.unscale(rows.reshape(-1, *self.row)))
        return found


def autoencoder_parts(estimator: Any, rows: Rows, precision: str) -> dict[str, Part | str]:
    """Return the parts of an autoencoder of rows, or why it lacks one.

    Parameters
    ----------
    estimator
        The fitted autoencoder.
    rows
        What they are checked with.
    precision
        Type of the networks.
    """
    model, data = estimator.model_, rows_port(estimator, precision)
    encode = Encode(estimator, model.encoder, precision)
    decode = Decode(estimator, model.decoder, precision, model.objective.reconstruction.output)
    x = rows.values.reshape(len(rows.values), *estimator.row_shape_).astype(data.dtype)
    z = np.asarray(estimator.transform(x), dtype=precision)
    plain, parts = unrounded(estimator), batches(len(x))

    def encoded() -> Iterator[Trial]:
        yield from (Trial((x[part],), real(estimator.transform(x[part]))) for part in parts)

    def decoded() -> Iterator[Trial]:
        yield from (Trial((z[part],), plain.inverse_transform(z[part])) for part in parts)

    def rebuilt() -> Iterator[Trial]:
        for part in parts:
            yield Trial((x[part],), plain.reconstruct(x[part].astype(np.float64)))

    codes = Port("codes", precision, (BATCH, z.shape[1]), "codes")
    samples = Port("samples", data.dtype, data.axes, data.about)
    encoder = Part(
        name="encoder",
        method="transform",
        inputs=(data,),
        output=codes,
        graph=encode,
        traced=(three(x),),
        trials=encoded,
        unit=largest,
    )
    decoder = Part(
        name="decoder",
        method="inverse_transform",
        inputs=(codes_port(z),),
        output=samples,
        graph=decode,
        traced=(three(z),),
        trials=decoded,
        unit=data_unit(estimator.scaling_, estimator.row_shape_),
    )
    both = replace(
        decoder,
        name="reconstruction",
        method="reconstruct",
        inputs=(data,),
        output=replace(samples, name="reconstruction"),
        graph=nn.Sequential(encode, decode),
        traced=(three(x),),
        trials=rebuilt,
    )
    return with_generator(estimator, encoder, decoder, both)


def with_generator(
    estimator: Any, encoder: Part, decoder: Part, both: Part
) -> dict[str, Part | str]:
    """Return the parts of an autoencoder by name, and its decoder fed with draws if it has any."""
    found: dict[str, Part | str] = {part.name: part for part in (encoder, decoder, both)}
    if reason := estimator._no_latent_sampler():
        return {**found, "generator": str(reason)}
    plain, (codes, *told) = unrounded(estimator), decoder.inputs
    port = noise_port(estimator, codes.dtype, codes.name)

    def drawn() -> Iterator[Trial]:
        for seed, n in enumerate((1, 2, 29)):
            z = estimator.sample_codes(n, random_state=seed).astype(codes.dtype)
            expected = real(plain.sample(n, random_state=seed))
            lengths = tuple(np.full(n, estimator.sample_shape_[0]) for _ in told)
            shape = (n, estimator.sample_shape_[0], -1) if told else expected.shape
            yield Trial((z, *lengths), expected.reshape(shape))

    generator = replace(
        decoder, name="generator", method="sample", inputs=(port, *told), trials=drawn
    )
    return {**found, "generator": generator}


def unrounded(estimator: Any) -> Any:
    """Return the same fitted estimator, whose samples are real numbers in the data's units."""
    found = copy.copy(estimator)
    found.dtype_ = np.dtype(np.float64)
    return found


def data_unit(scaling: Any, row: tuple[int, ...]) -> Unit:
    """Return what differences of data are divided by: the scale of each element.

    Where nothing was scaled, the largest number that the library gives.
    """
    if scaling.kind == "none":
        return largest
    scale = per_row(scaling.scale, row)
    return lambda _: scale


def real(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return numbers as the widest type of real ones."""
    return np.asarray(values, dtype=np.float64)
