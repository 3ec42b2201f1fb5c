"""The job of a translator's run: what two sets it was trained on, kept beside the run."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.cli.job import FILE
from espelho.cli.translation.sets import TwoSets
from espelho.data.writing import atomic_file
from espelho.errors import DataError, RunError

if TYPE_CHECKING:
    from espelho.data.pairing.pairs import Pairs, Unpaired

__all__ = ["TranslationJob", "TwoSplit"]

_FEWEST = 10
"""Samples below which a share of a set is too little to measure on: then all are taken."""

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
        if any(len(held) < _FEWEST for _, held in halves):
            return TwoSplit(data, None)
        kept, held = zip(*halves, strict=True)
        return TwoSplit(_taken(data, *kept), _taken(data, *held))

    def _halves(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which samples are learned from and which are set aside, of as many alike."""
        n_held = round(n * self.test_fraction)
        if n_held >= n:
            raise DataError(
                f"--test-fraction {self.test_fraction} of {n} samples leaves none to learn from. "
                "Use --test-fraction 0 to learn from all of them."
            )
        order = np.random.default_rng(self.split_seed).permutation(n)
        return np.sort(order[n_held:]), np.sort(order[:n_held])

    def write(self, run: Path) -> None:
        """Write the job into a run folder, with paths that are found from anywhere."""
        test = None if self.test is None else self.test.absolute()
        facts = asdict(replace(self, sets=self.sets.absolute(), test=test))
        with atomic_file(run / FILE) as file:
            file.write(json.dumps(facts, indent=2).encode())

    @classmethod
    def of(cls, run: Path) -> "TranslationJob":
        """Return the job of a translator's run folder.

        Raises
        ------
        RunError
            If the run was not made by the command line.
        """
        try:
            facts: dict[str, Any] = json.loads((run / FILE).read_text(encoding="utf-8"))
            facts["sets"] = TwoSets(**facts["sets"])
            facts["test"] = facts["test"] and TwoSets(**facts["test"])
            return cls(**facts)
        except FileNotFoundError:
            raise RunError(
                f"{run} does not say what data it is about (there is no {FILE} in it, as the "
                "command line writes it). Use the Python interface."
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{run / FILE} is damaged or cannot be read: {error}.") from error


def _taken(
    data: "Pairs | Unpaired", a: NDArray[np.int64], b: NDArray[np.int64]
) -> "Pairs | Unpaired":
    """Return some samples of each set."""
    return replace(data, A=data.A[a], B=data.B[b], names_A=None, names_B=None)


def _some(X: Any) -> np.ndarray:
    """Return samples in memory: all, or as many as figures take, evenly spread."""
    rows = np.linspace(0, len(X) - 1, min(len(X), _MOST_MEASURED)).astype(np.int64)
    return np.asarray(X[rows])
