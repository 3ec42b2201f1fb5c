"""The job of a run: what the command line was asked to train on, kept beside the run."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np
from numpy.typing import NDArray

from espelho.cli.options.source import SERIES, Source
from espelho.data.images.places import ARCHIVE, IMAGE_SUFFIXES
from espelho.data.writing import atomic_file
from espelho.errors import DataError, RunError

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset
    from espelho.data.stored.base import Stored

__all__ = ["FEWEST_MEASURED", "Job", "Split", "read_job", "set_aside", "write_job"]

Made = TypeVar("Made")

_FILE = "job.json"
FEWEST_MEASURED = 10
"""Rows below which a share of the data is too little to measure on: then all are taken."""

_MOST_LEARNED, _MOST_MEASURED = 50_000, 10_000
"""Rows of data on disk that figures take, of that learned from and that measured on."""

_SAMPLE_BYTES = 1 << 30
"""Bytes that these rows may take, where rows are long: 1 GiB."""


@dataclass(frozen=True)
class Split:
    """Data to learn from, and data that is only measured on (nothing, or other rows)."""

    train: "Dataset"
    test: "Dataset | None"

    @property
    def measured(self) -> "Dataset":
        """The data that figures are measured on."""
        return self.train if self.test is None else self.test

    def sampled(self) -> "Split":
        """Return the same data in memory: of what is on disk, rows drawn from all over it.

        What is left out is said on the standard error stream.
        """
        train = _sampled(self.train, _MOST_LEARNED, "to learn from")
        test = self.test and _sampled(self.test, _MOST_MEASURED, "to measure on")
        return Split(train, test)


@dataclass(frozen=True)
class Job:
    """A model's name and its data.

    Attributes
    ----------
    model
        The model, as the command line has it.
    source
        The data.
    test
        Other data to measure on.
    test_fraction
        Share of the rows that is set aside to measure on, where there is no other data and
        where that is at least ten rows; of data on disk at most 10,000 rows.
    split_seed
        Which rows that is.
    feature_names
        The columns that the model was trained on, if they have names.
    """

    model: str
    source: Source
    test: Source | None = None
    test_fraction: float = 0.0
    split_seed: int = 0
    feature_names: tuple[str, ...] | None = None

    def read(self) -> Split:
        """Read the data and set aside what is measured on.

        Of data on disk that is at most 10,000 rows, which are held in memory.
        """
        from espelho.data.stored.base import Stored

        data = self.source.read(categories=True)
        if self.test is not None:
            return Split(data, self.test.read(categories=True))
        if data.series is not None and self.source.window is not None:
            return _without_ends(data, self.test_fraction)
        n_test = round(len(data.X) * self.test_fraction)
        if isinstance(data.X, Stored):
            n_test = min(n_test, _most_rows(data.X, _MOST_MEASURED))
        if n_test < FEWEST_MEASURED:
            return Split(data, None)
        kept, held = set_aside(len(data.X), n_test, self.test_fraction, self.split_seed)
        test = data.take(held)
        if isinstance(test.X, Stored):
            test = replace(test, X=np.asarray(test.X))
        return Split(data.take(kept), test)

    def source_of(self, data: str | None) -> Source:
        """Return the source of other data for the same model, or its own.

        The columns that the model was trained on are taken by their names, so that a table
        may hold others besides.
        """
        if data is None:
            return self.source
        suffix = Path(data).suffix
        array = self.source.array if suffix == ".npz" else None
        columns = None if suffix in (".npz", ".npy") else self.feature_names
        images = suffix.lower() in (*IMAGE_SUFFIXES, ARCHIVE) or Path(data).is_dir()
        own = self.source if images else Source(data)
        kept = {name: getattr(self.source, name) for name in SERIES}
        return Source(data, array, columns, resize=own.resize, cut=own.cut, **kept)

    def _absolute(self) -> "Job":
        test = None if self.test is None else self.test.absolute()
        return replace(self, source=self.source.absolute(), test=test)

    def write(self, run: Path) -> None:
        """Write the job into a run folder, with paths that are found from anywhere."""
        write_job(run, asdict(self._absolute()))

    @classmethod
    def of(cls, run: Path) -> "Job":
        """Return the job of a run folder.

        Raises
        ------
        RunError
            If the run was not made by the command line.
        """
        return read_job(run, cls._made, "Name the data, or use the Python interface.")

    @classmethod
    def _made(cls, facts: dict[str, Any]) -> "Job":
        names = facts["feature_names"]
        test = facts["test"] and Source(**facts["test"])
        more = {"source": Source(**facts["source"]), "test": test}
        return cls(**{**facts, **more, "feature_names": None if names is None else tuple(names)})


def _without_ends(data: "Dataset", fraction: float) -> Split:
    """Return windows of series, and those of their ends: windows overlap, so none can be drawn."""
    parts = data.series and data.series.split(fraction)
    if not parts or len((held := data.of_series(parts[1])).X) < FEWEST_MEASURED:
        return Split(data, None)
    return Split(data.of_series(parts[0]), held)


def set_aside(
    n: int, n_held: int, fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which rows are learned from, and which are measured on; each in ascending order.

    Parameters
    ----------
    n, n_held
        How many there are, and how many are to be measured on.
    fraction
        The share that was asked for.
    seed
        Which ones.

    Raises
    ------
    DataError
        If none is left to learn from.
    """
    if n_held >= n:
        raise DataError(
            f"--test-fraction {fraction} of {n} rows leaves none to learn from. Use "
            "--test-fraction 0 to learn from all of them."
        )
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[n_held:]), np.sort(order[:n_held])


def write_job(run: Path, facts: dict[str, Any]) -> None:
    """Write what a run is about into its folder."""
    with atomic_file(run / _FILE) as file:
        file.write(json.dumps(facts, indent=2).encode())


def read_job(run: Path, make: Callable[[dict[str, Any]], Made], otherwise: str) -> Made:
    """Return what a run folder says that it is about.

    Parameters
    ----------
    run
        The folder.
    make
        Makes that of what is written there.
    otherwise
        What to do where it says nothing.

    Raises
    ------
    RunError
        If the run was not made by the command line, or its file is damaged.
    """
    try:
        return make(json.loads((run / _FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise RunError(
            f"{run} does not say what data it is about (there is no {_FILE} in it, as the "
            f"command line writes it). {otherwise}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{run / _FILE} is damaged or cannot be read: {error}.") from error


def _sampled(data: "Dataset", most: int, purpose: str) -> "Dataset":
    """Return data in memory: itself, or rows of it where it is on disk."""
    from espelho.data.stored.base import Stored

    if not isinstance(data.X, Stored):
        return data
    n = len(data.X)
    most = _most_rows(data.X, most)
    if n > most:
        click.echo(f"espelho: figures take {most} of the {n} rows {purpose}.", err=True)
        drawn = np.random.default_rng(0).choice(n, most, replace=False)
        data = data.take(np.sort(drawn))
    return replace(data, X=np.asarray(data.X))


def _most_rows(X: "Stored", most: int) -> int:
    """Return how many rows may be held, fewer where rows are long."""
    return min(most, max(FEWEST_MEASURED, _SAMPLE_BYTES * len(X) // X.nbytes))
