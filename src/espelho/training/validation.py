"""Validation: what the phases' losses are on data that no update has seen."""

import torch

from espelho.training.batches import Cuts, Data
from espelho.training.environment.processes import ALONE, Processes
from espelho.training.environment.randomness import forked
from espelho.training.plan import Stage
from espelho.training.structure import Structure
from espelho.training.weights import divide_again, is_sharded

__all__ = ["Validation"]

_BATCH_SIZE = 1024
_SEED = 0
"""The same noise in every epoch, so that figures differ by the weights alone."""


class Validation:
    """The mean of every phase's terms over held-out data.

    Parameters
    ----------
    structure
        The model whose phases are evaluated.
    stage
        The stage they belong to.
    data
        The held-out data.
    processes
        Which processes share the data.
    """

    def __init__(
        self,
        structure: Structure,
        stage: Stage,
        data: Data,
        processes: Processes = ALONE,
    ) -> None:
        self._structure = structure
        self._phases = stage.phases
        self._data = data
        like = next(iter(structure.parameters().values()))
        self._device, self._sharded = like.device, is_sharded(like)
        self._processes = processes
        self._cuts = Cuts.shared(len(data), _BATCH_SIZE, processes)

    def terms(self) -> dict[str, float]:
        """Return ``validation/phase/term`` -> value, for the weights as they are.

        The model is in evaluation mode meanwhile and in training mode afterwards; the
        training's random streams are not touched.
        """
        self._structure.train(False)
        with forked(_SEED, self._device), torch.no_grad():
            sums = self._sums()
        if self._sharded:
            divide_again(self._structure.model)
        self._structure.train()
        totals = self._processes.sums(list(sums.values()))
        n = len(self._data)
        return {name: total / n for name, total in zip(sums, totals, strict=True)}

    def _sums(self) -> dict[str, float]:
        sums: dict[str, float] = {}
        for batch, share in zip(self._data.arrange(self._cuts), self._cuts.shares, strict=True):
            n = len(batch.x) if share else 0
            self._processes.share = share
            for phase in self._phases:
                for term, value in phase.loss(batch).items():
                    name = f"validation/{phase.name}/{term}"
                    sums[name] = sums.get(name, 0.0) + value.item() * n
        return sums
