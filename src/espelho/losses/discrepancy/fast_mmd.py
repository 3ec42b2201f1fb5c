"""Estimates of the maximum mean discrepancy whose cost grows with the samples, not the pairs."""

import torch
from jaxtyping import Float
from torch import Tensor

from espelho.errors import DataError
from espelho.losses.discrepancy.kernels import Kernel
from espelho.losses.discrepancy.mmd import as_rows, normalized, smallest_root

__all__ = ["linear_mmd", "random_feature_mmd"]

_PAIR = 2
"""Samples of each kind that one term of the linear estimate needs."""


def linear_mmd(
    x: Tensor,
    y: Tensor,
    kernel: Kernel,
    *,
    weight: Float[Tensor, " m"] | None = None,
) -> Float[Tensor, ""]:
    """Return an estimate of MMD^2 in linear time (Gretton et al. 2012, section 6).

    The mean over disjoint pairs (1, 2), (3, 4), ... of ``k(x_1, x_2) + w_1 w_2 k(y_1, y_2) -
    w_2 k(x_1, y_2) - w_1 k(x_2, y_1)``: unbiased, of larger variance than by all pairs, and
    negative at times. Samples without a partner are left out.

    Parameters
    ----------
    x, y
        Samples ``(n, *sample)`` and ``(m, *sample)`` in random order.
    kernel
        How alike two samples are.
    weight
        Weights of y, of mean 1 over all the samples there are.

    Raises
    ------
    ShapeError
        If the samples differ in their number of features.
    DataError
        If there are less than two of a kind.

    Examples
    --------
    >>> from espelho.losses.discrepancy.kernels import Gaussian
    >>> x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [3.0]])
    >>> linear_mmd(x, y, Gaussian((1.0,)))
    tensor(0.5954)
    """
    x, y = as_rows(x, y)
    n = min(len(x), len(y)) // _PAIR * _PAIR
    if not n:
        raise DataError(
            f"The linear estimate of MMD needs at least 2 samples of each kind, got {len(x)} "
            f"and {len(y)}."
        )
    (x1, x2), (y1, y2) = ((s[0:n:2], s[1:n:2]) for s in (x, y))
    w = y.new_ones(n) if weight is None else weight[:n].to(y)
    w1, w2 = w[0::2], w[1::2]
    own = kernel(_squared(x1, x2)) + w1 * w2 * kernel(_squared(y1, y2))
    crossed = w2 * kernel(_squared(x1, y2)) + w1 * kernel(_squared(x2, y1))
    total: Tensor = (own - crossed).sum()
    return total / len(w1)


def random_feature_mmd(
    x: Tensor,
    y: Tensor,
    kernel: Kernel,
    frequencies: Float[Tensor, "k d"],
    *,
    weight: Float[Tensor, " m"] | None = None,
    root: bool = False,
) -> Float[Tensor, ""]:
    """Return an estimate of MMD^2 by random Fourier features (Rahimi and Recht 2007).

    ``||sum_i u_i phi(x_i) - sum_j v_j phi(y_j)||^2`` with ``u_i = 1 / n``, ``v_j = w_j / sum w``
    and ``phi(x) = (cos(f_1 x), sin(f_1 x), ...) sqrt(k(0) / K)`` for K frequencies: never
    negative, and the V-statistic of `mmd` in the mean over frequencies.

    Parameters
    ----------
    x, y
        Samples ``(n, *sample)`` and ``(m, *sample)``.
    kernel
        How alike two samples are.
    frequencies
        What ``kernel.frequencies`` has drawn.
    weight
        Weights of y; none for the same for all.
    root
        As in `mmd`.

    Raises
    ------
    ShapeError
        If the samples differ in their number of features.
    DataError
        If there are none of a kind.

    Examples
    --------
    >>> from espelho.losses.discrepancy.kernels import Gaussian
    >>> kernel, x = Gaussian((1.0,)), torch.tensor([[0.0], [1.0]])
    >>> random_feature_mmd(x, x + 3, kernel, kernel.frequencies(100, like=x)) > 0.5
    tensor(True)
    """
    x, y = as_rows(x, y)
    v = normalized(y, weight)
    phases_x, phases_y = x @ frequencies.t(), y @ frequencies.t()
    cosines = torch.mean(phases_x.cos(), 0) - v @ phases_y.cos()
    sines = torch.mean(phases_x.sin(), 0) - v @ phases_y.sin()
    factor = kernel.at_zero / len(frequencies)
    found: Tensor = (cosines.square().sum() + sines.square().sum()) * factor
    if not root:
        return found
    return found.clamp_min(smallest_root(kernel, x.dtype) ** 2).sqrt()


def _squared(a: Tensor, b: Tensor) -> Tensor:
    return torch.sum((a - b).square(), 1)
