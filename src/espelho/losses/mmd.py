"""The maximum mean discrepancy: how far apart two samples are by a kernel.

``MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y)`` is 0 where both come from one distribution
and positive elsewhere, for kernels such as `espelho.losses.kernels` has (Gretton et al. 2012,
JMLR 13). It is no mean over samples: every sample is compared with every other.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from espelho.errors import DataError, SettingError, ShapeError
from espelho.losses.kernels import Kernel

__all__ = ["as_rows", "mmd", "normalized", "smallest_root"]

_BLOCK = 1 << 18
"""Pairs that are worked on at once, which a processor's cache holds."""

_PAIR = 2
"""Samples that the unbiased estimate needs of each kind."""


def mmd(
    x: Tensor,
    y: Tensor,
    kernel: Kernel,
    *,
    weight: Float[Tensor, " m"] | None = None,
    root: bool = False,
    unbiased: bool = False,
) -> Float[Tensor, ""]:
    """Return MMD^2 between two samples, from all pairs.

    ``sum_ij u_i u_j k(x_i, x_j) + sum_ij v_i v_j k(y_i, y_j) - 2 sum_ij u_i v_j k(x_i, y_j)``
    with ``u_i = 1 / n`` and ``v_j = w_j / sum w``: the V-statistic, never negative, and 0
    where both samples are the same. The unbiased U-statistic leaves out the pairs of a sample
    with itself: sums over ``i != j``, over ``1 - sum u_i^2`` and ``1 - sum v_j^2``. The
    gradient is derived by hand: once differentiable, with memory for one gradient.

    Parameters
    ----------
    x, y
        Samples ``(n, *sample)`` and ``(m, *sample)``.
    kernel
        How alike two samples are.
    weight
        Weights of y; none for the same for all.
    root
        Whether the square root is returned; where MMD^2 is no more than rounding, its
        slope goes no further up.
    unbiased
        Whether the estimate is the unbiased one, which may be negative.

    Raises
    ------
    ShapeError
        If the samples differ in their number of features.
    DataError
        If there are too few.
    SettingError
        If the root of the unbiased estimate is asked for.

    Examples
    --------
    >>> from espelho.losses.kernels import Gaussian
    >>> x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [3.0]])
    >>> mmd(x, y, Gaussian((1.0,)))
    tensor(0.4323)
    """
    if root and unbiased:
        raise SettingError(
            "root=True and unbiased=True cannot work together: the unbiased estimate may be "
            "negative. Leave one of them out."
        )
    x, y = as_rows(x, y)
    if unbiased and min(len(x), len(y)) < _PAIR:
        raise DataError(
            f"The unbiased MMD needs at least 2 samples of each kind, got {len(x)} and {len(y)}."
        )
    found: Tensor = _MMD.apply(x, y, normalized(y, weight), kernel, root, unbiased)
    return found


def as_rows(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return two samples as rows ``(n, d)``, in float32 at least.

    Raises
    ------
    ShapeError
        If they differ in their number of features.
    DataError
        If one of them is empty.
    """
    if not len(x) or not len(y):
        raise DataError(f"MMD compares two samples, and got {len(x)} and {len(y)} rows.")
    x, y = x.flatten(1), y.flatten(1)
    if x.shape[1] != y.shape[1]:
        raise ShapeError(
            f"MMD compares samples of the same features; the first has {x.shape[1]} and the "
            f"second {y.shape[1]}."
        )
    short = (torch.bfloat16, torch.float16)
    return (x.float() if x.dtype in short else x), (y.float() if y.dtype in short else y)


def normalized(y: Tensor, weight: Tensor | None) -> Tensor:
    """Return the weights of samples, of sum 1."""
    if weight is None:
        return y.new_full((len(y),), 1 / len(y))
    weight = weight.to(y)
    return weight / weight.sum().clamp_min(torch.finfo(y.dtype).tiny)


def smallest_root(kernel: Kernel, dtype: torch.dtype) -> float:
    """Return the root below which MMD^2 is no more than what rounding makes of 0."""
    return math.sqrt(torch.finfo(dtype).eps * kernel.at_zero)


class _MMD(torch.autograd.Function):
    """MMD^2 or its root with the gradient by hand, which the forward pass finds on its way."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        y: Tensor,
        v: Tensor,
        kernel: Kernel,
        root: bool,  # noqa: FBT001
        unbiased: bool,  # noqa: FBT001
    ) -> Tensor:
        wanted = ctx.needs_input_grad[:2]
        dx, dy = (torch.zeros_like(s) if w else None for s, w in zip((x, y), wanted, strict=True))
        u = x.new_full((len(x),), 1 / len(x))
        with torch.autocast(x.device.type, enabled=False):
            pairs = _Pairs(kernel, max(len(x), len(y)), x)
            found = pairs.within(x, u, dx, unbiased=unbiased)
            found += pairs.within(y, v, dy, unbiased=unbiased)
            found += pairs.between(x, y, u, v, (dx, dy))
        slope = 1.0
        if root:
            found = found.clamp_(min=0).sqrt_()
            slope = 0.5 / found.clamp_min(smallest_root(kernel, x.dtype))
        kept = [None if grad is None else grad.mul_(slope) for grad in (dx, dy)]
        ctx.save_for_backward(*kept)
        return found

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        dx, dy = ctx.saved_tensors
        scaled = (None if grad is None else grad * slope for grad in (dx, dy))
        return (*scaled, None, None, None, None)


class _Pairs:
    """Sums over all pairs of two samples, block by block, and their gradients.

    Parameters
    ----------
    kernel
        How alike two samples are.
    n
        The most samples of a kind.
    like
        A tensor of the type and on the device that is wanted.
    """

    def __init__(self, kernel: Kernel, n: int, like: Tensor) -> None:
        self._kernel = kernel
        self._rows = max(1, _BLOCK // n)
        self._memory = [like.new_empty(min(self._rows, n) * n) for _ in range(4)]

    def within(self, x: Tensor, u: Tensor, grad: Tensor | None, *, unbiased: bool) -> Tensor:
        """Return ``sum_ij u_i u_j k(x_i, x_j)``, and add its gradient to ``grad``."""
        own = u.square().sum() if unbiased else u.new_zeros(())
        factor = 1 / (1 - own)
        norms = _norms(x)
        total = u.new_zeros(())
        for start in range(0, len(x), self._rows):
            # The pairs above the diagonal stand for those below.
            rows, others = slice(start, start + self._rows), slice(start, None)
            a, b = x[rows], x[others]
            v = u[others] * factor
            v[len(a) :] *= 2
            buffers = self._buffers(len(a), len(b))
            squared = _squared(a, b, norms[rows], norms[others], out=buffers[0])
            squared[:, : len(a)].fill_diagonal_(0)
            grads = (None, None) if grad is None else (grad[rows], grad[others])
            total += self._add(a, b, u[rows], v, grads, buffers)
        return total - self._kernel.at_zero * own * factor

    def between(
        self, x: Tensor, y: Tensor, u: Tensor, v: Tensor, grads: tuple[Tensor | None, Tensor | None]
    ) -> Tensor:
        """Return ``-2 sum_ij u_i v_j k(x_i, y_j)``, and add its gradients to ``grads``."""
        dx, dy = grads
        x_norms, y_norms = _norms(x), _norms(y)
        total = u.new_zeros(())
        for start in range(0, len(x), self._rows):
            rows = slice(start, start + self._rows)
            buffers = self._buffers(len(x[rows]), len(y))
            _squared(x[rows], y, x_norms[rows], y_norms, out=buffers[0])
            own = (None if dx is None else dx[rows], dy)
            total += self._add(x[rows], y, u[rows], -2 * v, own, buffers)
        return total

    def _buffers(self, n: int, m: int) -> list[Tensor]:
        return [memory[: n * m].view(n, m) for memory in self._memory]

    def _add(
        self,
        a: Tensor,
        b: Tensor,
        u: Tensor,
        v: Tensor,
        grads: tuple[Tensor | None, Tensor | None],
        buffers: list[Tensor],
    ) -> Tensor:
        """Return ``sum_ij u_i v_j k(a_i, b_j)``; add its gradient by a and b to ``grads``."""
        squared, values, slopes, work = buffers
        da, db = grads
        moved = da is not None or db is not None
        self._kernel.write(squared, values, slopes if moved else None, work)
        if moved:
            slopes.mul_(v).mul_(u[:, None])
        if da is not None:
            # d k / d a_i = -2 slope_ij (a_i - b_j)
            da.addmm_(slopes, b, alpha=2).addcmul_(slopes.sum(1)[:, None], a, value=-2)
        if db is not None:
            db.addmm_(slopes.t(), a, alpha=2).addcmul_(slopes.sum(0)[:, None], b, value=-2)
        return torch.dot(u, values @ v)


def _norms(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=1).square_()


def _squared(a: Tensor, b: Tensor, a_norms: Tensor, b_norms: Tensor, *, out: Tensor) -> Tensor:
    """Write ``||a_i - b_j||^2`` of all pairs."""
    torch.addmm(b_norms, a, b.t(), alpha=-2, out=out)
    return out.add_(a_norms[:, None]).clamp_(min=0)
