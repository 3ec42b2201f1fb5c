"""The k-sparse restriction: the largest units of each code, and none besides."""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.errors import SettingError

__all__ = ["KSparse"]


class KSparse(nn.Module):
    """Keep the k largest units of each code and set the others to 0.

    The gradient goes through the units that were kept as it is, and not through the others
    (Makhzani and Frey 2013, https://arxiv.org/abs/1312.5663). In evaluation mode
    ``alpha k`` units are kept, rounded, at least one; all of them where there are no more.

    Parameters
    ----------
    k
        Number of units kept, at least 1.
    alpha
        What k is multiplied with in evaluation mode; the paper found that somewhat more
        than 1 can help whatever uses the codes.

    Raises
    ------
    SettingError
        If k is below 1 or alpha is not positive.

    Examples
    --------
    >>> KSparse(2)(torch.tensor([[3.0, -1.0, 2.0, 0.5]]))
    tensor([[3., 0., 2., 0.]])
    """

    diagonal_jacobian: ClassVar[bool] = True

    def __init__(self, k: int, alpha: float = 1.0) -> None:
        super().__init__()
        if k < 1 or not alpha > 0:
            raise SettingError(
                f"A k-sparse code needs k >= 1 and alpha > 0, got k={k} and alpha={alpha}."
            )
        self.k = k
        self.alpha = alpha

    def forward(self, z: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Return the codes with all but their largest units at 0."""
        k = self.k if self.training else max(1, round(self.alpha * self.k))
        if k >= z.shape[1]:
            return z
        largest = z.topk(k, dim=1, sorted=False).indices
        others = torch.ones_like(z, dtype=torch.bool).scatter_(1, largest, False)
        return z.masked_fill(others, 0.0)

    def extra_repr(self) -> str:
        """Return the settings for the module's own description."""
        return f"k={self.k}, alpha={self.alpha}"
