"""Gathering: the rows of all processes in each, for losses that are no means over samples."""

import torch
from torch import Tensor

from espelho.training.environment.processes import current

__all__ = ["gathered", "gathered_weights"]


def gathered(x: Tensor) -> Tensor:
    """Return the rows that all processes hold of a batch, in the order of their numbers.

    The gradient goes to this process's own rows, so that what the processes have of it makes
    up the gradient of one that holds them all.

    Parameters
    ----------
    x
        This process's rows ``(n, *sample)``; a stand-in's are left out.
    """
    processes = current()
    if processes.alone:
        return x
    share = processes.share
    sizes = torch.zeros(processes.size, dtype=torch.long, device=x.device)
    sizes[processes.rank] = len(x) if share else 0
    counts = processes.add(sizes).tolist()
    start = sum(counts[: processes.rank])
    stop = start + counts[processes.rank]
    whole = x.new_zeros(sum(counts), *x.shape[1:])
    if share:
        whole[start:stop] = x.detach()
    processes.add(whole)
    if not x.requires_grad:
        return whole
    if not share:
        return whole + 0 * x.sum()
    # What the others have is added to this gradient after it was multiplied with this process's
    # share, or the mean over the processes is taken of it.
    part = processes.size if processes.divided else 1 / share
    own = whole[start:stop] + part * (x - x.detach())
    return torch.cat([whole[:start], own, whole[stop:]])


def gathered_weights(weight: Tensor | None, x: Tensor) -> Tensor | None:
    """Return the weights of the rows that all processes hold of a batch; ``None`` for alike.

    Parameters
    ----------
    weight
        Those of this process's rows.
    x
        The rows.
    """
    processes = current()
    if processes.alone:
        return weight
    if processes.divided:
        # Not all of them were multiplied with the share: where it is 1, there may be none.
        weight = x.new_ones(len(x)) if weight is None else weight
        weight = weight / (processes.share * processes.size or 1.0)
    return None if weight is None else gathered(weight)
