"""Reconstruction losses: what it costs to give back x-hat for x.

One convention for all: the mean over samples of the sum over a sample's elements.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from espelho.losses.masking import valid_sum

__all__ = [
    "RECONSTRUCTIONS",
    "Reconstruction",
    "absolute_error",
    "bernoulli",
    "squared_error",
]


def squared_error(
    x: Float[Tensor, "n *sample"], x_hat: Float[Tensor, "n *sample"]
) -> Float[Tensor, "n *sample"]:
    """Return ``(x - x_hat)^2`` for each element."""
    return F.mse_loss(x_hat, x, reduction="none")


def absolute_error(
    x: Float[Tensor, "n *sample"], x_hat: Float[Tensor, "n *sample"]
) -> Float[Tensor, "n *sample"]:
    """Return ``|x - x_hat|`` for each element."""
    return F.l1_loss(x_hat, x, reduction="none")


def bernoulli(
    x: Float[Tensor, "n *sample"], logit: Float[Tensor, "n *sample"]
) -> Float[Tensor, "n *sample"]:
    """Return ``-x log s(a) - (1 - x) log(1 - s(a))`` for each element, in nats.

    Parameters
    ----------
    x
        Data in [0, 1].
    logit
        ``a``, the network's output before the logistic function
        ``s(a) = 1 / (1 + e^-a)``, so that no logarithm of a rounded 0 is taken.
    """
    return F.binary_cross_entropy_with_logits(logit, x, reduction="none")


class Reconstruction(NamedTuple):
    """A reconstruction loss, and what the network's output means under it.

    Attributes
    ----------
    elements
        ``(x, output) -> loss`` of each element.
    total
        ``(x, output) -> loss`` summed over the whole batch, in one pass.
    output
        From the network's output to x-hat.
    unit_interval
        Whether data must lie in [0, 1].
    """

    elements: Callable[[Tensor, Tensor], Tensor]
    total: Callable[[Tensor, Tensor], Tensor]
    output: Callable[[Tensor], Tensor]
    unit_interval: bool = False

    def mean(
        self,
        x: Tensor,
        output: Tensor,
        weight: Tensor | None = None,
        observed: Tensor | None = None,
    ) -> Tensor:
        """Return the mean over samples of the (weighted) sum over their elements.

        Parameters
        ----------
        x, output
            Data and the network's output, both ``(n, *sample)``.
        weight
            Weights ``(n,)`` whose mean over the whole data set is 1.
        observed
            Which elements count; ``None`` for all. The sum is over these and not made larger
            for those that are missing, as minus the log of what the observed elements alone
            are probable by is none either (Rubin 1976, Biometrika 63; Nazabal et al. 2020,
            https://arxiv.org/abs/1807.03653).
        """
        if observed is None and weight is None:
            return self.total(x, output) / len(x)
        by_sample = valid_sum(self.elements(x, output), observed)
        return (by_sample.sum() if weight is None else torch.dot(weight, by_sample)) / len(x)


def _total_squared_error(x: Tensor, x_hat: Tensor) -> Tensor:
    return F.mse_loss(x_hat, x, reduction="sum")


def _total_absolute_error(x: Tensor, x_hat: Tensor) -> Tensor:
    return F.l1_loss(x_hat, x, reduction="sum")


def _total_bernoulli(x: Tensor, logit: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logit, x, reduction="sum")


def _same(output: Tensor) -> Tensor:
    return output


RECONSTRUCTIONS: Mapping[str, Reconstruction] = {
    "squared_error": Reconstruction(squared_error, _total_squared_error, _same),
    "absolute_error": Reconstruction(absolute_error, _total_absolute_error, _same),
    "bernoulli": Reconstruction(bernoulli, _total_bernoulli, torch.sigmoid, unit_interval=True),
}
"""Reconstruction losses by name."""
