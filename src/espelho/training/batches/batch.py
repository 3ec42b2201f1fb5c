"""A batch, and what gives batches."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from espelho.training.batches.cuts import Cuts

__all__ = ["Batch", "Data"]


class Batch(NamedTuple):
    """What a loss sees of the data at once; every tensor has one row per sample.

    Attributes
    ----------
    x
        Samples ``(n, *sample)``, in the units that the networks see.
    y
        Labels or the second half of a pair, for the models that take them.
    weight
        Weights ``(n,)``, whose mean over the whole data set is 1.
    lengths
        Numbers of steps ``(n,)`` of sequences that are padded at their ends; ``None`` where
        none is.
    observed
        Which elements of the samples count ``(n, *sample)``, of samples that are not known
        whole: what stands elsewhere in ``x`` is a stand-in. ``None`` where all do.
    """

    x: Tensor
    y: Tensor | None = None
    weight: Tensor | None = None
    lengths: Tensor | None = None
    observed: Tensor | None = None


class Data(Protocol):
    """Samples that can be put in an order and cut into batches."""

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def arrange(self, cuts: Cuts, shuffle: torch.Generator | None = None) -> Sequence[Batch]:
        """Return the batches of one pass, as far as they are this process's.

        Parameters
        ----------
        cuts
            Where one batch ends and the next begins.
        shuffle
            What the order is drawn from: the same state gives the same order. ``None`` for
            the samples as they are.
        """
        ...
