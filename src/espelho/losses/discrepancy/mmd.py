"""The maximum mean discrepancy: how far apart two samples are by a kernel.

``MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y)`` is 0 where both come from one distribution
and positive elsewhere, for kernels such as `espelho.losses.discrepancy.kernels` has (Gretton et
al. 2012, JMLR 13). It is no mean over samples: every sample is compared with every other.
"""

import math
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from espelho.errors import DataError, SettingError, ShapeError
from espelho.losses.discrepancy.kernels import Kernel

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
    >>> from espelho.losses.discrepancy.kernels import Gaussian
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
    found: Tensor = _MMD.apply(x, y, normalized(y, weight), _How(kernel, root, unbiased))
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


class _How(NamedTuple):
    """What is computed: by which kernel, whether its root, by which estimate."""

    kernel: Kernel
    root: bool
    unbiased: bool


class _MMD(torch.autograd.Function):
    """MMD^2 or its root with the gradient by hand, which the forward pass finds on its way."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, v: Tensor, how: _How) -> Tensor:
        u = x.new_full((len(x),), 1 / len(x))
        wanted_x, wanted_y = ctx.needs_input_grad[:2]
        a, b = _side(x, u, wanted=wanted_x), _side(y, v, wanted=wanted_y)
        with torch.autocast(x.device.type, enabled=False):
            pairs = _Pairs(how.kernel, max(len(x), len(y)), x)
            found = pairs.within(a, unbiased=how.unbiased) + pairs.within(b, unbiased=how.unbiased)
            found += pairs.between(a, b)
        slope: Tensor | float = 1.0
        if how.root:
            found = found.clamp_(min=0).sqrt_()
            slope = 0.5 / found.clamp_min(smallest_root(how.kernel, x.dtype))
        kept = [None if side.grad is None else side.grad.mul_(slope) for side in (a, b)]
        ctx.save_for_backward(*kept)
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        scaled = (None if grad is None else grad * slope for grad in ctx.saved_tensors)
        return (*scaled, None, None)


class _Side(NamedTuple):
    """One of the two samples: rows, their squared norms and weights, and their gradient."""

    rows: Tensor
    norms: Tensor
    weights: Tensor
    grad: Tensor | None

    def part(self, which: slice) -> "_Side":
        grad = None if self.grad is None else self.grad[which]
        return _Side(self.rows[which], self.norms[which], self.weights[which], grad)


def _side(x: Tensor, weights: Tensor, *, wanted: bool) -> _Side:
    norms = torch.linalg.vector_norm(x, dim=1).square_()
    return _Side(x, norms, weights, torch.zeros_like(x) if wanted else None)


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
        self._step = max(1, _BLOCK // n)
        self._memory = [like.new_empty(min(self._step, n) * n) for _ in range(4)]

    def within(self, side: _Side, *, unbiased: bool) -> Tensor:
        """Return ``sum_ij u_i u_j k(x_i, x_j)``, and add its gradient to the side's."""
        u = side.weights
        own = u.square().sum() if unbiased else u.new_zeros(())
        factor = 1 / (1 - own)
        total = u.new_zeros(())
        for start in range(0, len(u), self._step):
            # The pairs above the diagonal stand for those below.
            a, b = side.part(slice(start, start + self._step)), side.part(slice(start, None))
            v = b.weights * factor
            v[len(a.rows) :] *= 2
            total += self._add(a, b._replace(weights=v), same=True)
        return total - self._kernel.at_zero * own * factor

    def between(self, a: _Side, b: _Side) -> Tensor:
        """Return ``-2 sum_ij u_i v_j k(x_i, y_j)``, and add its gradients to the sides'."""
        b = b._replace(weights=-2 * b.weights)
        total = a.weights.new_zeros(())
        for start in range(0, len(a.rows), self._step):
            total += self._add(a.part(slice(start, start + self._step)), b)
        return total

    def _add(self, a: _Side, b: _Side, *, same: bool = False) -> Tensor:
        """Return ``sum_ij u_i v_j k(a_i, b_j)``, and add its gradients to the sides'."""
        n, m = len(a.rows), len(b.rows)
        squared, values, slopes, work = (memory[: n * m].view(n, m) for memory in self._memory)
        _write_squared(a, b, squared)
        if same:
            squared[:, :n].fill_diagonal_(0)
        moved = a.grad is not None or b.grad is not None
        self._kernel.write(squared, values, slopes if moved else None, work)
        if moved:
            slopes.mul_(b.weights).mul_(a.weights[:, None])
            _add_gradient(a, b, slopes)
            _add_gradient(b, a, slopes.t())
        return torch.dot(a.weights, values @ b.weights)


def _write_squared(a: _Side, b: _Side, out: Tensor) -> None:
    """Write ``||a_i - b_j||^2`` of all pairs."""
    torch.addmm(b.norms, a.rows, b.rows.t(), alpha=-2, out=out)
    out.add_(a.norms[:, None]).clamp_(min=0)


def _add_gradient(a: _Side, b: _Side, slopes: Tensor) -> None:
    """Add ``-2 sum_j slope_ij (a_i - b_j)``, the slopes being minus those of the kernel."""
    if a.grad is not None:
        a.grad.addmm_(slopes, b.rows, alpha=2)
        a.grad.addcmul_(slopes.sum(1)[:, None], a.rows, value=-2)
