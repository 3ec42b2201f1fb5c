"""The running mean: mean activities for batches too small to have one."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.losses.penalties.sparsity import Mean, batch_mean

__all__ = ["RunningMean"]


class RunningMean(nn.Module):
    """Mean over this batch and, with falling weight, those before it.

    In training, ``m_t = (decay S_(t-1) + (1 - decay) b_t) / (1 - decay^t)`` with the batch's
    own mean ``b_t`` and ``S_t = (1 - decay^t) m_t`` kept as a buffer: an exponential average
    that the division keeps unbiased from the first batch on (Kingma and Ba 2015). The past
    is constant, so that the gradient goes through ``b_t`` alone and is ``(1 - decay) /
    (1 - decay^t)`` of what it is by the whole mean: at first all of it, later a share of
    ``1 - decay``. In evaluation mode it is the mean of the batch and nothing is kept.

    Parameters
    ----------
    width
        Number of units.
    decay
        Weight of the past, from 0 (none) to below 1.
    mean
        The mean of one batch, over several processes if there are.

    Examples
    --------
    >>> mean = RunningMean(1, decay=0.5)
    >>> mean(torch.tensor([[1.0]])), mean(torch.tensor([[4.0]]))
    (tensor([1.]), tensor([3.]))
    """

    total: Tensor
    share: Tensor

    def __init__(self, width: int, decay: float = 0.9, mean: Mean = batch_mean) -> None:
        super().__init__()
        self._decay = decay
        self._mean = mean
        self.register_buffer("total", torch.zeros(width))
        self.register_buffer("share", torch.zeros(()))

    def forward(self, values: Float[Tensor, "n d"], weight: Tensor | None = None) -> Tensor:
        """Return the mean of each unit, and remember it."""
        now = self._mean(values, weight)
        if not self.training:
            return now
        total = self._decay * self.total + (1 - self._decay) * now
        share = self._decay * self.share + (1 - self._decay)
        self.total.copy_(total.detach())
        self.share.copy_(share)
        return total / share
