"""Graphs of autoencoders of sequences, which may differ in length."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from espelho.exporting.graphs.autoencoders import data_unit, real, unrounded, with_generator
from espelho.exporting.graphs.ports import codes_port, data_example, lengths_port
from espelho.exporting.graphs.units import AsType, Scale, Unscale, data_type, detached
from espelho.exporting.parts import BATCH, Part, Port, Trial, batches, largest, three
from espelho.exporting.rows import Rows, as_list
from espelho.networks.sequences.steps import valid_steps

__all__ = ["DecodeSequences", "longest", "padded", "sequence_parts"]

TIME = "time"


class EncodeSequences(nn.Module):
    """From padded sequences in the data's units, and their lengths, to codes."""

    def __init__(self, estimator: Any, precision: str) -> None:
        super().__init__()
        scaling = estimator.scaling_
        self.scale = Scale((scaling.shift, scaling.scale), precision)
        self.network = detached(estimator.model_.encoder, precision)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the code of each sequence."""
        found: Tensor = self.network(self.scale(x), lengths)
        return found


class DecodeSequences(nn.Module):
    """From codes, and what else the network is told, to padded sequences in the data's units.

    Parameters
    ----------
    estimator
        The fitted estimator.
    network
        From codes and lengths to sequences.
    precision
        Type of the network.
    n_steps
        Steps of what comes out; without it as many as the longest has.
    """

    def __init__(
        self, estimator: Any, network: nn.Module, precision: str, n_steps: int | None = None
    ) -> None:
        super().__init__()
        scaling = estimator.scaling_
        self.network, self.n_steps = detached(network, precision), n_steps
        self.unscale = Unscale((scaling.shift, scaling.scale), precision)
        self.as_type = AsType(data_type(estimator.dtype_, precision), precision)
        objective = getattr(estimator.model_, "objective", None)
        self.output = None if objective is None else objective.reconstruction.output

    def forward(self, *told: Tensor) -> Tensor:
        """Return a sequence for each code; the last thing told is how long each is."""
        lengths = told[-1]
        n_steps = longest(lengths) if self.n_steps is None else self.n_steps
        x = self.network(*told, n_steps=n_steps)
        x = self.unscale(x if self.output is None else self.output(x))
        found: Tensor = self.as_type(x.masked_fill(~valid_steps(lengths, n_steps)[..., None], 0))
        return found


class RebuildSequences(nn.Module):
    """From padded sequences to what an autoencoder gives back."""

    def __init__(self, encode: EncodeSequences, decode: DecodeSequences) -> None:
        super().__init__()
        self.encode, self.decode = encode, decode

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return each sequence as it is given back, with as many steps as the longest has."""
        found: Tensor = self.decode(self.encode(x, lengths), lengths)
        return found


def longest(lengths: Tensor) -> int:
    """Return the number of steps of the longest sequence, as a traced graph can use it."""
    n_steps: int = lengths.max().item()  # type: ignore[assignment]  # a symbol where it is traced
    torch._check(n_steps >= 1)
    return n_steps


def sequence_parts(estimator: Any, rows: Rows, precision: str) -> dict[str, Part | str]:
    """Return the parts of an autoencoder of sequences, or why it lacks one.

    Parameters
    ----------
    estimator, rows, precision
        As of `autoencoder_parts`.
    """
    features, most = estimator.n_step_features_, int(estimator.sample_shape_[0])
    dtype = data_type(estimator.dtype_, precision)
    # Steps that are fed back are unrolled one by one, so many as the trace has.
    fixed = most if estimator.feedback else None
    encode = EncodeSequences(estimator, precision)
    decode = DecodeSequences(estimator, estimator.model_.decoder, precision, fixed)
    x = [part.astype(dtype) for part in as_list(rows.values, features)]
    plain, sets = unrounded(estimator), list(_sets(x, most if fixed else None))

    def encoded() -> Iterator[Trial]:
        for part in sets:
            yield Trial(padded(part), real(estimator.transform(part)))

    def decoded() -> Iterator[Trial]:
        for part in sets:
            z, lengths = np.asarray(estimator.transform(part), precision), lengths_of(part)
            yield Trial((z, lengths), ended(plain.inverse_transform(z, lengths), features, fixed))

    def rebuilt() -> Iterator[Trial]:
        for part in sets:
            found = plain.reconstruct([steps.astype(np.float64) for steps in part])
            yield Trial(padded(part), ended(found, features, fixed))

    z = np.asarray(estimator.transform(x), dtype=precision)
    example = data_example(estimator.scaling_, (most, features), dtype)
    data = Port("x", dtype, (BATCH, TIME, features), "sequences, padded at their ends", example)
    told, some = lengths_port(most), padded(list(three_of(x)), most)
    made = Port("samples", dtype, (BATCH, fixed or TIME, features), "sequences, 0 at padding")
    encoder = Part(
        name="encoder",
        method="transform",
        inputs=(data, told),
        output=Port("codes", precision, (BATCH, z.shape[1]), "codes"),
        graph=encode,
        traced=some,
        trials=encoded,
        unit=largest,
    )
    decoder = Part(
        name="decoder",
        method="inverse_transform",
        inputs=(codes_port(z), told),
        output=made,
        graph=decode,
        traced=(three(z), some[1]),
        trials=decoded,
        unit=data_unit(estimator.scaling_, (features,)),
    )
    both = replace(
        decoder,
        name="reconstruction",
        method="reconstruct",
        inputs=(data, told),
        output=replace(made, name="reconstruction"),
        graph=RebuildSequences(encode, decode),
        traced=some,
        trials=rebuilt,
    )
    return with_generator(estimator, encoder, decoder, both)


def padded(
    x: Sequence[NDArray[Any]], n_steps: int | None = None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return sequences as one array, their last steps repeated at the end, and their lengths."""
    most = max(len(part) for part in x) if n_steps is None else max(2, n_steps)
    wide = [np.pad(part[:most], ((0, most - len(part[:most])), (0, 0)), mode="edge") for part in x]
    return np.stack(wide), lengths_of([part[:most] for part in x])


def ended(found: Sequence[Any], features: int, n_steps: int | None = None) -> NDArray[np.float64]:
    """Return sequences from the library as one array, 0 after their last steps."""
    parts = [real(part).reshape(-1, features) for part in found]
    most = max(map(len, parts)) if n_steps is None else n_steps
    return np.stack([np.pad(part, ((0, most - len(part)), (0, 0))) for part in parts])


def lengths_of(x: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Return the numbers of steps of sequences."""
    return np.array([len(part) for part in x], dtype=np.int64)


def three_of(x: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
    """Return three sequences."""
    return [x[i % len(x)] for i in range(3)]


def _sets(x: Sequence[NDArray[Any]], most: int | None) -> Iterator[Sequence[NDArray[Any]]]:
    """Yield sequences in batches: as they are, shorter, and longer where they may be."""
    yield from (x[part] for part in batches(len(x)))
    yield [part[: max(1, len(part) // (2 + i % 2))] for i, part in enumerate(x)]
    if most is None:
        yield [np.concatenate([part, part[: 1 + i]]) for i, part in enumerate(x)]
