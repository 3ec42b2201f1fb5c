"""One call that compares samples of a generator with data."""

from numpy.typing import ArrayLike

from espelho.errors import SettingError
from espelho.evaluation.comparison.features import is_image, labelled_rows, see
from espelho.evaluation.comparison.figures import (
    fidelity_rows,
    nearest,
    nearest_rows,
    parzen_row,
    rows_of_tests,
)
from espelho.evaluation.comparison.image_figures import feature_rows, level_rows
from espelho.evaluation.comparison.sets import FEWEST, MOST, draw_sets
from espelho.evaluation.comparison.verdict import Findings, verdict
from espelho.evaluation.images.extraction import Extractor
from espelho.evaluation.images.layout import Shape, shape_of
from espelho.evaluation.result import Evaluation
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = ["compare_samples"]


def compare_samples(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    X_train: ArrayLike | None = None,
    y: ArrayLike | None = None,
    y_train: ArrayLike | None = None,
    features: str | Extractor | None = None,
    sample_shape: Shape | None = None,
    max_samples: int = MOST,
    random_state: RandomState = 0,
) -> Evaluation:
    """Compare samples of a generator with data.

    Each figure stands beside that of real data in the samples' place, which is what a perfect
    generator would get, and that of a Gaussian with the mean and covariance of the data,
    which is what a generator must beat to be worth training.

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; at least 20. Images are ``(n, height, width)``, or have channels
        first or last, and at least 4 x 4 pixels; whatever is larger than a row is flattened
        otherwise. Distances are Euclidean: scale columns that differ in units.
    X : array-like of shape (n, ...)
        Data, at best rows that training has not seen; at least 20, without `X_train` 40.
    X_train : array-like of shape (n_train, ...), optional
        What the generator was trained on. Real data and the Gaussian then come from it, and it
        shows whether samples are copies; without it both come from a random half of `X`.
    y, y_train : array-like of shape (n,) and (n_train,), optional
        Classes of `X` and of `X_train`: of either, a small classifier can be trained.
    features : {"classifier", "random", "none"} or callable, optional
        What images are seen through, where pixels say little: that classifier,
        `ClassifierFeatures`; a network of random weights, `RandomFeatures`; nothing; or a
        function of your own from samples ``(n, ...)`` to features ``(n, d)``. By default of
        images the classifier, where there are classes, or else the random network; of other
        rows nothing.
    sample_shape : tuple of int, optional
        Shape of one image, where rows are flat.
    max_samples : int, default=2000
        Rows of each that are drawn at most. Fewer are faster and less sure; a classifier that
        samples are seen through then learns from fewer rows as well.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are drawn, and what is random in the tests.

    Returns
    -------
    Evaluation
        Rows `mmd`, `energy`, `classifier`, `precision`, `recall`, `density`, ``coverage`` and
        `parzen`, with `X_train` also `nearer` and `copies`; a verdict in words; and an outcome:
        ``alike``, ``different`` or ``copied``. With features also `frechet` and `kernel`, and
        precision to coverage are then about features; of images also one row
        ``sliced_HEIGHTxWIDTH`` for each resolution.

    Raises
    ------
    DataError
        If there are too few rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.
    SettingError
        If there are no such features, no labels for a classifier, or `max_samples` is below 20.

    Notes
    -----
    Fewer rows are drawn than `max_samples` where rows are very wide, and as many from each set,
    since most of the figures depend on their number; each row of the table says how many.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = compare_samples(rng.normal(size=(100, 2)), rng.normal(size=(200, 2)))
    >>> found.outcome
    'alike'
    """
    shape = shape_of(X, sample_shape)
    if max_samples < FEWEST:
        raise SettingError(f"max_samples must be at least {FEWEST}, got {max_samples}.")
    sets = draw_sets(samples, X, X_train, as_generator(random_state), max_samples)
    seen = see(sets, shape, features, labelled_rows(sets, (X, y), (X_train, y_train)))
    tests, near = tuple(rows_of_tests(sets)), nearest(sets)
    fidelity = tuple(fidelity_rows(sets) if seen is None else feature_rows(seen))
    levels = level_rows(sets, shape) if seen is not None and is_image(shape) else ()
    rows = {row.name: row for row in (*(test.row for test in tests), *fidelity, *levels)}
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
