"""Both sets of a translation, as fitting takes one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from espelho.data.fingerprint import fingerprint
from espelho.data.scaling import Scaling
from espelho.data.stored.base import Stored
from espelho.errors import DataError
from espelho.estimators.data.parts import Part
from espelho.estimators.data.samples import Samples
from espelho.training.batches import Data, PairedData, UnpairedData

if TYPE_CHECKING:
    from espelho.estimators.translators.domain import Domain

__all__ = ["TwoParts"]


@dataclass(frozen=True)
class TwoParts:
    """Rows of both sets.

    Attributes
    ----------
    a, b
        The rows of each.
    paired
        Whether row i of one belongs to row i of the other.
    target
        The domain of the second, whose scaling is known once it has learned.
    """

    a: Part
    b: Part
    paired: bool
    target: "Domain"

    weight = None

    @property
    def samples(self) -> Samples:
        """The rows of the first set."""
        return self.a.samples

    @property
    def y(self) -> Samples:
        """The rows of the second set, which stand where others have labels."""
        return self.b.samples

    def __len__(self) -> int:
        return max(len(self.a), len(self.b))

    def take(self, rows: NDArray[Any]) -> "TwoParts":
        """Return some of the rows, by their numbers in ascending order.

        Of pairs, the same of both. Without pairs numbers are those of the larger set, and of the
        smaller one the rows are taken that lie as far from its beginning to its end; each once.
        """
        a, b = (part.take(np.unique(rows * len(part) // len(self))) for part in (self.a, self.b))
        return TwoParts(a, b, self.paired, self.target)

    def fingerprint(self) -> str:
        """Return a hash of both sets, to recognise them later."""
        return fingerprint(np.array([self.a.fingerprint(), self.b.fingerprint()]))

    def split(self, fraction: float, seed: int) -> "tuple[TwoParts, TwoParts | None]":
        """Return the rows to learn from, and those that are held out, if any.

        Parameters
        ----------
        fraction
            Share of the rows of each set to hold out.
        seed
            Which ones; of pairs, the same of both.
        """
        (a, held_a), (b, held_b) = (part.split(fraction, seed) for part in (self.a, self.b))
        train = TwoParts(a, b, self.paired, self.target)
        if held_a is None or held_b is None:
            return train, None
        return train, TwoParts(held_a, held_b, self.paired, self.target)

    def data(self, scaling: Scaling, shape: tuple[int, ...], like: torch.Tensor) -> Data:
        """Return the rows as training takes them.

        Parameters
        ----------
        scaling
            Of the first set, into the units of the network.
        shape
            Shape of one of its samples inside the network.
        like
            A tensor of the type and on the device that is wanted.
        """
        image = len(shape) > 1
        other = self.target.network_shape if image else (self.target.n_features_in_,)
        beside = self._read_together() if self.paired else None
        sets = (
            part.data(its, size, like, beside=beside)
            for part, its, size in (
                (self.a, scaling, shape),
                (self.b, self.target.scaling_, other),
            )
        )
        return (PairedData if self.paired else UnpairedData)(*sets)

    def _read_together(self) -> tuple[NDArray[np.int64], int] | None:
        """Return where units begin and how many values a pair has, where both are on disk."""
        a, b = self.a.samples.values, self.b.samples.values
        on_disk = [isinstance(values, Stored) for values in (a, b)]
        if not all(on_disk):
            self._check_kind(on_disk)
            return None
        return a.starts, a.shape[1] + b.shape[1]

    def _check_kind(self, on_disk: list[bool]) -> None:
        if any(on_disk):
            name = "A" if on_disk[0] else "B"
            raise DataError(
                f"{name} is on disk and the other set in memory, and pairs are read in one order. "
                f"Read {name} first, as by numpy.asarray, or store both."
            )
