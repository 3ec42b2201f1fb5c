"""Past fakes: made samples that an adversary is shown again, so that it does not forget them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from espelho.errors import ShapeError

__all__ = ["PastFakes"]

_CHANCE = 0.5
"""How often an older sample is shown in the place of a new one."""


class PastFakes(nn.Module):
    """A pool of samples, some of which are shown in the place of new ones.

    Until it is full, new samples are shown and kept. From then on each is shown with a chance of
    one half; else it takes the place of one drawn from the pool, which is shown and leaves it
    (Shrivastava et al. 2017, https://arxiv.org/abs/1612.07828, one by one as in Zhu et al. 2017,
    https://arxiv.org/abs/1703.10593). So a discriminator also judges what an earlier generator
    made, and neither goes round in circles. In evaluation mode nothing is exchanged.

    The samples are buffers: a training that is resumed has the same ones. They are no statistics,
    so they are not averaged over time or over processes. Draws come from torch's random state.

    Parameters
    ----------
    size
        How many samples are kept.
    *examples
        One of each of what is kept of a sample, without the axis of samples, for its shape and
        type: the sample itself, and what belongs to it, such as its label.

    Examples
    --------
    >>> pool = PastFakes(50, torch.empty(3, 8, 8))
    >>> (shown,) = pool(torch.rand(4, 3, 8, 8))
    >>> shown.shape, pool.count
    (torch.Size([4, 3, 8, 8]), tensor(4))
    """

    count: Tensor
    remembers = True

    def __init__(self, size: int, *examples: Tensor) -> None:
        super().__init__()
        self._size = size
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        for name, example in enumerate(examples):
            self.register_buffer(f"kept_{name}", example.new_zeros(size, *example.shape))

    def forward(self, *columns: Tensor) -> tuple[Tensor, ...]:
        """Return rows of which some are older than those that came.

        Parameters
        ----------
        *columns
            New samples ``(n, *sample)`` and what belongs to them, as the examples were.
        """
        if not self.training:
            return columns
        shown, held = self._exchange(len(columns[0]))
        return tuple(
            self._exchanged(getattr(self, f"kept_{name}"), column.detach(), shown, held)
            for name, column in enumerate(columns)
        )

    def padded(self, x: Tensor) -> Tensor:
        """Return sequences ``(n, time, features)`` with as many steps as the kept ones have.

        Raises
        ------
        ShapeError
            If they have more.
        """
        n_steps = int(self.get_buffer("kept_0").shape[1])
        if x.shape[1] > n_steps:
            raise ShapeError(
                f"The pool keeps sequences of up to {n_steps} steps, as there were at first, and "
                f"these have {x.shape[1]}. Fit anew, or leave pool at 0."
            )
        return F.pad(x, (0, 0, 0, n_steps - x.shape[1]))

    def _exchange(self, n: int) -> tuple[list[int], list[int]]:
        """Draw which rows are shown, and which are held in each place afterwards.

        New rows are counted from 0 on; those of the pool are below, the last one being -1.
        """
        size, count = self._size, int(self.count)
        older, places = (torch.rand(n) < _CHANCE).tolist(), torch.randint(size, (n,)).tolist()
        shown, held = list(range(n)), list(range(-size, 0))
        for row in range(n):
            if count < size:
                held[count] = row
                count += 1
            elif older[row]:
                shown[row], held[places[row]] = held[places[row]], row
        self.count.fill_(count)
        return shown, held

    def _exchanged(self, kept: Tensor, new: Tensor, shown: list[int], held: list[int]) -> Tensor:
        found = new[[max(row, 0) for row in shown]]
        old = [i for i, row in enumerate(shown) if row < 0]
        found[old] = kept[[shown[i] for i in old]].to(new.dtype)
        filled = [place for place, row in enumerate(held) if row >= 0]
        kept[filled] = new[[held[place] for place in filled]].to(kept.dtype)
        return found
