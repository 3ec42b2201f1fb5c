"""Regimes: networks and batches on which the speed of a step is compared."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

__all__ = ["REGIMES", "Regime"]


@dataclass(frozen=True)
class Regime:
    """A dense autoencoder and its batch."""

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    steps: int

    def data(self) -> Tensor:
        """Return as many rows as a round takes, the same each time."""
        generator = torch.Generator().manual_seed(0)
        return torch.randn(self.batch_size * self.steps, self.sizes[0], generator=generator)

    def products(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return the shapes of the matrix products of one step: forward and backward."""
        n = self.batch_size
        found = []
        for index, (inputs, outputs) in enumerate(pairwise(self.sizes)):
            found += [((n, inputs), (inputs, outputs)), ((inputs, n), (n, outputs))]
            if index:
                found.append(((n, outputs), (outputs, inputs)))
        return found


REGIMES = (
    Regime("digits, batch 32", (64, 32, 8, 32, 64), 32, 400),
    Regime("MNIST size, batch 128", (784, 256, 32, 256, 784), 128, 40),
    Regime("MNIST size, batch 512", (784, 256, 32, 256, 784), 512, 12),
)
