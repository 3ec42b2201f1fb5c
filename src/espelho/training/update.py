"""An update: a phase made ready to run over flat storage."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from espelho.errors import SettingError
from espelho.training.batches import Batch
from espelho.training.optimization.flat import FlatGroup, flatten
from espelho.training.optimization.optimizers import Optimizer
from espelho.training.plan import Phase, Stage, Terms
from espelho.training.recipe import Recipe

__all__ = ["Update", "prepare_updates"]

_COMPACT_AFTER = 1024
"""Steps whose terms are kept as single scalars before they are stacked into one tensor."""


class Update:
    """What one phase does with a batch; everything that can be resolved before, is.

    Parameters
    ----------
    phase
        The phase.
    groups
        The flat storage of the parameters that it owns.
    optimizer, options
        Name of the optimiser and its options.
    gradient_clip
        Largest norm of the gradient over all owned parameters; ``None`` for any.
    """

    __slots__ = (
        "_clip", "_grads", "_own_gradient", "_parameters", "_recorded", "_sizes", "_stacked",
        "learning_rate", "optimizer", "phase", "terms",
    )  # fmt: skip

    def __init__(
        self,
        phase: Phase,
        groups: Sequence[FlatGroup],
        optimizer: str,
        options: Mapping[str, Any],
        gradient_clip: float | None,
    ) -> None:
        if not groups:
            raise SettingError(
                f"phase {phase.name!r} owns no parameter of the model that requires a gradient."
            )
        self.phase = phase
        self.optimizer = Optimizer(optimizer, options, groups)
        self.learning_rate = 0.0
        self.terms: tuple[str, ...] = ()
        self._own_gradient = phase.gradient is not None
        self._parameters = [p for group in groups for p in group.parameters.values()]
        self._grads = [group.grad for group in groups]
        self._clip = gradient_clip
        self._recorded: list[list[Tensor]] = []
        self._stacked: list[Tensor] = []
        self._sizes: list[int] = []

    def __call__(self, batch: Batch) -> None:
        """Make one update of the owned parameters, and remember the terms."""
        terms = self._write_gradient(batch) if self._own_gradient else self._backward(batch)
        if self._clip is not None:
            self._clip_gradient(self._clip)
        self.optimizer.step(self.learning_rate)
        self._record(terms, len(batch.x))

    def _backward(self, batch: Batch) -> Terms:
        for grad in self._grads:
            grad.zero_()
        terms = self.phase.loss(batch)
        values = iter(terms.values())
        total = next(values)
        for value in values:
            total = total + value
        total.backward(inputs=self._parameters)
        return terms

    def _write_gradient(self, batch: Batch) -> Terms:
        return self.phase.gradient(batch)  # type: ignore[misc]

    def _clip_gradient(self, largest: float) -> None:
        norms = [torch.linalg.vector_norm(grad) for grad in self._grads]
        norm = norms[0] if len(norms) == 1 else torch.linalg.vector_norm(torch.stack(norms))
        factor = (largest / (norm + 1e-6)).clamp_(max=1.0)
        for grad in self._grads:
            grad.mul_(factor)

    def _record(self, terms: Terms, n_samples: int) -> None:
        if self.terms == ():
            self.terms = tuple(terms)
        elif self.terms != tuple(terms):
            raise SettingError(
                f"The loss of phase {self.phase.name!r} must return the same terms every time; "
                f"it returned {list(self.terms)} first and {list(terms)} now."
            )
        self._recorded.append([term.detach() for term in terms.values()])
        self._sizes.append(n_samples)
        if len(self._recorded) >= _COMPACT_AFTER:
            self._compact()

    def _compact(self) -> None:
        if self._recorded:
            rows = torch.stack([torch.stack(row) for row in self._recorded])
            self._stacked = [torch.cat([*self._stacked, rows])]
            self._recorded = []

    def finite(self) -> list[bool]:
        """Return for each update of the epoch whether its terms were finite."""
        return self.recorded()[0].isfinite().all(1).tolist()

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
        values, sizes = self.recorded()
        if not sizes:
            return {}
        share = torch.tensor(sizes, dtype=torch.float64) / sum(sizes)
        means = (share @ values.cpu().double()).tolist()
        return {f"{self.phase.name}/{t}": m for t, m in zip(self.terms, means, strict=True)}

    def clear(self) -> None:
        """Forget the terms of the epoch."""
        self._recorded = []
        self._stacked = []
        self._sizes = []

    def recorded(self) -> tuple[Tensor, list[int]]:
        """Return the epoch's terms so far ``(updates, terms)``, and the batches' sizes."""
        self._compact()
        stacked = self._stacked[0] if self._stacked else torch.zeros(0, len(self.terms))
        return stacked, self._sizes

    def load_recorded(self, terms: Sequence[str], values: Tensor, sizes: Sequence[int]) -> None:
        """Take over the terms of an epoch that a checkpoint interrupted."""
        self.terms = tuple(terms)
        self._stacked = [values] if len(values) else []
        self._sizes = list(sizes)


def prepare_updates(
    model: nn.Module, stage: Stage, recipe: Recipe, options: Mapping[str, Any]
) -> tuple[list[FlatGroup], list[Update]]:
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

    Raises
    ------
    SettingError
        If a phase owns nothing that could be moved.
    """
    groups = flatten(dict(model.named_parameters()), stage.phases)
    updates = []
    for phase in stage.phases:
        owned = phase.parameters().keys()
        its = [g for g in groups if id(next(iter(g.parameters.values()))) in owned]
        updates.append(Update(phase, its, recipe.optimizer, options, recipe.gradient_clip))
    return groups, updates
