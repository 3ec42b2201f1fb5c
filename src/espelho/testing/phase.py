"""The laws of a phase: what it owns, what it returns, what it moves."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from espelho.testing.errors import LawError, listed
from espelho.training.batches import Batch
from espelho.training.environment.randomness import forked
from espelho.training.optimization.flat import flatten
from espelho.training.optimization.optimizers import OPTIMIZERS
from espelho.training.optimization.update import Update
from espelho.training.plan import Phase, Terms, Trainable
from espelho.training.recipe import Recipe

__all__ = ["LAWS", "Case"]

_TOLERANCES = {torch.float64: 1e-9, torch.float32: 1e-4}
_COARSE = 2e-2
_SMALLEST_SEEN = 1e-8
"""Gradients below it are lost in Adam's epsilon, so nothing is said about them."""


@dataclass(frozen=True)
class Case:
    """A phase, what it is tried on, and where it is excused."""

    model: Trainable
    phase: Phase
    batch: Batch
    seed: int
    unreached: frozenset[str]
    not_means: frozenset[str]

    @property
    def where(self) -> str:
        """How a message calls the phase."""
        return f"phase {self.phase.name!r}"

    @property
    def device(self) -> torch.device:
        """Where the samples are."""
        return self.batch.x.device

    @contextmanager
    def afresh(self, extra: int = 0) -> Iterator[None]:
        """Start from the same random state, and put weights and buffers back afterwards."""
        before = _values(self.model)
        with forked(self.seed + extra, self.device):
            yield
        with torch.no_grad():
            for name, value in _variables(self.model).items():
                value.copy_(before[name])

    def terms(self, batch: Batch, extra: int = 0) -> dict[str, Tensor]:
        """Return the terms of the loss; another ``extra`` is another random stream."""
        with self.afresh(extra):
            terms: Any = self.phase.loss(batch)
        if not isinstance(terms, Mapping) or not terms:
            raise LawError(f"The loss of {self.where} must return terms by name, got {terms!r}.")
        return dict(terms)

    def trainable(self) -> dict[str, nn.Parameter]:
        """Return the parameters that an update is to move, by name."""
        owned = self.phase.parameters().keys()
        named = self.model.named_parameters()
        return {name: p for name, p in named if id(p) in owned and p.requires_grad}

    def gradients(self) -> dict[str, Tensor | None]:
        """Return what the loss's backward pass gives each parameter, if it reaches it."""
        parameters = self.trainable()
        with self.afresh():
            total = sum(self.phase.loss(self.batch).values(), torch.zeros(()))
            found = torch.autograd.grad(total, list(parameters.values()), allow_unused=True)
        return dict(zip(parameters, found, strict=True))


def _check_owner(case: Case) -> None:
    known = {id(p) for p in case.model.parameters()}
    foreign = sum(key not in known for key in case.phase.parameters())
    if foreign:
        raise LawError(
            f"{case.where} owns {foreign} parameters that are not the model's: register their "
            "module as an attribute, and build the phases in plan(), from self."
        )
    if not case.trainable():
        raise LawError(f"{case.where} owns no parameter that requires a gradient.")


def _check_terms(case: Case) -> None:
    before = Batch(*(None if column is None else column.clone() for column in case.batch))  # type: ignore[arg-type]
    terms = case.terms(case.batch)
    for old, new in zip(before, case.batch, strict=True):
        if old is not None and new is not None and not torch.equal(old, new):
            raise LawError(f"The loss of {case.where} changes the batch that it is given.")
    for name, value in terms.items():
        _check_term(case, name, value)
    for part in (case.batch, *_halves(case.batch)):
        again = case.terms(part)
        if list(again) != list(terms):
            raise LawError(
                f"The loss of {case.where} returns the terms {list(terms)} first and "
                f"{list(again)} then; it must return the same every time."
            )


def _check_term(case: Case, name: Any, value: Any) -> None:
    where = f"term {name!r} of {case.where}"
    if not isinstance(name, str) or not isinstance(value, Tensor) or value.ndim != 0:
        shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise LawError(f"{where} must be a tensor without dimensions under a name, got {shape}.")
    if not bool(value.isfinite()):
        raise LawError(f"{where} is {value.item()}.")


def _check_reach(case: Case) -> None:
    if not any(term.requires_grad for term in case.terms(case.batch).values()):
        raise LawError(f"The loss of {case.where} depends on none of the parameters it owns.")
    missed = [f"{case.phase.name}/{n}" for n, grad in case.gradients().items() if grad is None]
    if missed := [name for name in missed if name not in case.unreached]:
        raise LawError(
            f"The loss of {case.where} does not depend on {listed(missed)}, which it owns. If "
            "this is meant, list them in unreached=."
        )


def _check_update(case: Case) -> None:
    gradients, owned = case.gradients(), case.trainable().keys()
    largest = max(float(p.detach().abs().max()) for p in case.model.parameters() if p.numel())
    with case.afresh():
        before = _values(case.model)
        _, written = _update(case, learning_rate=max(1e-3, largest / 100))
        moved = {
            name for name, p in case.model.named_parameters() if not torch.equal(p, before[name])
        }
    if strangers := sorted(moved - owned):
        raise LawError(f"{case.where} moves {listed(strangers)}, which it does not own.")
    reached = {n for n, g in gradients.items() if g is not None and _size(g) > _SMALLEST_SEEN}
    if still := sorted(reached - moved):
        raise LawError(f"{case.where} does not move {listed(still)}, which it owns and reaches.")
    if case.phase.gradient is not None:
        _check_gradient(case, gradients, written)


def _check_gradient(
    case: Case, expected: Mapping[str, Tensor | None], written: Mapping[str, Tensor]
) -> None:
    sizes = [_size(grad) for grad in expected.values() if grad is not None]
    for name, found in written.items():
        grad = expected[name]
        difference = _size(found if grad is None else found - grad)
        if not difference <= _tolerance(found) * max(sizes):
            raise LawError(
                f"The gradient of {case.where} with respect to {name!r} is not that of its loss: "
                f"they differ by up to {difference:.3g}, where the largest is {max(sizes):.3g}."
            )
    with case.afresh():
        terms, _ = _update(case, learning_rate=0.0)
    _check_same_terms(case, case.terms(case.batch), terms, "the gradient of its own")


def _update(case: Case, learning_rate: float) -> tuple[Terms, dict[str, Tensor]]:
    groups = flatten(dict(case.model.named_parameters()), [case.phase])
    try:
        update = Update(case.phase, groups, OPTIMIZERS["adam"].options, Recipe())
        update.learning_rate = learning_rate
        if case.phase.gradient is not None:
            for group in groups:
                group.grad.fill_(torch.nan)  # what it leaves out, or adds to, shows
        update(case.batch)
        for group in groups:
            group.check(dict(case.model.named_parameters()))
        values = update.recorded()[0][0]
        written = {n: g.clone() for group in groups for n, g in group.unpack(group.grad).items()}
    finally:
        for group in groups:
            group.release()
    return dict(zip(update.terms, values, strict=True)), written


def _check_means(case: Case) -> None:
    case.model.eval()
    whole, redrawn = case.terms(case.batch), case.terms(case.batch, extra=1)
    parts = [(len(half.x), case.terms(half)) for half in _halves(case.batch)]
    case.model.train()
    claimed = [
        name
        for name in whole
        if f"{case.phase.name}/{name}" not in case.not_means
        and torch.equal(whole[name], redrawn[name])
    ]
    _check_same_terms(
        case,
        {name: whole[name] for name in claimed},
        {name: _mean([(size, terms[name]) for size, terms in parts]) for name in claimed},
        "the mean over two halves of the batch (if it is no mean over samples, list it in "
        "not_means=)",
    )


def _check_same_terms(case: Case, expected: Terms, found: Terms, what: str) -> None:
    if list(expected) != list(found):
        raise LawError(
            f"{case.where} has the terms {list(expected)}, but {list(found)} by {what}."
        )
    for name, value in expected.items():
        if not _size(found[name] - value) <= _tolerance(value) * max(1.0, _size(value)):
            raise LawError(
                f"term {name!r} of {case.where} is {value.item():.9g}, but "
                f"{found[name].item():.9g} by {what}."
            )


LAWS = (_check_owner, _check_terms, _check_reach, _check_update, _check_means)


def _variables(model: Trainable) -> dict[str, Tensor]:
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _values(model: Trainable) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in _variables(model).items()}


def _halves(batch: Batch) -> Sequence[Batch]:
    middle = (len(batch.x) + 1) // 2
    return _rows(batch, slice(middle)), _rows(batch, slice(middle, None))


def _rows(batch: Batch, rows: slice) -> Batch:
    return Batch(*(None if column is None else column[rows] for column in batch))  # type: ignore[arg-type]


def _mean(parts: Sequence[tuple[int, Tensor]]) -> Tensor:
    values = torch.stack([value for _, value in parts])
    sizes = torch.tensor([size for size, _ in parts]).to(values)
    return torch.dot(sizes / sizes.sum(), values)


def _size(values: Tensor) -> float:
    return float(values.detach().abs().max()) if values.numel() else 0.0


def _tolerance(values: Tensor) -> float:
    return _TOLERANCES.get(values.dtype, _COARSE)
