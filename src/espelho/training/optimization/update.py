"""An update: a phase made ready to run over flat storage."""

import math
from array import array
from collections.abc import Mapping, Sequence
from operator import mul
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from espelho.errors import SettingError
from espelho.training.batches import Batch
from espelho.training.environment.processes import ALONE, Processes
from espelho.training.optimization.flat import flatten
from espelho.training.optimization.optimizers import Optimizer
from espelho.training.plan import Phase, Stage, Terms
from espelho.training.recipe import Recipe
from espelho.training.weights import is_sharded

if TYPE_CHECKING:
    from espelho.training.optimization.sharded import ShardedGroup

__all__ = ["Update", "prepare_updates"]

_STACK_AFTER = 64
"""Terms that are kept on a GPU as single scalars before they are stacked into one tensor."""


class Update:
    """What one phase does with a batch; everything that can be resolved before, is.

    Parameters
    ----------
    phase
        The phase.
    groups
        The flat storage of the parameters that it owns.
    options
        The optimiser's options.
    recipe
        Which optimiser, how gradients are clipped, in which precision losses are computed.
    processes
        Which processes share a batch.
    """

    __slots__ = (
        "_autocast", "_clip", "_grads", "_on_cpu", "_own_gradient", "_parameters", "_processes",
        "_sharded", "_sizes", "_stacked", "_values", "_waiting", "learning_rate", "optimizer",
        "phase", "terms",
    )  # fmt: skip

    def __init__(
        self,
        phase: Phase,
        groups: Sequence[Any],
        options: Mapping[str, Any],
        recipe: Recipe,
        processes: Processes = ALONE,
    ) -> None:
        if not groups:
            raise SettingError(
                f"phase {phase.name!r} owns no parameter of the model that requires a gradient."
            )
        self.phase = phase
        self.optimizer = Optimizer(recipe.optimizer, options, groups)
        self.learning_rate = 0.0
        self.terms: tuple[str, ...] = ()
        self._parameters = [p for group in groups for p in group.parameters.values()]
        self._grads = [group.grad for group in groups]
        self._sharded = is_sharded(self._parameters[0])
        self._autocast = self._grads[0].device.type if recipe.mixed_precision else None
        by_hand = phase.gradient is not None and not self._sharded and self._autocast is None
        self._own_gradient = by_hand
        self._processes = processes
        self._clip = recipe.gradient_clip
        # To read a value makes a GPU wait, but not a CPU.
        self._on_cpu = self._grads[0].device.type == "cpu"
        self._waiting: list[Tensor] = []
        self._stacked: list[Tensor] = []
        self._values = array("d")
        self._sizes: list[float] = []

    def __call__(self, batch: Batch, share: float = 1.0, whole: int = 0) -> None:
        """Make one update of the owned parameters, and remember the terms.

        Parameters
        ----------
        batch
            This process's part of the batch.
        share
            How much of the whole batch that is.
        whole
            How many rows the whole batch has, over all processes.
        """
        n: float = len(batch.x) if share else 0
        self._processes.share = share
        if self._sharded:
            # FSDP2 takes the mean over the processes, whose parts need not be equal.
            n = whole / self._processes.size
            batch = _weighted(batch, share * self._processes.size)
        terms = self._write_gradient(batch) if self._own_gradient else self._backward(batch)
        if not self._processes.alone and not self._sharded:
            for grad in self._grads:
                self._processes.add(grad.mul_(share))
        if self._clip is not None:
            self._clip_gradient(self._clip)
        self.optimizer.step(self.learning_rate)
        self._record(terms, n)

    def _backward(self, batch: Batch) -> Terms:
        for grad in self._grads:
            grad.zero_()
        terms = self._terms(batch)
        values = iter(terms.values())
        total = next(values)
        for value in values:
            total = total + value
        # FSDP2 meets every parameter that was used; those of other phases clear theirs later.
        total.backward(inputs=None if self._sharded else self._parameters)
        return terms

    def _terms(self, batch: Batch) -> Terms:
        if self._autocast is None:
            return self.phase.loss(batch)
        with torch.autocast(self._autocast, torch.bfloat16):
            return self.phase.loss(batch)

    def _write_gradient(self, batch: Batch) -> Terms:
        return self.phase.gradient(batch)  # type: ignore[misc]

    def _clip_gradient(self, largest: float) -> None:
        norms = [torch.linalg.vector_norm(grad) for grad in self._grads]
        norm = norms[0] if len(norms) == 1 else torch.linalg.vector_norm(torch.stack(norms))
        if self._sharded:
            norm = self._processes.add(norm.square()).sqrt()
        factor = (largest / (norm + 1e-6)).clamp_(max=1.0)
        for grad in self._grads:
            grad.mul_(factor)

    def gradient_norm(self) -> float:
        """Return the norm of the gradient of the last update; every process must ask."""
        squares = torch.stack([grad.square().sum() for grad in self._grads]).sum()
        return math.sqrt(self._processes.add(squares) if self._sharded else squares)

    def _record(self, terms: Terms, n_samples: float) -> None:
        if self.terms == ():
            self.terms = tuple(terms)
        elif self.terms != tuple(terms):
            raise SettingError(
                f"The loss of phase {self.phase.name!r} must return the same terms every time; "
                f"it returned {list(self.terms)} first and {list(terms)} now."
            )
        self._sizes.append(n_samples)
        if self._on_cpu:
            self._values.extend([term.item() for term in terms.values()])
            return
        self._waiting += [term.detach() for term in terms.values()]
        if len(self._waiting) >= _STACK_AFTER:
            self._stack()

    def _stack(self) -> None:
        if self._waiting:
            self._stacked.append(torch.stack(self._waiting))
            self._waiting = []

    def _read(self) -> "array[float]":
        """Return the terms of the epoch's updates, one update after the other."""
        self._stack()
        if self._stacked:
            self._values.extend(torch.cat(self._stacked).tolist())
            self._stacked = []
        return self._values

    def sum_is_finite(self) -> bool:
        """Return whether the sum of the epoch's terms is finite: only if every term is."""
        return math.isfinite(sum(self._read()))

    def finite(self) -> list[bool]:
        """Return for each update of the epoch whether its terms were finite."""
        values, k = self._read(), len(self.terms)
        return [all(map(math.isfinite, values[i : i + k])) for i in range(0, len(values), k or 1)]

    def describe(self, row: int) -> str:
        """Return which term of an update, counted from 0, was not finite, in words."""
        values = self.recorded()[0][row]
        column = int((~values.isfinite()).nonzero()[0])
        return (
            f"term {self.terms[column]!r} of phase {self.phase.name!r} was "
            f"{values[column].item()} at update {row + 1}"
        )

    def means(self) -> dict[str, float]:
        """Return each term's mean over the epoch's samples, as ``phase/term``."""
        values, sizes, k = self._read(), self._sizes, len(self.terms)
        if not sizes:
            return {}
        sums = [sum(map(mul, sizes, values[i::k])) for i in range(k)]
        *totals, n = self._processes.sums([*sums, sum(sizes)])
        return {f"{self.phase.name}/{t}": v / n for t, v in zip(self.terms, totals, strict=True)}

    def clear(self) -> None:
        """Forget the terms of the epoch."""
        self._waiting, self._stacked = [], []
        self._values, self._sizes = array("d"), []

    def recorded(self) -> tuple[Tensor, list[float]]:
        """Return the epoch's terms so far ``(updates, terms)``, and the batches' sizes."""
        values = torch.tensor(self._read().tolist(), dtype=torch.float64)
        return values.view(len(self._sizes), len(self.terms)), self._sizes

    def load_recorded(self, terms: Sequence[str], values: Tensor, sizes: Sequence[float]) -> None:
        """Take over the terms of an epoch that a checkpoint interrupted."""
        self.terms = tuple(terms)
        self._values = array("d", values.flatten().tolist())
        self._sizes = list(sizes)


def _weighted(batch: Batch, factor: float) -> Batch:
    if factor == 1.0:
        return batch
    weight = batch.x.new_ones(len(batch.x)) if batch.weight is None else batch.weight
    return batch._replace(weight=weight * factor)


def prepare_updates(
    model: nn.Module,
    stage: Stage,
    recipe: Recipe,
    options: Mapping[str, Any],
    processes: Processes = ALONE,
) -> tuple[list[Any], list[Update]]:
    """Put what a stage moves into flat storage, and make its phases ready to run.

    Parameters
    ----------
    model
        The model whose parameters the phases own.
    stage
        The stage.
    recipe
        Which optimiser, and how gradients are clipped.
    options
        The optimiser's options, complete.
    processes
        Which processes share a batch.

    Raises
    ------
    SettingError
        If a phase owns nothing that could be moved.
    """
    names = dict(model.named_parameters())
    groups: list[Any] = _sharded(names) if _any_sharded(names) else flatten(names, stage.phases)
    updates = []
    for phase in stage.phases:
        owned = phase.parameters().keys()
        its: Any = [g for g in groups if id(next(iter(g.parameters.values()))) in owned]
        updates.append(Update(phase, its, options, recipe, processes))
    return groups, updates


def _any_sharded(names: Mapping[str, nn.Parameter]) -> bool:
    return any(is_sharded(parameter) for parameter in names.values())


def _sharded(names: Mapping[str, nn.Parameter]) -> "list[ShardedGroup]":
    from espelho.training.optimization.sharded import ShardedGroup

    return [ShardedGroup(name, p) for name, p in names.items() if p.requires_grad]
