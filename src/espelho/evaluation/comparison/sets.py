"""What is compared with the data: samples, real data, and draws from a Gaussian."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from espelho.evaluation.generation.distances import checked, compared
from espelho.evaluation.samples import Floats, Rows

Index: TypeAlias = NDArray[np.intp]

FEWEST = 20
MOST = 2000
MOST_ELEMENTS = 40_000_000  # 320 MB in float64


@dataclass(frozen=True)
class Sets:
    """Sets of rows, all as many, in one order for everybody.

    Attributes
    ----------
    columns : mapping of str to ndarray of shape (n, d)
        ``model``: the samples; ``real``: data in their place; ``gaussian``: draws from the
        Gaussian that has the mean and covariance of the data.
    reference : ndarray of shape (n, d)
        The data that each of them is compared with.
    train : ndarray of shape (n_train, d) or None
        All that the generator was trained on, if that is known.
    seed : int
        Of what is random in the figures.
    drawn_data, drawn_train : ndarray of int
        Which rows of the data, and of the training data, are in one of the sets.
    share : float
        Part of the usual number of rows that may be drawn at most.
    """

    columns: Mapping[str, Rows]
    reference: Rows
    train: Rows | None
    seed: int
    drawn_data: Index
    drawn_train: Index
    share: float = 1.0

    @property
    def n(self) -> int:
        """Number of rows in each."""
        return len(self.reference)

    def each(self, measure: Callable[[Rows], Any]) -> dict[str, Any]:
        """Return what is measured of each column."""
        return {name: measure(rows) for name, rows in self.columns.items()}


def draw_sets(
    samples: Any, X: Any, X_train: Any, rng: np.random.Generator, max_samples: int = MOST
) -> Sets:
    """Return the sets to compare, drawn without replacement.

    Real data and the Gaussian come from `X_train`, or from a random half of `X` that is then
    no part of the reference.

    Parameters
    ----------
    samples, X, X_train
        As `compare_samples` takes them.
    rng : Generator
        Decides which rows are drawn.
    max_samples
        Rows of each at most.

    Raises
    ------
    DataError
        If there are too few rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.
    """
    drawn, data = compared(samples, X, fewest=FEWEST)
    if X_train is None:
        order = rng.permutation(len(checked(data, "X", 2 * FEWEST)))
        source, held, own = data, order[::2], order[1::2]
    else:
        data, source = compared(data, X_train, ("X", "X_train"), FEWEST)
        held, own = np.arange(len(data)), np.arange(len(source))
    most = max(FEWEST, min(max_samples, MOST_ELEMENTS // data.shape[1]))
    n = min(len(drawn), len(held), len(own), most)
    model = drawn[_some(np.arange(len(drawn)), n, rng)]
    real = _some(own, n, rng)
    gaussian = gaussian_like(source[_some(own, most, rng)], n, rng)
    reference = _some(held, n, rng)
    seed, none = int(rng.integers(2**31 - 1)), np.arange(0)
    return Sets(
        {"model": model, "real": source[real], "gaussian": gaussian},
        data[reference],
        None if X_train is None else source,
        seed,
        np.concatenate([reference, real]) if X_train is None else reference,
        none if X_train is None else real,
        min(1.0, max_samples / MOST),
    )


def gaussian_like(rows: Rows, n: int, rng: np.random.Generator) -> Floats:
    r"""Return draws from the Gaussian with the mean and covariance of some rows.

    .. math:: \bar x + \frac1{\sqrt{m - 1}} \sum_{i=1}^m w_i (x_i - \bar x), \quad
        w_i \sim \mathcal N(0, 1)

    has the covariance of the `m` rows, without the matrix.

    Parameters
    ----------
    rows : ndarray of shape (m, d)
        At least two.
    n : int
        How many draws.
    rng : Generator
        What they are drawn from.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    weights = rng.normal(size=(n, len(rows))) / math.sqrt(len(rows) - 1)
    return np.asarray(mean + weights @ (rows - mean))


def _some(numbers: Index, n: int, rng: np.random.Generator) -> Index:
    return numbers[rng.choice(len(numbers), min(n, len(numbers)), replace=False)]
