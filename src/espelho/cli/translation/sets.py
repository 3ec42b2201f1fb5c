"""Two sets: the options that say where they are, and reading them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from espelho.cli.options.source import image_options, memory_limit_option

if TYPE_CHECKING:
    from espelho.data.pairing.pairs import Pairs, Unpaired

__all__ = ["TwoSets", "make_sets", "sets_options", "test_sets"]

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class TwoSets:
    """Where two sets of samples come from.

    Attributes
    ----------
    paired
        Whether they belong together row by row.
    a, b, pairs, left, resize, cut, skip_damaged, skip_unmatched, memory_limit
        As `espelho.data.pairing.reading.read_pairs` takes them.
    """

    paired: bool
    a: str | None = None
    b: str | None = None
    pairs: str | None = None
    left: str = "A"
    resize: Sequence[int] | None = None
    cut: Sequence[int] | None = None
    skip_damaged: bool = False
    skip_unmatched: bool = False
    memory_limit: str | int = "1GB"

    def read(self) -> "Pairs | Unpaired":
        """Read both sets."""
        from espelho.data.pairing.reading import read_pairs, read_unpaired

        settings = asdict(self)
        if settings.pop("paired"):
            return read_pairs(**settings)
        settings.pop("skip_unmatched")
        return read_unpaired(**settings)

    @property
    def name(self) -> str:
        """A short name for both."""
        if self.pairs is not None:
            return Path(self.pairs).resolve().stem
        a, b = (Path(source or "").resolve().stem for source in (self.a, self.b))
        return f"{a}-{b}"

    @property
    def told(self) -> str:
        """Where they are, in words."""
        return self.pairs if self.pairs is not None else f"{self.a} and {self.b}"

    def absolute(self) -> "TwoSets":
        """Return the same sets, found from any folder."""
        from espelho.data.pairing.examples import PAIRED_EXAMPLES

        if self.pairs in PAIRED_EXAMPLES:
            return self
        a, b, pairs = (
            None if source is None else str(Path(source).absolute())
            for source in (self.a, self.b, self.pairs)
        )
        return replace(self, a=a, b=b, pairs=pairs)

    def words(self) -> list[str]:
        """Return the options that say this again."""
        words = []
        for name in ("a", "b", "pairs", "left", "memory_limit"):
            value = getattr(self, name)
            if value != getattr(type(self), name):
                words += [f"--{name.replace('_', '-')}", str(value)]
        for name in ("resize", "cut"):
            if values := getattr(self, name):
                words += [f"--{name}", ",".join(map(str, values))]
        words += ["--skip-damaged"] * self.skip_damaged
        return words + ["--skip-unmatched"] * self.skip_unmatched


_PLACE = "a folder of images, a .zip of them, a folder inside a .zip (set.zip/train), or an array"
_OPTIONS = (
    click.option("--a", metavar="DIR", help=f"Where the samples of A are: {_PLACE}."),
    click.option("--b", metavar="DIR", help="Where those of B are."),
    click.option(
        "--pairs",
        metavar="DIR",
        help="Instead of both: images that hold a sample of A and one of B side by side.",
    ),
    click.option(
        "--left",
        type=click.Choice(["A", "B"]),
        default="A",
        help="Which of them is on the left.  [default: A]",
    ),
    *image_options,
    click.option(
        "--skip-unmatched",
        is_flag=True,
        help="Leave images out that have no partner of the same name, with a warning.",
    ),
    memory_limit_option,
    click.option("--test-a", metavar="DIR", help="Other samples of A to measure on."),
    click.option("--test-b", metavar="DIR", help="Other samples of B to measure on."),
    click.option("--test-pairs", metavar="DIR", help="Other pairs, side by side, to measure on."),
)


def sets_options(command: Command) -> Command:
    """Give a command the options that say where two sets are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_sets(data: str | None, options: dict[str, Any], *, paired: bool) -> TwoSets:
    """Return the sets of options that `sets_options` made, removing them from the rest.

    Parameters
    ----------
    data
        What was named without an option: pairs, or a bundled set.
    options
        What the command was told.
    paired
        Whether they belong together row by row.

    Raises
    ------
    SettingError
        If it is not said where both are, or in two ways.
    """
    from espelho.data.pairing.reading import check_sources
    from espelho.errors import SettingError

    names = ("a", "b", "pairs", "left", "resize", "cut", "skip_damaged", "skip_unmatched")
    told = {name: options.pop(name) for name in names}
    if (limit := options.pop("memory_limit")) is not None:
        told["memory_limit"] = limit
    if data is not None and told["pairs"] is not None:
        raise SettingError(f"{data} and --pairs both name pairs; give one of them.")
    told["pairs"] = told["pairs"] if data is None else data
    check_sources(told["a"], told["b"], told["pairs"])
    return TwoSets(paired, **told)


def test_sets(sets: TwoSets, options: dict[str, Any]) -> TwoSets | None:
    """Return other sets to measure on, of which the same is asked; nothing where none are named.

    Parameters
    ----------
    sets
        Those to learn from.
    options
        What the command was told; what is about other sets is removed.
    """
    from espelho.data.pairing.reading import check_sources

    a, b, pairs = (options.pop(f"test_{name}") for name in ("a", "b", "pairs"))
    if a is None and b is None and pairs is None:
        return None
    check_sources(a, b, pairs)
    return replace(sets, a=a, b=b, pairs=pairs)
