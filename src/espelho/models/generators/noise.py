"""Noise: what generators make samples of."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from torch import Tensor

from espelho.random_variables import Normal, Sampler, Uniform

__all__ = ["NOISES", "Noise"]


class Noise(NamedTuple):
    """A distribution that is drawn from in training, and as a `Sampler`.

    Attributes
    ----------
    fill
        Fills a tensor with independent draws from torch's random state.
    sampler
        From the width of the noise to the sampler.
    """

    fill: Callable[[Tensor], Tensor]
    sampler: Callable[[int], Sampler]

    def like(self, x: Tensor, width: int) -> Tensor:
        """Return noise ``(n, width)``, of the type and on the device of n samples."""
        return self.fill(x.new_empty(len(x), width))


def _uniform(z: Tensor) -> Tensor:
    return z.uniform_(-1, 1)


def _normal(z: Tensor) -> Tensor:
    return z.normal_()


NOISES: Mapping[str, Noise] = {
    "uniform": Noise(_uniform, partial(Uniform, low=-1.0, high=1.0)),
    "gaussian": Noise(_normal, Normal),
}
"""Noise by name: uniform on [-1, 1], and standard normal, each element by itself."""
