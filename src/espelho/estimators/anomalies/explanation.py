"""Explanations: which features made a row an outlier, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.errors import ShapeError
from espelho.estimators.anomalies.strangeness import Strangeness

__all__ = ["Contribution", "Explanation", "explained", "feature_names"]

Floats = NDArray[np.float64]


class Contribution(NamedTuple):
    """What one feature adds to the strangeness of a row.

    Attributes
    ----------
    name
        The feature: a column's name, or its number; of images and sequences its place.
    value, expected
        What it is, and what the autoencoder gives back, in the data's units.
    share
        Its share of the row's strangeness, from 0 to 1 for errors.
    """

    name: str
    value: float
    expected: float
    share: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why rows score as they do: their scores, taken apart.

    Attributes
    ----------
    scores
        `AnomalyDetector.score_samples` of the rows ``(n,)``: the lower, the stranger.
    decisions
        1, or -1 for outliers, ``(n,)``.
    expected
        The rows as the autoencoder gives them back, ``x_hat``, in the data's units and before
        any rounding, of the shape of X; a list of arrays for sequences that differ in length. Of
        categories in tables there is no difference, and here and in ``residuals`` stands NaN.
    residuals
        ``x - x_hat``, likewise: above 0 where a value is more than was expected.
    contributions
        What each element adds to the strangeness, likewise. Their sum over a row, and
        ``code``, is minus its score.
    code
        What the row's code adds that is no feature's, ``(n,)``: 0 but for autoencoders whose
        codes are distributions.
    feature_names
        Names of the columns; empty where they have none.
    """

    scores: Floats
    decisions: NDArray[np.int64]
    expected: Any
    residuals: Any
    contributions: Any
    code: Floats
    feature_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[np.int64]) -> "Explanation":
        """Return the explanation of some rows, in the order of their numbers.

        Parameters
        ----------
        rows
            Numbers of the rows.
        """

        def of_rows(part: Any) -> Any:
            return [part[row] for row in rows] if isinstance(part, list) else part[rows]

        arrays = [field.name for field in fields(self) if field.name != "feature_names"]
        parts: dict[str, Any] = {name: of_rows(getattr(self, name)) for name in arrays}
        return replace(self, **parts)

    def shares(self, row: int) -> Floats:
        """Return the share that each element of a row has in its strangeness.

        Those of errors are at least 0 and add up to 1. Those of likelihoods may be below 0,
        where an element is more likely than a density of 1, and add up to 1 with that of the
        code; of a row whose strangeness is 0 they are 0.

        Parameters
        ----------
        row
            Number of the row.

        Returns
        -------
        ndarray
            The shares, of the shape of the row.
        """
        total, own = -self.scores[row], np.asarray(self.contributions[row])
        return np.divide(own, total) if total else np.zeros_like(own)

    def largest(self, row: int, n: int = 5) -> list[Contribution]:
        """Return the features that add most to the strangeness of a row, the first one most.

        Parameters
        ----------
        row
            Number of the row.
        n
            How many.
        """
        own, residual, expected = (
            np.asarray(part[row]) for part in (self.contributions, self.residuals, self.expected)
        )
        shares = self.shares(row).reshape(-1)
        order = np.argsort(-own.reshape(-1), kind="stable")[:n]
        names = feature_names(own.shape, self.feature_names)
        return [
            Contribution(
                names[i],
                float(expected.flat[i] + residual.flat[i]),
                float(expected.flat[i]),
                float(shares[i]),
            )
            for i in order.tolist()
        ]


def explained(
    detector: Any, found: Strangeness, row_shape: tuple[int, ...], *, univariate: bool
) -> Explanation:
    """Return an explanation of rows whose strangeness is known.

    Parameters
    ----------
    detector
        The fitted detector.
    found
        The strangeness of all rows.
    row_shape
        The shape that each has.
    univariate
        Whether sequences that differ in length came as ``(time_i,)``.
    """

    def like_rows(values: Floats) -> Any:
        if found.lengths is None:
            return values.reshape(-1, *row_shape)
        steps = values[:, 0] if univariate else values
        return np.split(steps, np.cumsum(found.lengths)[:-1])

    scores = -found.totals()
    return Explanation(
        scores=scores,
        decisions=np.where(scores < detector.offset_, -1, 1),
        expected=like_rows(found.values - found.residuals),
        residuals=like_rows(found.residuals),
        contributions=like_rows(found.contributions),
        code=found.code,
        feature_names=tuple(map(str, getattr(detector, "feature_names_in_", ()))),
    )


def feature_names(shape: tuple[int, ...], names: Sequence[str] = ()) -> list[str]:
    """Return what the elements of a sample are called, flattened.

    Parameters
    ----------
    shape
        Shape of the sample.
    names
        Names of the columns where they have any.

    Raises
    ------
    ShapeError
        If there are not as many names as elements.

    Examples
    --------
    >>> feature_names((2,)), feature_names((1, 2))
    (['x0', 'x1'], ['x[0, 0]', 'x[0, 1]'])
    """
    if not names:
        if len(shape) == 1:
            return [f"x{place}" for place in range(shape[0])]
        return [f"x[{', '.join(map(str, place))}]" for place in np.ndindex(shape)]
    if len(names) != prod(shape):
        raise ShapeError(f"There are {len(names)} names for {prod(shape)} features.")
    return list(names)
