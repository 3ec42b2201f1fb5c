"""Figures about samples that an estimator draws, each beside that of real data."""

from typing import Any

import numpy as np

from espelho.data.sequences import Sequences
from espelho.errors import DataError
from espelho.evaluation.comparison.compare import compare_samples
from espelho.evaluation.comparison.sets import MOST
from espelho.evaluation.reconstruction import forward
from espelho.evaluation.result import Row
from espelho.evaluation.samples import Floats, Seed, alike, as_data, as_rows, draw, take
from espelho.evaluation.verdict import Verdict
from espelho.random_variables.sampler import as_generator

__all__ = ["sample_figures"]

MOST_TRAINING_ROWS = 50_000
"""Rows learned from that samples may be copies of, drawn where there are more."""


def sample_figures(
    generator: Any, X: Any, *, X_train: Any, random_state: Seed
) -> tuple[tuple[Row, ...], Verdict]:
    """Return how samples compare with data, in the units that the network sees.

    Parameters
    ----------
    generator
        A fitted estimator with `sample`.
    X, X_train, random_state
        As `evaluate` takes them, checked.

    Raises
    ------
    DataError
        If there are too few rows, or sequences that differ in length where samples do not.
    """
    random = as_generator(random_state)
    samples = as_data(generator.sample(min(MOST, int(X.shape[0])), random_state=random))
    for data in (X, X_train):
        if isinstance(data, Sequences) > isinstance(samples, Sequences) and not data.valid.all():
            raise DataError(
                "Samples are compared with data of one shape, and these sequences differ in "
                "length."
            )
    samples, X, X_train = alike(samples, X, X_train)
    train = None if X_train is None else _scaled(generator, X_train, MOST_TRAINING_ROWS)
    found = compare_samples(
        _scaled(generator, samples, MOST),
        _scaled(generator, X, 2 * MOST),
        X_train=train,
        random_state=random,
    )
    return found.rows, Verdict(found.outcome, found.verdict)


def _scaled(generator: Any, X: Any, most: int) -> Floats:
    """Return rows of data, of more than so many an even draw, in the network's units.

    Sequences that differ in length are padded with 0 in these units, as the network sees them.
    """
    drawn = take(X, draw(int(X.shape[0]), most))
    if not isinstance(drawn, Sequences):
        return np.asarray(forward(generator, as_rows(drawn)))
    scaled = drawn.astype(np.float64).with_steps(forward(generator, drawn.steps))
    return as_rows(scaled)
