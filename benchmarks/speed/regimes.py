"""Regimes: networks and batches on which the speed of a step is compared."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["DIGITS", "MNIST_128", "MNIST_512", "REGIMES", "Regime"]


@dataclass(frozen=True)
class Regime:
    """A dense autoencoder, ReLU but for a linear code and output, and its batch.

    Attributes
    ----------
    name
        What stands for it in tables.
    sizes
        Widths from data to reconstruction, the code in the middle.
    batch_size
        Rows of a batch.
    steps
        Steps of an epoch.
    """

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    steps: int

    @property
    def title(self) -> str:
        """The name, the widths and the batch."""
        widths = "-".join(str(n) for n in self.sizes)
        return f"{self.name}: {widths}, batch {self.batch_size}"

    @property
    def latent_dim(self) -> int:
        """Width of the code."""
        return self.sizes[len(self.sizes) // 2]

    def data(self) -> Tensor:
        """Return the rows of an epoch, the same each time."""
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

    def encoder(self) -> nn.Sequential:
        """Return the half from data to code, in plain torch."""
        return _stack(self.sizes[: len(self.sizes) // 2 + 1])

    def decoder(self) -> nn.Sequential:
        """Return the half from code to data, in plain torch."""
        return _stack(self.sizes[len(self.sizes) // 2 :])


def _stack(sizes: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


DIGITS = Regime("digits", (64, 32, 8, 32, 64), 32, 200)
MNIST_128 = Regime("MNIST size", (784, 256, 32, 256, 784), 128, 40)
MNIST_512 = Regime("MNIST size", (784, 256, 32, 256, 784), 512, 12)
REGIMES = (DIGITS, MNIST_128, MNIST_512)
