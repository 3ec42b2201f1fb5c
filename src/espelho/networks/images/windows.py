"""Windows: what the layers of a convolutional network see along an axis of an image."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["Reach", "Span", "Window", "hull", "reach", "receptive_field", "seen"]


class Span(NamedTuple):
    """Places that follow each other, from the first to the last one."""

    first: int
    last: int


class Window(NamedTuple):
    """What one convolution sees along an axis.

    Attributes
    ----------
    kernel, stride, padding
        As of the layer.
    transposed
        Whether it is a transposed convolution; to repeat each element k times is one with
        kernel and stride k.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    transposed: bool = False

    def seen(self, span: Span) -> Span:
        """Return the inputs that outputs depend on; outside the image they are made up."""
        if self.transposed:
            # Input i is added to the outputs from i s - p on, k of them.
            first = -((self.kernel - 1 - span.first - self.padding) // self.stride)
            return Span(first, (span.last + self.padding) // self.stride)
        first = span.first * self.stride - self.padding
        return Span(first, span.last * self.stride - self.padding + self.kernel - 1)


def seen(windows: Sequence[Window], span: Span) -> Span:
    """Return the inputs of layers, one after the other, that outputs of the last depend on."""
    for window in reversed(windows):
        span = window.seen(span)
    return span


def hull(one: Span, other: Span) -> Span:
    """Return the places from the first to the last of two spans."""
    return Span(min(one.first, other.first), max(one.last, other.last))


def receptive_field(windows: Sequence[Window]) -> int:
    """Return how many places in a row an output of convolutions depends on.

    Examples
    --------
    >>> receptive_field([Window(4, 2, 1), Window(4, 1, 1), Window(4, 1, 1)])
    16
    """
    first, last = seen(windows, Span(0, 0))
    return last - first + 1


class Reach(NamedTuple):
    """How far a network from images to images sees, for those who cut images into tiles.

    Attributes
    ----------
    multiple
        What the sides of an image are padded to a multiple of, and where tiles may begin.
    before, after
        How many places before and after its own an output depends on, along each axis.
    local
        Whether it depends on nothing else: not so where statistics of the whole image are taken
        (instance normalisation), so that tiles differ from the whole.
    """

    multiple: int
    before: int
    after: int
    local: bool

    @property
    def receptive_field(self) -> int:
        """How many places in a row an output depends on at most."""
        return self.before + 1 + self.after

    @property
    def overlap(self) -> int:
        """How many places a tile must have around what is kept of it, a multiple."""
        return -(-max(self.before, self.after) // self.multiple) * self.multiple


def reach(see: Callable[[Span], Span], multiple: int, *, local: bool) -> Reach:
    """Return how far a network sees.

    Parameters
    ----------
    see
        From outputs to the inputs that they depend on.
    multiple
        After how many outputs the network is the same again.
    local
        Whether outputs depend on nothing else.
    """
    spans = [(place, see(Span(place, place))) for place in range(multiple)]
    before = max(place - span.first for place, span in spans)
    return Reach(multiple, before, max(span.last - place for place, span in spans), local)
