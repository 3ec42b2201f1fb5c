"""Kernels: how alike two samples are by their distance, summed over several widths."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

from espelho.errors import SettingError

__all__ = ["FACTORS", "KERNELS", "Gaussian", "Kernel", "RationalQuadratic"]

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""What a typical distance is multiplied with to give the widths of a mixture. Ratios of 2 make
one exponential do for all."""

_SQUARINGS = 3
"""Squarings that are cheaper than another exponential."""


@dataclass(frozen=True)
class Kernel(ABC):
    """A sum of kernels of the distance between two samples, one for each width.

    Parameters
    ----------
    bandwidths
        The widths s, in the units of the samples.

    Raises
    ------
    SettingError
        If there is none, or one is not a positive number.
    """

    bandwidths: Sequence[float]

    def __post_init__(self) -> None:
        _check_positive("bandwidths", self.bandwidths)

    @property
    @abstractmethod
    def at_zero(self) -> float:
        """What the kernel of a sample with itself is."""

    @abstractmethod
    def __call__(self, squared: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return the kernel of squared distances, in a form that autograd follows."""

    @abstractmethod
    def write(self, squared: Tensor, values: Tensor, slopes: Tensor | None, work: Tensor) -> None:
        """Write the kernel of squared distances, and minus its slope by them.

        Parameters
        ----------
        squared
            Squared distances, of any shape.
        values, slopes
            What is written into, of the same shape; without slopes only the values.
        work
            Of the same shape, with nothing in it before or afterwards.
        """

    @abstractmethod
    def frequencies(self, n: int, like: Float[Tensor, "m d"]) -> Float[Tensor, "k d"]:
        """Draw n frequencies for each kernel of the sum, from the kernel's Fourier transform.

        Parameters
        ----------
        n
            How many for each.
        like
            Samples, whose width, type and device the frequencies have.
        """


@dataclass(frozen=True)
class Gaussian(Kernel):
    """``sum_s exp(-d^2 / (2 s^2))``.

    Parameters
    ----------
    bandwidths
        The widths s, in the units of the samples.

    Examples
    --------
    >>> Gaussian((1.0, 2.0))(torch.tensor([0.0, 4.0]))
    tensor([2.0000, 0.7419])
    """

    @property
    def at_zero(self) -> float:
        """What the kernel of a sample with itself is."""
        return float(len(self.bandwidths))

    def __call__(self, squared: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return the kernel of squared distances."""
        return torch.stack([(squared * -rate).exp() for rate in self._rates]).sum(0)

    @property
    def _rates(self) -> list[float]:
        return sorted(0.5 / float(s) ** 2 for s in self.bandwidths)

    def write(self, squared: Tensor, values: Tensor, slopes: Tensor | None, work: Tensor) -> None:
        """Write the kernel of squared distances, and minus its slope by them."""
        before = 0.0
        for rate in self._rates:
            squarings = _squarings(rate, before)
            if squarings is None:
                torch.mul(squared, -rate, out=work).exp_()
            else:
                for _ in range(squarings):
                    work.mul_(work)
            _put(values, work, 1.0, first=not before)
            if slopes is not None:
                _put(slopes, work, rate, first=not before)
            before = rate

    def frequencies(self, n: int, like: Float[Tensor, "m d"]) -> Float[Tensor, "k d"]:
        """Draw n frequencies for each width: normal, of variance ``1 / s^2``."""
        drawn = like.new_empty(len(self.bandwidths), n, like.shape[1]).normal_()
        for part, s in zip(drawn, self.bandwidths, strict=True):
            part.div_(s)
        return drawn.flatten(0, 1)


@dataclass(frozen=True)
class RationalQuadratic(Kernel):
    """``sum_s sum_a (1 + d^2 / (2 a s^2))^-a`` (Binkowski et al. 2018, with one width of 1).

    Its tails are heavier than a Gaussian's: distant samples still feel each other.

    Parameters
    ----------
    bandwidths
        The widths s, in the units of the samples.
    powers
        The powers a; Gaussian kernels are the limit for large ones.

    Examples
    --------
    >>> RationalQuadratic((1.0,), powers=(1.0,))(torch.tensor([0.0, 2.0]))
    tensor([1.0000, 0.5000])
    """

    powers: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 5.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_positive("powers", self.powers)

    @property
    def at_zero(self) -> float:
        """What the kernel of a sample with itself is."""
        return float(len(self.bandwidths) * len(self.powers))

    def __call__(self, squared: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return the kernel of squared distances."""
        parts = [(1 + squared / (2 * a * s**2)) ** -a for s, a in self._pairs]
        return torch.stack(parts).sum(0)

    @property
    def _pairs(self) -> list[tuple[float, float]]:
        return list(product(self.bandwidths, self.powers))

    def write(self, squared: Tensor, values: Tensor, slopes: Tensor | None, work: Tensor) -> None:
        """Write the kernel of squared distances, and minus its slope by them."""
        values.zero_()
        if slopes is not None:
            slopes.zero_()
        for s, a in self._pairs:
            torch.mul(squared, 0.5 / (a * s**2), out=work).add_(1)
            if slopes is not None:
                slopes.add_(work ** (-a - 1), alpha=0.5 / s**2)
            values.add_(work.pow_(-a))

    def frequencies(self, n: int, like: Float[Tensor, "m d"]) -> Float[Tensor, "k d"]:
        """Draw n frequencies for each width and power.

        The kernel is a mean of Gaussian kernels ``exp(-t d^2 / 2)`` with ``t`` from a gamma
        distribution of shape a and rate ``a s^2``.
        """
        drawn = like.new_empty(len(self._pairs), n, like.shape[1]).normal_()
        for part, (s, a) in zip(drawn, self._pairs, strict=True):
            shape = like.new_full((n, 1), a)
            part.mul_((torch._standard_gamma(shape) / (a * s**2)).sqrt_())
        return drawn.flatten(0, 1)


KERNELS: Mapping[str, Callable[[Sequence[float]], Kernel]] = {
    "gaussian": Gaussian,
    "rational_quadratic": RationalQuadratic,
}
"""Kernels by name."""


def _check_positive(name: str, values: Sequence[float]) -> None:
    if not len(values) or not all(0 < value < math.inf for value in values):
        raise SettingError(
            f"{name} of a kernel must be one or more positive numbers, got {tuple(values)}."
        )


def _squarings(rate: float, before: float) -> int | None:
    """Return how often the kernel before is to be squared to give the next; none if it cannot."""
    ratio = rate / before if before else 0.0
    found = [n for n in range(_SQUARINGS + 1) if math.isclose(ratio, 2.0**n, rel_tol=1e-12)]
    return found[0] if found else None


def _put(target: Tensor, values: Tensor, factor: float, *, first: bool) -> None:
    if first:
        torch.mul(values, factor, out=target)
    else:
        target.add_(values, alpha=factor)
