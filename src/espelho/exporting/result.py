"""What an export made: its files, and how far they are from the library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from espelho.exporting.parts import Port

__all__ = ["Export", "ExportedPart"]


@dataclass(frozen=True)
class ExportedPart:
    """One exported file.

    Attributes
    ----------
    name
        What it is: encoder, decoder, ...
    method
        The method of the library that does the same.
    path, example
        The file, and the program beside it that shows how it is used.
    inputs, output
        What goes in and comes out: name, type, shape, meaning.
    difference
        The largest difference from the library, as a share of the data's scale.
    rows
        How many rows it was compared on.
    seconds
        How long it took.
    """

    name: str
    method: str
    path: Path
    example: Path
    inputs: tuple[Port, ...]
    output: Port
    difference: float
    rows: int
    seconds: float

    def __str__(self) -> str:
        told = ", ".join(f"{port.name} {port.dtype} {port.shape}" for port in self.inputs)
        made = f"{self.output.name} {self.output.dtype} {self.output.shape}"
        return f"{self.path.name}: {told} -> {made}; largest difference {self.difference:.1e}"


@dataclass(frozen=True)
class Export:
    """The files of an export.

    Attributes
    ----------
    path
        The folder.
    parts
        What is in it.
    given
        Whether files were compared with the library on rows of data, and not on drawn ones.
    skipped
        Why parts of the model are not there, by their names.
    """

    path: Path
    parts: tuple[ExportedPart, ...]
    given: bool
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def difference(self) -> float:
        """The largest difference of all parts."""
        return max(part.difference for part in self.parts)

    def __getitem__(self, name: str) -> ExportedPart:
        """Return a part by its name."""
        return {part.name: part for part in self.parts}[name]

    def __str__(self) -> str:
        skipped = [f"no {name}: {reason}" for name, reason in self.skipped.items()]
        return "\n".join([*map(str, self.parts), *skipped])
