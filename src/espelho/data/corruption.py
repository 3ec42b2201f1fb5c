"""Corruption: samples spoiled on purpose, which a denoising autoencoder has to mend.

All draw from torch's random state, anew in every call, and leave what they are given as it
is (Vincent et al. 2008, ICML; Vincent et al. 2010, JMLR 11).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from espelho.errors import SettingError

__all__ = [
    "CORRUPTIONS",
    "Bound",
    "ColumnMasking",
    "Corruption",
    "GaussianNoise",
    "Hiding",
    "Masking",
    "SaltAndPepper",
]

Corruption = Callable[[Tensor], Tensor]
"""From samples ``(n, *sample)`` to spoiled ones of the same shape."""

Bound = float | NDArray[np.floating] | Tensor
"""One number, or one for each element of a sample."""


class Masking:
    """Set elements of each sample to 0: each with a probability, or an exact number.

    Parameters
    ----------
    share
        Probability of each element, from 0 to 1.
    count
        Number of elements of every sample, drawn without replacement, instead of a share.

    Raises
    ------
    SettingError
        Unless exactly one of the two is given, and within its bounds.

    Examples
    --------
    >>> mask = Masking(count=2)
    >>> (mask(torch.ones(3, 5)) == 0).sum(1)
    tensor([2, 2, 2])
    """

    def __init__(self, share: float | None = None, *, count: int | None = None) -> None:
        if (share is None) == (count is None):
            raise SettingError(
                f"Masking takes a share or a count, one of them; got {share=} and {count=}."
            )
        if share is not None:
            _check_share(share)
        if count is not None and count < 0:
            raise SettingError(f"The count of masked elements must be >= 0, got {count}.")
        self._share = share
        self._count = count

    def __call__(self, x: Tensor) -> Tensor:
        """Return the samples with elements set to 0.

        Raises
        ------
        SettingError
            If more elements are to be masked than a sample has.
        """
        if self._share is not None:
            return x.masked_fill(_uniform(x) < self._share, 0.0)
        rows = x.flatten(1)
        return rows.scatter(1, self._places(rows), 0.0).reshape(x.shape)

    def _places(self, rows: Tensor) -> Tensor:
        count = self._count or 0
        if count > rows.shape[1]:
            raise SettingError(
                f"Cannot mask {count} elements of samples that have {rows.shape[1]}. "
                "Give a smaller count, or a share."
            )
        return _uniform(rows).topk(count, dim=1, sorted=False).indices


class Hiding:
    """Put what stands for missing elements in the place of elements, as if they were missing.

    Each sample loses a share of its own, which is drawn between 0 and twice the one asked for
    (at most 1), so that there are samples with many gaps among those learned from, and
    with few.

    Parameters
    ----------
    share
        Mean share of the elements of a sample, from 0 to 1.
    stand_ins
        What is put there: an array of the shape of a sample.
    columns
        Of tables, where a column of categories has several elements, the column that each
        belongs to, ``(width,)``: columns are hidden whole.

    Raises
    ------
    SettingError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> hide = Hiding(0.5, torch.zeros(1000))
    >>> bool(((hide(torch.ones(500, 1000)) == 0).float().mean() - 0.5).abs() < 0.05)
    True
    """

    def __init__(
        self, share: float, stand_ins: Bound, columns: NDArray[np.int64] | None = None
    ) -> None:
        _check_share(share)
        self._share = share
        self._stand_ins = torch.as_tensor(stand_ins)
        self._columns = None if columns is None else torch.as_tensor(columns)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the samples with elements hidden."""
        width = min(self._share, 1 - self._share)
        spread = 2 * _uniform(x[(slice(None),) + (slice(1),) * (x.ndim - 1)]) - 1
        hidden = self._drawn(x) < self._share + width * spread
        return torch.where(hidden, self._stand_ins.to(x), x)

    def _drawn(self, x: Tensor) -> Tensor:
        """Return what is drawn for each element, the same for all of a column."""
        if self._columns is None:
            return _uniform(x)
        return _uniform(x.new_empty(len(x), int(self._columns.max()) + 1))[:, self._columns]


class ColumnMasking:
    """Set whole columns of tables to 0, where a column of categories has several elements.

    Parameters
    ----------
    masking
        Which columns, as if each was one element.
    columns
        The column that each element belongs to, ``(width,)``.

    Examples
    --------
    >>> mask = ColumnMasking(Masking(count=1), [0, 1, 1, 1])
    >>> set(mask(torch.ones(99, 4)).sum(1).tolist()) == {1.0, 3.0}
    True
    """

    def __init__(self, masking: Masking, columns: Sequence[int] | NDArray[np.int64]) -> None:
        self._masking = masking
        self._columns = torch.as_tensor(columns)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the samples with columns set to 0."""
        kept = self._masking(x.new_ones(len(x), int(self._columns.max()) + 1))
        return x * kept[:, self._columns]


class GaussianNoise:
    """Add a normal variable of mean 0 to every element.

    Parameters
    ----------
    sigma
        Its standard deviation, in the units that the network sees.

    Raises
    ------
    SettingError
        If the standard deviation is negative.
    """

    def __init__(self, sigma: float) -> None:
        if not sigma >= 0:
            raise SettingError(f"The noise's standard deviation must be >= 0, got {sigma}.")
        self._sigma = sigma

    def __call__(self, x: Tensor) -> Tensor:
        """Return the samples with noise added."""
        return torch.randn_like(x).mul_(self._sigma).add_(x)


class SaltAndPepper:
    """Set elements, each with a probability, to the least or the greatest value of the data.

    Which of the two is drawn with a fair coin.

    Parameters
    ----------
    share
        Probability of each element, from 0 to 1.
    low, high
        The least and the greatest value, in the units that the network sees: numbers, or
        arrays of the shape of a sample.

    Raises
    ------
    SettingError
        If the share is not between 0 and 1.
    """

    def __init__(self, share: float, low: Bound, high: Bound) -> None:
        _check_share(share)
        self._share = share
        self.set_bounds(low, high)

    def set_bounds(self, low: Bound, high: Bound) -> None:
        """Take the least and the greatest value from other data."""
        self._low = torch.as_tensor(low)
        self._high = torch.as_tensor(high)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the samples with elements at either end."""
        drawn = _uniform(x)
        low, high = self._low.to(x), self._high.to(x)
        spoiled = torch.where(drawn < self._share / 2, low, high)
        return torch.where(drawn < self._share, spoiled, x)


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise SettingError(f"A share of elements must be between 0 and 1, got {share}.")


def _uniform(x: Tensor) -> Tensor:
    # In single precision whatever the data's: the same elements are met, and bfloat16 has
    # too few values between 0 and 1.
    return torch.rand(x.shape, dtype=torch.float32, device=x.device)


def _unchanged(x: Tensor) -> Tensor:
    return x


def _nothing(_amount: float, _low: Bound, _high: Bound) -> Corruption:
    return _unchanged


def _masking(amount: float, _low: Bound, _high: Bound) -> Corruption:
    return Masking(count=amount) if isinstance(amount, int) else Masking(amount)


def _gaussian(amount: float, _low: Bound, _high: Bound) -> Corruption:
    return GaussianNoise(amount)


CORRUPTIONS: Mapping[str, Callable[[float, Bound, Bound], Corruption]] = {
    "none": _nothing,
    "masking": _masking,
    "gaussian": _gaussian,
    "salt_and_pepper": SaltAndPepper,
}
"""By name, ``(amount, low, high) -> corruption``.

The amount is the share of the elements for ``masking`` and ``salt_and_pepper``, or their
number if it is an integer for ``masking``, and the standard deviation for ``gaussian``. Low
and high are the least and the greatest value of the data.
"""
