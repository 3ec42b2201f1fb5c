"""Steps of sequences that differ in length, padded at the end to one tensor.

``lengths`` says how many steps of each sequence are its own: at least 1, at most all. Whoever
pads checks that; here a wrong length is read as it is.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["clear_padding", "last_step", "reverse_steps", "valid_steps"]


def valid_steps(lengths: Int[Tensor, " n"], n_steps: int) -> Bool[Tensor, "n time"]:
    """Return which of ``n_steps`` steps are a sequence's own, and not padding.

    Parameters
    ----------
    lengths
        Number of steps of each sequence.
    n_steps
        Number of steps of the padded tensor.

    Examples
    --------
    >>> valid_steps(torch.tensor([1, 3]), 3)
    tensor([[ True, False, False],
            [ True,  True,  True]])
    """
    return torch.arange(n_steps, device=lengths.device) < lengths.unsqueeze(1)


def clear_padding(
    x: Float[Tensor, "n time features"], lengths: Int[Tensor, " n"] | None
) -> Float[Tensor, "n time features"]:
    """Return sequences with 0 at every padded step, whatever stood there.

    Parameters
    ----------
    x
        Padded sequences.
    lengths
        Number of steps of each; ``None`` where none is padded.
    """
    if lengths is None:
        return x
    return x.masked_fill(~valid_steps(lengths, x.shape[1]).unsqueeze(2), 0.0)


def last_step(
    x: Float[Tensor, "n time features"], lengths: Int[Tensor, " n"] | None
) -> Float[Tensor, "n features"]:
    """Return each sequence's own last step.

    Parameters
    ----------
    x
        Padded sequences.
    lengths
        Number of steps of each; ``None`` where none is padded.
    """
    if lengths is None:
        return x[:, -1]
    return x[torch.arange(x.shape[0], device=x.device), lengths - 1]


def reverse_steps(
    x: Float[Tensor, "n time features"], lengths: Int[Tensor, " n"] | None
) -> Float[Tensor, "n time features"]:
    """Return each sequence backwards; padded steps stay where they are.

    Parameters
    ----------
    x
        Padded sequences.
    lengths
        Number of steps of each; ``None`` where none is padded.

    Examples
    --------
    >>> x = torch.tensor([[1.0, 0.0, 0.0], [1.0, 2.0, 3.0]]).unsqueeze(2)
    >>> reverse_steps(x, torch.tensor([1, 3])).squeeze(2)
    tensor([[1., 0., 0.],
            [3., 2., 1.]])
    """
    if lengths is None:
        return x.flip(1)
    steps = torch.arange(x.shape[1], device=x.device)
    mirrored = lengths.unsqueeze(1) - 1 - steps
    rows = torch.arange(x.shape[0], device=x.device).unsqueeze(1)
    return x[rows, torch.where(mirrored >= 0, mirrored, steps)]
