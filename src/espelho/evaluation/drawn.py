"""Figures about samples that an estimator draws, each beside that of real data."""

from typing import Any

import numpy as np

from espelho.data.series.sequences import Sequences
from espelho.errors import DataError
from espelho.evaluation.codes.prediction import as_labels
from espelho.evaluation.comparison.compare import compare_samples
from espelho.evaluation.comparison.sets import MOST, Index
from espelho.evaluation.reconstruction import forward
from espelho.evaluation.result import Row
from espelho.evaluation.samples import Rows, Seed, alike, as_data, draw, take
from espelho.evaluation.verdict import Verdict
from espelho.random_variables.sampler import as_generator

__all__ = ["sample_figures"]

MOST_TRAINING_ROWS = 50_000
"""Rows learned from that samples may be copies of, drawn where there are more."""


def sample_figures(
    generator: Any,
    X: Any,
    *,
    X_train: Any,
    y: Any = None,
    y_train: Any = None,
    features: Any = None,
    random_state: Seed,
    most: int = MOST,
) -> tuple[tuple[Row, ...], Verdict]:
    """Return how samples compare with data, in the units that the network sees.

    Parameters
    ----------
    generator
        A fitted estimator with `sample`.
    X, X_train, y, y_train, features, random_state
        As `evaluate` takes them, checked.
    most
        Samples to draw, and to compare with as many rows, if these are fewer than by default.

    Raises
    ------
    DataError
        If there are too few rows, or sequences that differ in length where samples do not.
    """
    random, most = as_generator(random_state), min(MOST, most)
    samples = as_data(generator.sample(min(most, int(X.shape[0])), random_state=random))
    for data in (X, X_train):
        if isinstance(data, Sequences) > isinstance(samples, Sequences) and not data.valid.all():
            raise DataError(
                "Samples are compared with data of one shape, and these sequences differ in "
                "length."
            )
    samples, X, X_train = alike(samples, X, X_train)
    rows = draw(int(X.shape[0]), 2 * MOST)
    learned = None if X_train is None else draw(int(X_train.shape[0]), MOST_TRAINING_ROWS)
    # Sequences are no pictures, and may be longer than those learned from.
    shape = None if _makes_sequences(generator) else getattr(generator, "sample_shape_", None)
    found = compare_samples(
        forward(generator, samples),
        forward(generator, take(X, rows)),
        X_train=None if learned is None else forward(generator, take(X_train, learned)),
        y=_labels(y, rows),
        y_train=_labels(y_train, learned),
        features=_features(generator, features),
        sample_shape=shape,
        max_samples=most,
        random_state=random,
    )
    return found.rows, Verdict(found.outcome, found.verdict)


def _labels(y: Any, index: Index | None) -> Any:
    """Return labels of rows, if they are any that a classifier could learn from."""
    if y is None or index is None:
        return None
    try:
        return as_labels(y)[index]
    except DataError:
        return None


def _makes_sequences(generator: Any) -> bool:
    return getattr(generator, "n_step_features_", None) is not None


def _features(generator: Any, features: Any) -> Any:
    """Return what sees samples, in units of the data; nothing by itself sees sequences."""
    if features is None and _makes_sequences(generator):
        return "none"
    if not callable(features):
        return features

    def see(scaled: Rows) -> Any:
        values = generator.scaling_.inverse(scaled.reshape(len(scaled), -1))
        return features(np.asarray(values).reshape(scaled.shape))

    return see
