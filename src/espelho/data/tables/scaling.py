"""Scaling of tables with categories: numbers are scaled, categories become zeros with a one."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from espelho.data.gaps.moments import observed_moments
from espelho.data.scaling import Scaling, blocks, ranges
from espelho.data.tables.layout import Layout

__all__ = ["TableScaling"]


@dataclass(frozen=True, eq=False)
class TableScaling(Scaling):
    """From tables as numbers, ``(n, columns)``, to what networks see, ``(n, width)``, and back.

    Attributes
    ----------
    layout
        The columns. Categories have a shift of 0 and a scale of 1. For one that is missing stand
        the shares of all, which are the means of the zeros and ones of its group.

    Examples
    --------
    >>> import pandas as pd
    >>> layout = Layout.learn(pd.DataFrame({"work": ["yes", "no"], "age": [30, 40]}))
    >>> scaling = TableScaling.learn(np.array([[1.0, 30.0], [0.0, 40.0]]), "minmax", layout)
    >>> scaling.forward(np.array([[1.0, 35.0]]))
    array([[0.5, 0. , 1. ]])
    >>> scaling.inverse(np.array([[0.5, 0.2, 0.8]]))
    array([[ 1., 35.]])
    """

    layout: Layout = field(kw_only=True)

    @classmethod
    def learn(
        cls,
        values: NDArray[Any],
        kind: str,
        layout: Layout,
        sample_weight: NDArray[Any] | None = None,
        *,
        gaps: bool = False,
    ) -> Self:
        """Return the scaling that suits a table.

        Parameters
        ----------
        values
            The table as numbers ``(n, columns)``.
        kind, sample_weight
            As of `Scaling.fit`, for columns of numbers.
        layout
            Its layout.
        gaps
            Whether elements may be missing, as NaN.
        """
        shift, scale = np.zeros(len(layout.fields)), np.ones(len(layout.fields))
        if numbers := layout.numbers:
            found = Scaling.fit(values[:, numbers], kind, sample_weight=sample_weight, gaps=gaps)
            shift[numbers], scale[numbers] = found.shift, found.scale
        scaling = cls(kind, shift, scale, layout=layout)
        if not gaps:
            return scaling
        weight = np.ones(len(values)) if sample_weight is None else sample_weight
        means, _, _ = observed_moments(map(scaling.across_gaps, blocks(values)), weight)
        return replace(scaling, stand_ins=means)

    def across_gaps(self, values: NDArray[Any], dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return tables ``(n, columns)`` as networks see them, NaN where they are missing."""
        layout = self.layout
        found = np.zeros((len(values), layout.width), dtype=dtype)
        numbers = layout.numbers
        found[:, : len(numbers)] = (values[:, numbers] - self.shift[numbers]) / self.scale[numbers]
        start, rows = len(numbers), np.arange(len(values))
        for place, size in zip(layout.categories, layout.sizes, strict=True):
            known = ~np.isnan(values[:, place])
            found[rows[known], start + values[known, place].astype(np.int64)] = 1
            found[~known, start : start + size] = np.nan
            start += size
        return found

    def gaps(self, values: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return which elements that networks see are missing: of a group all, or none."""
        marks = super().gaps(values)
        return None if marks is None else marks[:, self.layout.columns_of_elements()]

    def inverse(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return what networks made, ``(n, width)``, as numbers: of categories the likeliest."""
        layout = self.layout
        found = np.empty((len(values), len(layout.fields)))
        numbers = layout.numbers
        scaled = values[:, : len(numbers)].astype(np.float64)
        found[:, numbers] = scaled * self.scale[numbers] + self.shift[numbers]
        start = len(numbers)
        for place, size in zip(layout.categories, layout.sizes, strict=True):
            found[:, place] = values[:, start : start + size].argmax(axis=1)
            start += size
        return found

    def bounds(self, values: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the least and the greatest value of what networks see, ``(2, width)``."""
        low, extent = ranges(values, shape)
        found = self.forward(np.stack([low, low + extent]), np.float32)
        found[:, len(self.layout.numbers) :] = np.array([[0], [1]])
        return found
