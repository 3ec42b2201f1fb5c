"""Principal components: what a linear code of the same width leaves of the data."""

import torch
from torch import Tensor

__all__ = ["PrincipalComponents"]


class PrincipalComponents:
    """The principal components of rows.

    Parameters
    ----------
    rows
        Rows ``(n, d)``.
    width
        How many components; all there are, if it is more.
    """

    def __init__(self, rows: Tensor, width: int) -> None:
        rows = rows.double()
        self._mean = rows.mean(0)
        centred = rows - self._mean
        n, d = centred.shape
        # The smaller of both products has the same values that matter.
        if d <= n:
            vectors = torch.linalg.eigh(centred.T @ centred).eigenvectors
            self._axes = vectors[:, -width:]
        else:
            values, vectors = torch.linalg.eigh(centred @ centred.T)
            kept = values.clamp(min=0).sqrt()[-width:]
            self._axes = centred.T @ (vectors[:, -width:] / kept.clamp(min=1e-12))

    def answers(self, x: Tensor) -> Tensor:
        """Return samples ``(n, ...)`` as they come back from so many components."""
        centred = x.flatten(1).double() - self._mean
        found: Tensor = (centred @ self._axes) @ self._axes.T + self._mean
        return found.reshape(x.shape)
