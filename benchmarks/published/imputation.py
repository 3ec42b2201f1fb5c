"""IM: values hidden from tables, filled by an autoencoder, neighbours, regressions, means.

Of each table, or of 2,000 of its rows, a fifth is set aside; of all rows 10, 30 or 50 % of the
values are hidden completely at random. What fills them learns from the other rows and fills those
set aside. The figure is the root mean squared error of what was hidden there, in standard
deviations of each column, of what the rows to learn from show of it. The preset and the share that
training hides were chosen on other tables: docs/concepts/missing.md.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

import espelho
from benchmarks.data import data_folder
from benchmarks.published.result import Result

__all__ = ["im"]

Floats = NDArray[np.float64]

SEEDS = (0, 1, 2)
SHARES = (0.1, 0.3, 0.5)
MOST_ROWS = 2_000


class Hidden(NamedTuple):
    """A table with values hidden: in standard units of what is left of it."""

    whole: Floats
    seen: Floats
    hidden: NDArray[np.bool_]
    n_train: int

    def error(self, method: Any) -> float:
        """Return the error of a method on the rows that it did not learn from."""
        n = self.n_train
        filled = method.fit(self.seen[:n]).transform(self.seen[n:])
        return float(np.sqrt(np.mean(np.square(filled - self.whole[n:])[self.hidden[n:]])))


class Mirror:
    """An autoencoder as an imputer."""

    def __init__(self, **settings: Any) -> None:
        self._model = espelho.Autoencoder(**settings)

    def fit(self, X: Floats) -> "Mirror":
        """Learn from rows with gaps."""
        self._model.fit(X)
        return self

    def transform(self, X: Floats) -> Floats:
        """Fill the gaps."""
        filled: Floats = self._model.impute(X)
        return filled


METHODS: Mapping[str, Callable[[int], Any]] = {
    "means": lambda _: SimpleImputer(keep_empty_features=True),
    "KNNImputer": lambda _: KNNImputer(keep_empty_features=True),
    "IterativeImputer": lambda seed: IterativeImputer(random_state=seed, keep_empty_features=True),
    "espelho, defaults": lambda seed: Mirror(missing="mask", random_state=seed),
    "espelho": lambda seed: Mirror(**espelho.preset("imputation", random_state=seed)),
}
"""The last one is what the row is about."""


def im() -> Iterator[Result]:
    """Fill three tables by four methods, and compare the errors of what was hidden."""
    torch.set_num_threads(1)
    for name, read in TABLES.items():
        for share in SHARES:
            errors = {
                method: float(np.mean([hide(read(), share, s).error(make(s)) for s in SEEDS]))
                for method, make in METHODS.items()
            }
            own = errors.pop("espelho")
            others = ", ".join(f"{method} {error:.3f}" for method, error in errors.items())
            yield Result(
                f"{name} {read().shape}, {share:.0%} hidden",
                "error of hidden values in standard deviations, rows set aside, three seeds",
                others,
                own,
                own < min(errors.values()),
                None,
            )


def hide(X: Floats, share: float, seed: int) -> Hidden:
    """Return a table in another order of rows with a share of its values hidden."""
    rng = np.random.default_rng([seed, int(100 * share)])
    X = rng.permutation(X)[:MOST_ROWS]
    hidden = rng.random(X.shape) < share
    n_train = len(X) * 4 // 5
    seen = np.where(hidden, np.nan, X)
    mean, deviation = np.nanmean(seen[:n_train], axis=0), np.nanstd(seen[:n_train], axis=0)
    deviation[deviation == 0] = 1.0
    return Hidden((X - mean) / deviation, (seen - mean) / deviation, hidden, n_train)


def _cancer() -> Floats:
    X: Floats = load_breast_cancer().data
    return X


def _without_last(name: str) -> Floats:
    """Return a table of the data folder, whose last column is no measurement but a verdict."""
    with (data_folder() / "tabular" / name).open(encoding="utf-8") as file:
        return np.array([[float(cell) for cell in row[:-1]] for row in csv.reader(file)])


TABLES: Mapping[str, Callable[[], Floats]] = {
    "breast cancer": cache(_cancer),
    "white wines": cache(lambda: _without_last("winequality-white.csv")),
    "mammography": cache(lambda: _without_last("mammography.csv")),
}
