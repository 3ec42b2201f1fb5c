"""Whether a classifier can tell samples from data."""

import math
import warnings
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from espelho.errors import SettingError
from espelho.evaluation.generation.distances import compared
from espelho.evaluation.samples import Floats, draw
from espelho.random_variables.sampler import RandomState, as_generator

__all__ = ["ClassifierTest", "classifier_test"]

Index: TypeAlias = NDArray[np.intp]

FEWEST = 10


class ClassifierTest(NamedTuple):
    """How often a classifier is right about which rows are samples and which data.

    Attributes
    ----------
    accuracy : float
        Share of rows that it was right about, not having seen them: 0.5 is guessing.
    p_value : float
        Of being right as often by guessing.
    n : int
        Rows that it was asked about, half of each kind.
    """

    accuracy: float
    p_value: float
    n: int


def classifier_test(
    samples: ArrayLike,
    X: ArrayLike,
    *,
    classifier: Any = "neighbours",
    random_state: RandomState = 0,
) -> ClassifierTest:
    r"""Return how well a classifier tells samples from data.

    The classifier learns from a random half of all rows which are samples, and is asked about
    the other half; then the halves change places. Where both sets are of one kind it can only
    guess: of `n` answers in a half, as many are right as heads in `n` throws of a coin [1]_,

    .. math:: p_h = P(B \geq \text{right}_h), \quad B \sim \text{Binomial}(n, 1/2)

    and the p-value is twice the smaller of the two.

    Parameters
    ----------
    samples : array-like of shape (n_samples, ...)
        Drawn from a generator; flattened.
    X : array-like of shape (n_data, ...)
        Data. Of the larger set as many rows are drawn as the smaller one has, so that guessing
        is right for half.
    classifier : {"neighbours", "linear", "network"} or scikit-learn classifier
        Nearest neighbours (the square root of the training rows, as in [1]_), logistic
        regression, or a network with one hidden layer of 20 units, all on standardised
        columns; or a classifier of your own, which is cloned.
    random_state : int, Generator, RandomState or None, default=0
        Decides which rows are drawn, the halves, and the network.

    Returns
    -------
    ClassifierTest
        `accuracy`, `p_value` and `n`.

    Raises
    ------
    SettingError
        If there is no such classifier.
    DataError
        If either has fewer than ten rows, or values that are not finite.
    ShapeError
        If samples and data differ in size.

    Notes
    -----
    Of halves each is an exact test, and twice the smaller p-value errs on the safe side: of
    pairs of one kind it is below 5 % for 1 to 2 in 100. More folds would learn from more rows,
    but their answers depend on each other: up to 9 in 100.

    References
    ----------
    .. [1] D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = classifier_test(rng.normal(size=(50, 2)), rng.normal(3.0, size=(50, 2)))
    >>> found.accuracy > 0.9 and found.p_value < 0.001
    True
    """
    first, second = compared(samples, X, fewest=FEWEST)
    rng, n = as_generator(random_state), min(len(first), len(second))
    drawn = [rows[draw(len(rows), n, _seed(rng))] for rows in (first, second)]
    features, labels = np.concatenate(drawn).astype(np.float64), np.repeat([1, 0], n)
    model, order = _classifier(classifier, n, _seed(rng)), rng.permutation(2 * n)
    halves = (order[:n], order[n:])
    right = [_right(model, features, labels, *pair) for pair in (halves, halves[::-1])]
    chance = 2 * float(stats.binom.sf(max(right) - 1, n, 0.5))
    return ClassifierTest(sum(right) / (2 * n), min(1.0, chance), 2 * n)


def _right(model: Any, features: Floats, labels: Index, learned: Index, asked: Index) -> int:
    """Return how often a classifier that learned from some rows is right about others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # ConvergenceWarning: close is enough
        fitted = clone(model).fit(features[learned], labels[learned])
        return int((fitted.predict(features[asked]) == labels[asked]).sum())


def _classifier(classifier: Any, n_learned: int, seed: int) -> Any:
    learners: dict[str, Any] = {
        "neighbours": KNeighborsClassifier(max(1, math.isqrt(n_learned))),
        "linear": LogisticRegression(),
        "network": MLPClassifier((20,), max_iter=100, random_state=seed),
    }
    if isinstance(classifier, str) and classifier in learners:
        return make_pipeline(StandardScaler(), learners[classifier])
    if isinstance(classifier, BaseEstimator) and is_classifier(classifier):
        return classifier
    names = ", ".join(map(repr, learners))
    raise SettingError(
        f"classifier must be one of {names} or a scikit-learn classifier, got {classifier!r}."
    )


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31 - 1))
