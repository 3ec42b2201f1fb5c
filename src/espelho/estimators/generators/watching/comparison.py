"""The comparison of samples with data while a generator learns: how far apart, and how often."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from espelho.estimators.data.parts import Part, told
from espelho.estimators.data.samples import spread
from espelho.losses.discrepancy.kernels import Kernel
from espelho.losses.discrepancy.mmd import mmd
from espelho.training.weights import lent

__all__ = ["FIGURE", "Comparison", "some_of"]

FIGURE = "two_sample/squared_mmd"
"""What the comparison is called in the history."""

_FEWEST, _MOST = 2, 500
"""Rows that are compared."""

_MATRIX = 2

_SEED = 1_729
"""Of noise that neither `score` nor pictures use, so that these are not what was chosen by."""

_SHARE = 0.05
"""What a comparison may cost, as a share of the training since the one before."""

_PASSES = 8
"""Passes through the generator that its own update and its adversary's take as long as."""

_PER_PAIR, _PER_UPDATE, _PER_COMPARISON = 400, 2 * 10**7, 10**8
"""Multiplications and additions in whose time a kernel is computed, and what an update and a
comparison take besides those: measured, on a CPU."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The unbiased MMD^2 between samples of fixed noise and fixed rows of the data.

    Attributes
    ----------
    model
        What makes samples, whole in this process; it is lent the weights to judge.
    inputs
        The noise ``(n, latent_dim)``, then the numbers of labels and the lengths if any.
    data
        As many rows of the data, in the network's units.
    weight
        Their weights, or nothing.
    kernel
        How alike two samples are.
    """

    model: Any
    inputs: tuple[Tensor, ...]
    data: Tensor
    weight: Tensor | None
    kernel: Kernel

    @classmethod
    def of(cls, estimator: Any, train: Part, held_out: Part | None) -> "Comparison":
        """Return the comparison with data held out, or with rows learned from if there are none.

        Parameters
        ----------
        estimator
            The generator, with its model built.
        train, held_out
            The data. Of more than 500 rows, so many are taken, evenly spread.
        """
        enough = held_out is not None and len(held_out) >= _FEWEST
        part = some_of(held_out if enough else train, _MOST)  # type: ignore[arg-type]
        like = next(estimator.model_.parameters())
        weight = None if part.weight is None else torch.from_numpy(part.weight).to(like)
        return cls(
            estimator.model_,
            _inputs(estimator, part, like),
            estimator._scaled(part.samples).to(like),
            weight,
            estimator._score_kernel(),
        )

    def __call__(self, weights: dict[str, Tensor]) -> float:
        """Return the figure of some weights; lower is better.

        Parameters
        ----------
        weights
            All weights and buffers of the model, by name.
        """
        with lent(self.model, weights), torch.no_grad():
            drawn = self._settled(self.model.generate(*self.inputs).flatten(1))
            return float(mmd(drawn, self.data, self.kernel, weight=self.weight, unbiased=True))

    def _settled(self, drawn: Tensor) -> Tensor:
        """Return samples whose categories, if any, are drawn, always by the same chance."""
        if (settle := getattr(self.model, "settle", None)) is None:
            return drawn
        found: Tensor = settle(drawn, torch.Generator(drawn.device).manual_seed(_SEED))
        return found

    def epochs_between(self, n_rows: int, batch_size: int) -> int:
        """Return in how many epochs the comparison costs a twentieth of training at most.

        Costs are counted in operations, not timed, so that the same settings and data give the
        same epochs.

        Parameters
        ----------
        n_rows
            Rows learned from in an epoch.
        batch_size
            Rows of an update.
        """
        n, d = self.data.shape
        made = self._operations() or d
        compared = n * made + 2 * n * n * (2 * d + _PER_PAIR) + _PER_COMPARISON
        learned = _PASSES * made * n_rows + _PER_UPDATE * ceil(n_rows / batch_size)
        return ceil(compared / (_SHARE * learned))

    def _operations(self) -> int:
        """Return how many multiplications and additions make one sample."""
        found: list[int] = []
        hooks = [
            module.register_forward_hook(
                lambda layer, given, made: found.append(_operations_of(layer, given[0], made))
            )
            for module in self.model.modules()
        ]
        with lent(self.model, {}), torch.no_grad():
            self.model.generate(*(part[:_FEWEST] for part in self.inputs))
        for hook in hooks:
            hook.remove()
        return sum(found)


def _operations_of(module: nn.Module, given: Tensor, made: Tensor) -> int:
    """Return how often a layer multiplies and adds for one sample, by its largest weight."""
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim < _MATRIX:
        return 0
    # A convolution works once for each place of its output, and a transposed one of its input.
    return 2 * weight.numel() * min(part[0, 0].numel() for part in (given, made))


def some_of(part: Part, most: int) -> Part:
    """Return rows of the data, evenly spread: all, or so many."""
    return part if len(part) <= most else part.take(spread(len(part), most))


def _as_often_as_it_weighs(part: Part) -> NDArray[np.int64]:
    """Return as many numbers of rows as there are: what is made of them weighs all the same."""
    n = len(part)
    if part.weight is None:
        return np.arange(n)
    ends = np.cumsum(part.weight)
    rows: NDArray[np.int64] = np.searchsorted(ends, (np.arange(n) + 0.5) * (ends[-1] / n))
    return rows


def _inputs(estimator: Any, part: Part, like: Tensor) -> tuple[Tensor, ...]:
    """Return noise, the same at every call, and what the generator is told beside it."""
    noise = estimator._latent_sampler().sample(len(part), random_state=_SEED)
    beside = () if part.y is None else (part.y,)
    columns = (*beside, *estimator._lengths_told(part.samples))
    rows = _as_often_as_it_weighs(part)
    return (torch.from_numpy(noise).to(like), *(told(column[rows], like) for column in columns))
