"""The job of a run: what the command line was asked to train on, kept beside the run."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from espelho.cli.source import Source
from espelho.data.images.places import ARCHIVE, IMAGE_SUFFIXES
from espelho.data.writing import atomic_file
from espelho.errors import DataError, RunError

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = ["Job", "Split"]

_FILE = "job.json"
_FEWEST = 10
"""Rows below which a share of the data is too little to measure on: then all are taken."""


@dataclass(frozen=True)
class Split:
    """Data to learn from, and data that is only measured on (nothing, or other rows)."""

    train: "Dataset"
    test: "Dataset | None"

    @property
    def measured(self) -> "Dataset":
        """The data that figures are measured on."""
        return self.train if self.test is None else self.test


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
        where that is at least ten rows.
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
        """Read the data and set aside what is measured on."""
        data = self.source.read()
        if self.test is not None:
            return Split(data, self.test.read())
        n_test = round(len(data.X) * self.test_fraction)
        if n_test < _FEWEST:
            return Split(data, None)
        if n_test >= len(data.X):
            raise DataError(
                f"--test-fraction {self.test_fraction} of {len(data.X)} rows leaves none to learn "
                "from. Use --test-fraction 0 to learn from all of them."
            )
        order = np.random.default_rng(self.split_seed).permutation(len(data.X))
        return Split(data.take(np.sort(order[n_test:])), data.take(np.sort(order[:n_test])))

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
        return Source(data, array, columns, resize=self.source.resize if images else None)

    def _absolute(self) -> "Job":
        test = None if self.test is None else self.test.absolute()
        return replace(self, source=self.source.absolute(), test=test)

    def write(self, run: Path) -> None:
        """Write the job into a run folder, with paths that are found from anywhere."""
        with atomic_file(run / _FILE) as file:
            file.write(json.dumps(asdict(self._absolute()), indent=2).encode())

    @classmethod
    def of(cls, run: Path) -> "Job":
        """Return the job of a run folder.

        Raises
        ------
        RunError
            If the run was not made by the command line.
        """
        try:
            facts: dict[str, Any] = json.loads((run / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(
                f"{run} does not say what data it is about (there is no {_FILE} in it, as the "
                "command line writes it). Name the data, or use the Python interface."
            ) from None
        except (OSError, ValueError) as error:
            raise RunError(f"{run / _FILE} is damaged or cannot be read: {error}.") from error
        try:
            facts["source"] = Source(**facts["source"])
            facts["test"] = facts["test"] and Source(**facts["test"])
            names = facts["feature_names"]
            return cls(**{**facts, "feature_names": None if names is None else tuple(names)})
        except (KeyError, TypeError) as error:
            raise RunError(f"{run / _FILE} is damaged: {error}.") from error
