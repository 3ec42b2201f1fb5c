"""The probe: the samples that a model is looked at with, and what is read of it."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from espelho.training.batches import Batch
from espelho.training.checkup.figures import (
    code_figures,
    error_share,
    game_figures,
    label_figures,
    range_figures,
    shuffled,
    typical_share,
)
from espelho.training.checkup.likeness import Likeness
from espelho.training.checkup.principal import PrincipalComponents
from espelho.training.checkup.units import ConstantUnits
from espelho.training.environment.randomness import forked
from espelho.training.plan import Trainable

__all__ = ["Probe"]

_SEED = 2_718
"""Of what models draw to be looked at: the same every time."""

Figures = dict[str, Any]


class Probe:
    """Samples to look at a model with.

    Parameters
    ----------
    model
        The model, whole in this process.
    seen
        Some samples that are learned from.
    held_out
        Some that no update sees, if there are any.
    rows
        More samples that are learned from, for a comparison with principal components; none for
        no such comparison.
    """

    def __init__(
        self,
        model: Trainable,
        seen: Batch,
        held_out: Batch | None = None,
        rows: Tensor | None = None,
    ) -> None:
        self.model = model
        self.seen = seen
        self.held_out = held_out
        self._rows = rows
        self._likeness: Likeness | None = None

    def figures(self) -> Figures:
        """Return what can be read of the model as it is; no random stream is moved."""
        with _at_rest(self.model):
            units = ConstantUnits(self.model)
            with units.watched():
                shown = self.model.shown(self.seen)
            if not shown:
                return {}
            new = {} if self.held_out is None else self.model.shown(self.held_out)
            found = self._of_answers(shown, new) | code_figures(shown) | self._of_made(shown)
            if "scores_real" in shown:
                found |= game_figures(shown, new)
        dead = units.share()
        if dead is not None:
            found["units/dead_hidden"] = dead
        return {name: value for name, value in found.items() if _finite(value)}

    def linear_figures(self) -> dict[str, float]:
        """Return what principal components, as many as a code has units, leave of the samples."""
        width = self.facts.get("width")
        if self._rows is None or not width or "answers" not in self._shown_first:
            return {}
        components = PrincipalComponents(self._rows, width)
        found = {"linear/train": components.error_share(self.seen.x.flatten(1))}
        if self.held_out is not None:
            found["linear/held_out"] = components.error_share(self.held_out.x.flatten(1))
        return {name: value for name, value in found.items() if math.isfinite(value)}

    @cached_property
    def _shown_first(self) -> Mapping[str, Tensor]:
        with _at_rest(self.model):
            return {name: value[:1] for name, value in self.model.shown(self.seen).items()}

    @property
    def facts(self) -> dict[str, int]:
        """Sizes: the number of features of a sample, and the width of a code if there is one."""
        found = {"features": self.seen.x[0].numel(), "rows": len(self.seen.x)}
        if self.held_out is not None:
            found["held_out_rows"] = len(self.held_out.x)
        if "codes" in self._shown_first:
            found["width"] = self._shown_first["codes"].shape[1]
        return found

    def _of_answers(self, shown: Mapping[str, Tensor], new: Mapping[str, Tensor]) -> Figures:
        if "answers" not in shown:
            return {}
        found: Figures = {}
        for name, batch, there in (("train", self.seen, shown), ("held_out", self.held_out, new)):
            if batch is not None:
                answers = there["answers"]
                found[f"answers/{name}"] = error_share(batch, answers)
                found[f"typical/{name}"] = typical_share(batch, answers, self.seen)
        codes = shown.get("codes")
        if codes is not None and codes.shape[1] >= self.seen.x[0].numel():
            mixed = shuffled(self.seen)
            found["answers/shuffled"] = error_share(mixed, self.model.shown(mixed)["answers"])
        return found | range_figures(self.seen.x, shown["answers"])

    def _of_made(self, shown: Mapping[str, Tensor]) -> Figures:
        if "made" not in shown:
            return {}
        real, made = (shown[name].flatten(1).double() for name in ("real", "made"))
        if self._likeness is None or not torch.equal(self._likeness.real, real):
            self._likeness = Likeness(real)
        found: Figures = self._likeness.figures(made)
        if "labels" in shown:
            found |= label_figures(real, made, shown["labels"])
        return found if "answers" in shown else found | range_figures(real, made)


@contextmanager
def _at_rest(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode for a while, without gradients or draws that count."""
    mode = model.training
    model.eval()
    try:
        with forked(_SEED, next(model.parameters()).device), torch.no_grad():
            yield
    finally:
        model.train(mode)


def _finite(value: Any) -> bool:
    return all(map(math.isfinite, value)) if isinstance(value, list) else math.isfinite(value)
