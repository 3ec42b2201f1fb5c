"""Validation: what the phases' losses are on data that no update has seen."""

import torch
from torch import Tensor, nn

from espelho.training.batches import Cuts, Data
from espelho.training.environment.processes import ALONE, Processes
from espelho.training.environment.randomness import forked
from espelho.training.plan import Stage

__all__ = ["validation_terms"]

_BATCH_SIZE = 1024
_SEED = 0
"""The same noise in every epoch, so that figures differ by the weights alone."""


def validation_terms(
    model: nn.Module,
    stage: Stage,
    data: Data,
    device: torch.device,
    processes: Processes = ALONE,
) -> dict[str, float]:
    """Return the mean of every phase's terms over held-out data.

    The model is in evaluation mode meanwhile and in training mode afterwards; the
    training's random streams are not touched.

    Parameters
    ----------
    model
        The model whose phases are evaluated.
    stage
        The stage they belong to.
    data
        The held-out data.
    device
        Where the model is.
    processes
        Which processes share the data.

    Returns
    -------
    dict
        ``validation/phase/term`` -> value.
    """
    sums: dict[str, Tensor] = {}
    cuts = Cuts.shared(len(data), _BATCH_SIZE, processes)
    model.eval()
    with forked(_SEED, device), torch.no_grad():
        for batch, share in zip(data.arrange(cuts), cuts.shares, strict=True):
            n = len(batch.x) if share else 0
            processes.share = share
            for phase in stage.phases:
                for term, value in phase.loss(batch).items():
                    name = f"validation/{phase.name}/{term}"
                    weighted = value.cpu().double() * n
                    sums[name] = sums[name] + weighted if name in sums else weighted
    model.train()
    return {name: float(processes.add(value)) / len(data) for name, value in sums.items()}
