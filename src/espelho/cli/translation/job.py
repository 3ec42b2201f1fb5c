"""The job of a translator's run: what two sets it was trained on, kept beside the run."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.cli.job import FEWEST_MEASURED, read_job, set_aside, write_job
from espelho.cli.translation.sets import TwoSets

if TYPE_CHECKING:
    from espelho.data.pairing.pairs import Pairs, Unpaired

__all__ = ["TranslationJob", "TwoSplit"]

_MOST_MEASURED = 2000
"""Samples of each set that figures and pictures take."""


@dataclass(frozen=True)
class TwoSplit:
    """Sets to learn from, and sets that are only measured on, if any."""

    train: "Pairs | Unpaired"
    test: "Pairs | Unpaired | None"

    def measured(self) -> tuple[np.ndarray, np.ndarray]:
        """Return samples of A and of B to measure on, in memory, the same at every call."""
        found = self.train if self.test is None else self.test
        A, B = (_some(X) for X in (found.A, found.B))
        return A, B


@dataclass(frozen=True)
class TranslationJob:
    """A translator's name and its data.

    Attributes
    ----------
    model
        The model, as the command line has it.
    sets
        The data.
    test
        Other data to measure on.
    test_fraction
        Share of each set that is set aside to measure on, where there is no other data and where
        that is at least ten samples.
    split_seed
        Which samples that is.
    """

    model: str
    sets: TwoSets
    test: TwoSets | None = None
    test_fraction: float = 0.0
    split_seed: int = 0

    def read(self) -> TwoSplit:
        """Read the data and set aside what is measured on."""
        data = self.sets.read()
        if self.test is not None:
            return TwoSplit(data, self.test.read())
        halves = [self._halves(len(X)) for X in (data.A, data.B)]
        if any(len(held) < FEWEST_MEASURED for _, held in halves):
            return TwoSplit(data, None)
        kept, held = zip(*halves, strict=True)
        return TwoSplit(_taken(data, *kept), _taken(data, *held))

    def _halves(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which samples are learned from and which are set aside, of as many alike."""
        return set_aside(n, round(n * self.test_fraction), self.test_fraction, self.split_seed)

    def write(self, run: Path) -> None:
        """Write the job into a run folder, with paths that are found from anywhere."""
        test = None if self.test is None else self.test.absolute()
        write_job(run, asdict(replace(self, sets=self.sets.absolute(), test=test)))

    @classmethod
    def of(cls, run: Path) -> "TranslationJob":
        """Return the job of a translator's run folder.

        Raises
        ------
        RunError
            If the run was not made by the command line.
        """
        return read_job(run, cls._made, "Use the Python interface.")

    @classmethod
    def _made(cls, facts: dict[str, Any]) -> "TranslationJob":
        test = facts["test"] and TwoSets(**facts["test"])
        return cls(**{**facts, "sets": TwoSets(**facts["sets"]), "test": test})


def _taken(
    data: "Pairs | Unpaired", a: NDArray[np.int64], b: NDArray[np.int64]
) -> "Pairs | Unpaired":
    """Return some samples of each set."""
    return replace(data, A=data.A[a], B=data.B[b], names_A=None, names_B=None)


def _some(X: Any) -> np.ndarray:
    """Return samples in memory: all, or as many as figures take, evenly spread."""
    from espelho.estimators.data.samples import spread

    return np.asarray(X[spread(len(X), _MOST_MEASURED)])
