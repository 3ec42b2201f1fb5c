"""Sparsity of a model's codes: what it costs that many units are active."""

from typing import Literal

from torch import Tensor, nn

from espelho.losses.running_mean import RunningMean
from espelho.losses.sparsity import Activity, batch_mean, kl_sparsity, l1_sparsity
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
    # The value over all; the slope of this process's part, which is added to the others'.
    return own + (processes.weighted(own.detach()) - own.detach())
