"""The result of a protocol: what was published, what was measured, whether it is met."""

from dataclasses import dataclass

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """One measured figure.

    Attributes
    ----------
    what
        What was measured.
    protocol
        How.
    published
        What it has to reach, with its source.
    measured
        The figure.
    met
        Whether it reaches it.
    seed
        The seed, where something was drawn.
    """

    what: str
    protocol: str
    published: str
    measured: float
    met: bool
    seed: int | None = None
