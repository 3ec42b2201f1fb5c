"""Parts: what of a fitted model is exported, and what the library says that it must give."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn

__all__ = ["BATCH", "Axis", "Part", "Port", "Trial", "batches", "largest", "three"]

Axis = int | str
"""An axis of an array: its length, or a name where it may have any."""

BATCH = "batch"

Unit = Callable[[Sequence[NDArray[np.float64]]], Any]


@dataclass(frozen=True)
class Port:
    """An array that goes into a graph, or comes out.

    Attributes
    ----------
    name
        How it is called in the file.
    dtype
        Its type, by NumPy's name.
    axes
        Its shape: a number, or a name for what may be of any length.
    about
        What it holds.
    example
        A Python expression that makes some, of a ``rng``, for the usage example.
    """

    name: str
    dtype: str
    axes: tuple[Axis, ...]
    about: str
    example: str = ""

    @property
    def shape(self) -> str:
        """The shape in words: ``(batch, 4)``."""
        inside = ", ".join(map(str, self.axes))
        return f"({inside},)" if len(self.axes) == 1 else f"({inside})"


class Trial(NamedTuple):
    """Arrays for a graph, and what must come of them.

    Attributes
    ----------
    inputs
        One array for each of its ports.
    expected
        What the library says, in real numbers, before any rounding.
    """

    inputs: tuple[NDArray[Any], ...]
    expected: NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """One thing that a fitted model does, as a graph of its own.

    Attributes
    ----------
    name
        What its file is called: the kind that is asked for, and of a translator the way.
    method
        The method that does the same in the library.
    inputs, output
        What goes in and comes out.
    graph
        The module that is exported, in evaluation mode.
    traced
        Arrays that it is traced with; named axes have a length of 2 or more.
    trials
        Makes the arrays it is checked with.
    unit
        What differences are divided by, from all that the library gives: what 1 is.
    least
        The smallest lengths of named axes that are not 1.
    """

    name: str
    method: str
    inputs: tuple[Port, ...]
    output: Port
    graph: nn.Module
    traced: tuple[NDArray[Any], ...]
    trials: Callable[[], Iterator[Trial]]
    unit: Unit
    least: Mapping[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What is asked for: encoder, decoder, ...; a translator has one part for each way."""
        return self.name.partition("_")[0]


def largest(expected: Sequence[NDArray[np.float64]]) -> float:
    """Return the largest number of all, 1 where all are 0: a unit."""
    return max(float(np.abs(part).max()) for part in expected) or 1.0


def batches(n: int) -> Sequence[slice]:
    """Return rows in batches of different sizes, one of a single row among them.

    Examples
    --------
    >>> batches(32), batches(1)
    ([slice(0, 1, None), slice(1, 3, None), slice(3, 32, None)], [slice(0, 1, None)])
    """
    cuts = [0, *(cut for cut in (1, 3) if cut < n), n]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def three(x: NDArray[Any]) -> NDArray[Any]:
    """Return three rows, repeated where there are fewer: a batch to trace with."""
    return np.concatenate([x, x, x])[:3]
