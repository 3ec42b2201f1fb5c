"""Packs of sequences: read side by side, each up to its own end."""

from jaxtyping import Float, Int
from torch import Tensor, nn

from espelho.networks.sequences.recurrent import LSTMEncoder
from espelho.networks.sequences.steps import clear_padding

__all__ = ["SequenceFeatures", "side_by_side"]


class SequenceFeatures(nn.Module):
    """Features of sequences, or of packs of them that are read at once.

    Parameters
    ----------
    encoder
        From sequences ``(n, time, size * features)`` and lengths ``(n,)`` to features.
    size
        Sequences in a pack.
    """

    def __init__(self, encoder: LSTMEncoder, size: int = 1) -> None:
        super().__init__()
        self.encoder = encoder
        self._size = size

    def forward(
        self, x: Float[Tensor, "n steps features"], lengths: Int[Tensor, "n *pack"] | None = None
    ) -> Float[Tensor, "n width"]:
        """Return the features of each sequence, or pack.

        Parameters
        ----------
        x
            Padded sequences, those of a pack one after the other: ``(n, size * time, features)``.
        lengths
            Number of steps of each, ``(n,)`` or ``(n, size)``; ``None`` where none is padded.
        """
        longest = None if lengths is None else lengths.reshape(len(x), -1).amax(1)
        found: Tensor = self.encoder(side_by_side(x, lengths, self._size), longest)
        return found


def side_by_side(
    x: Float[Tensor, "n steps features"], lengths: Int[Tensor, "n *pack"] | None, size: int
) -> Float[Tensor, "n time more"]:
    """Return packs of sequences with the features of all beside each other at every step.

    Parameters
    ----------
    x, lengths
        As in `SequenceFeatures`; what stands after a sequence's own end becomes 0.
    size
        Sequences in a pack.

    Examples
    --------
    >>> import torch
    >>> side_by_side(torch.tensor([[[1.0], [2.0], [3.0], [4.0]]]), torch.tensor([[2, 1]]), 2)
    tensor([[[1., 3.],
             [2., 0.]]])
    """
    n, features = len(x), x.shape[2]
    alone = x.reshape(n * size, -1, features)
    alone = clear_padding(alone, None if lengths is None else lengths.flatten())
    return alone.reshape(n, size, -1, features).transpose(1, 2).flatten(2)
