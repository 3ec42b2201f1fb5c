"""One call that compares samples of a generator with data."""

from numpy.typing import ArrayLike

from espelho.evaluation.comparison.figures import (
    fidelity_rows,
    nearest,
    nearest_rows,
    parzen_row,
    rows_of_tests,
)
from espelho.evaluation.comparison.sets import draw_sets
from espelho.evaluation.comparison.verdict import Findings, verdict
from espelho.evaluation.result import Evaluation
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = ["compare_samples"]


def compare_samples(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    X_train: ArrayLike | None = None,
    random_state: RandomState = 0,
) -> Evaluation:
    """Compare samples of a generator with data.

    Each figure stands beside that of real data in the samples' place, which is what a perfect
    generator would get, and that of a Gaussian with the mean and covariance of the data,
    which is what a generator must beat to be worth training.

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; flattened; at least 20. Distances are Euclidean: scale columns
        that differ in units, and take features of images where pixels say little.
    X : array-like of shape (n, ...)
        Data, at best rows that training has not seen; at least 20, without `X_train` 40.
    X_train : array-like of shape (n_train, ...), optional
        What the generator was trained on. Real data and the Gaussian then come from it, and it
        shows whether samples are copies; without it both come from a random half of `X`.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are drawn, and what is random in the tests.

    Returns
    -------
    Evaluation
        Rows `mmd`, `energy`, `classifier`, `precision`, `recall`, `density`, ``coverage`` and
        `parzen`, with `X_train` also `nearer` and `copies`; a verdict in words; and an outcome:
        ``alike``, ``different`` or ``copied``.

    Raises
    ------
    DataError
        If there are too few rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Notes
    -----
    At most 2,000 rows of each are drawn, fewer where rows are very wide, and as many from each
    set, since most of the figures depend on their number; each row of the table says how many.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = compare_samples(rng.normal(size=(100, 2)), rng.normal(size=(200, 2)))
    >>> found.outcome
    'alike'
    """
    sets = draw_sets(samples, X, X_train, as_generator(random_state))
    tests, fidelity, near = tuple(rows_of_tests(sets)), tuple(fidelity_rows(sets)), nearest(sets)
    rows = {row.name: row for row in (*(test.row for test in tests), *fidelity)}
    found = Findings(
        n=sets.n,
        p_values=tuple(test.p_value for test in tests),
        accuracy=rows["classifier"].value,
        precision=rows["precision"].values,
        coverage=rows["coverage"].values,
        nearest=near.get("model"),
    )
    outcome, text = verdict(found)
    every = (*rows.values(), parzen_row(sets), *nearest_rows(sets, near))
    return Evaluation(every, sets.n, X_train is not None, verdict=text, outcome=outcome)
