"""Packs: several samples that a discriminator judges at once, with one score."""

import torch
from torch import Tensor

__all__ = ["completed", "opened", "packed", "spread", "weights_of_packs"]


def completed(x: Tensor, size: int) -> Tensor:
    """Return samples that fill all their packs: with the first ones again after the last.

    Parameters
    ----------
    x
        Samples ``(n, *sample)``.
    size
        Samples in a pack; where there are fewer, they come over and over.

    Examples
    --------
    >>> completed(torch.tensor([1, 2, 3, 4, 5]), 3)
    tensor([1, 2, 3, 4, 5, 1])
    """
    n, missing = len(x), -len(x) % size
    return x[torch.arange(n + missing, device=x.device) % n] if missing else x


def packed(x: Tensor, size: int) -> Tensor:
    """Return packs of samples, each pack's side by side along their first axis.

    Parameters
    ----------
    x
        Samples ``(k * size, d)``, images ``(k * size, channels, height, width)``, or numbers
        ``(k * size,)``.
    size
        Samples in a pack.

    Returns
    -------
    Tensor
        ``(k, size * d)``, ``(k, size * channels, height, width)``, or ``(k, size)``.
    """
    if size == 1:
        return x
    first = x.shape[1] if x.ndim > 1 else 1
    return x.reshape(-1, size * first, *x.shape[2:])


def opened(packs: Tensor, size: int) -> Tensor:
    """Return the samples of packs, what `packed` was given ``(k * size, *sample)``.

    Parameters
    ----------
    packs
        Packs of samples that have axes.
    size
        Samples in a pack.
    """
    return packs.reshape(-1, packs.shape[1] // size, *packs.shape[2:])


def spread(scores: Tensor, size: int) -> Tensor:
    """Return for every sample the score of its pack ``(k * size,)``.

    Parameters
    ----------
    scores
        Scores of packs ``(k,)``.
    size
        Samples in a pack.
    """
    return scores if size == 1 else scores.repeat_interleave(size)


def weights_of_packs(weight: Tensor | None, size: int, like: Tensor) -> Tensor | None:
    """Return what packs weigh ``(k,)``, so that a mean over packs is one over samples.

    Parameters
    ----------
    weight
        Weights of samples ``(n,)``; ``None`` for alike.
    size
        Samples in a pack.
    like
        The n samples.

    Returns
    -------
    Tensor or None
        The mean of the weights of each pack's samples. What completes a last pack weighs nothing
        in it, and all packs weigh as much more as there are more places than samples.

    Examples
    --------
    >>> weights_of_packs(torch.tensor([1.0, 3.0, 3.0]), 2, torch.zeros(3, 5))
    tensor([2.6667, 2.0000])
    """
    n, missing = len(like), -len(like) % size
    if size == 1 or (weight is None and not missing):
        return weight
    own = like.new_ones(n) if weight is None else weight
    places = torch.cat([own, own.new_zeros(missing)]).reshape(-1, size)
    return places.sum(1) * (len(places) / n)
