"""Sparsity of a model's codes: what it costs that many units are active."""

from typing import Literal

import torch
from torch import Tensor, nn

from espelho.losses.penalties.running_mean import RunningMean
from espelho.losses.penalties.sparsity import Activity, batch_mean, kl_sparsity, l1_sparsity
from espelho.training.environment.processes import current

__all__ = ["Sparsity"]


class Sparsity(nn.Module):
    """``coefficient`` times the Bernoulli divergence or the L1 norm of codes.

    The divergence is of the mean activity over the batch, of all processes together, and so
    no mean over samples; with a memory, over the batches before as well.

    Parameters
    ----------
    kind
        ``kl``: `kl_sparsity`. ``l1``: `l1_sparsity`.
    coefficient
        What the penalty is multiplied with.
    target
        Mean activity that the divergence is from.
    activity
        How active a unit is by its value.
    width
        Number of units.
    memory
        Weight of earlier batches in the mean activity, from 0 to below 1.
    """

    def __init__(
        self,
        kind: Literal["kl", "l1"],
        coefficient: float,
        *,
        target: float,
        activity: Activity,
        width: int,
        memory: float = 0.0,
    ) -> None:
        super().__init__()
        self._kind = kind
        self._coefficient = coefficient
        self._target = target
        self._activity = activity
        self.mean = RunningMean(width, memory, _mean_over_processes) if memory else None

    def forward(self, z: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the penalty of codes ``(n, width)``."""
        if self._kind == "l1":
            return self._coefficient * l1_sparsity(z, self._activity, weight=weight)
        mean = _mean_over_processes if self.mean is None else self.mean
        penalty = kl_sparsity(z, self._target, self._activity, weight=weight, mean=mean)
        return self._coefficient * penalty


def _mean_over_processes(values: Tensor, weight: Tensor | None = None) -> Tensor:
    own, processes = batch_mean(values, weight), current()
    if processes.alone:
        return own
    share = processes.share
    counted = float(len(values)) if weight is None else float(weight.detach().sum())
    if processes.divided and share:
        counted /= share * processes.size  # which the weights were multiplied with
    counted = counted if share else 0.0  # a stand-in
    sums = torch.cat([counted * own.detach(), own.new_tensor([counted])])
    *_, total = summed = processes.add(sums)
    # The value over all; the slope of this process's part, which the others' is added to
    # after it was multiplied with its share, or which the mean is taken of.
    part = processes.size if processes.divided else 1 / share if share else 0.0
    slope = float(counted / total) * part
    mean: Tensor = summed[:-1] / total + slope * (own - own.detach())
    return mean
