"""The rows of the table: each figure of samples beside that of real data and of a Gaussian."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from espelho.evaluation.comparison.sets import Sets
from espelho.evaluation.generation.bandwidth import median_bandwidth
from espelho.evaluation.generation.classifier import classifier_test
from espelho.evaluation.generation.fidelity import (
    density_and_error,
    expected_coverage,
    precision_recall,
)
from espelho.evaluation.generation.memorisation import Memorisation, memorisation
from espelho.evaluation.generation.parzen import parzen_bandwidth, parzen_log_likelihood
from espelho.evaluation.generation.two_sample import energy_test, mmd_test
from espelho.evaluation.result import Row, readable
from espelho.evaluation.samples import Rows

PERMUTATIONS = 500
MOST_CLASSIFIED = 1000
MOST_NEAREST = 500
WIDTHS = np.logspace(-2, 0.5, 11)
"""Of Parzen windows, in root mean squares of the deviations of the columns."""


class Tested(NamedTuple):
    """A row of the table that is a test, and the p-value of the samples."""

    row: Row
    p_value: float


def rows_of_tests(sets: Sets) -> Iterator[Tested]:
    """Yield the tests of whether samples are data: MMD, energy distance, a classifier."""
    yield _mmd(sets)
    yield _energy(sets)
    yield _classifier(sets)


def fidelity_rows(sets: Sets, seen: str = "") -> Iterator[Row]:
    """Yield precision and recall, density and coverage.

    Parameters
    ----------
    sets : Sets
        Of rows, or of what is seen of them.
    seen : str, default=""
        What that is, for the labels.
    """
    found = sets.each(lambda rows: precision_recall(rows, sets.reference))
    others = sets.each(lambda rows: density_and_error(rows, sets.reference))
    third = f"{sets.n:,} rows of each, balls to the third neighbour"
    fifth = f"{sets.n:,} rows of each, balls to the fifth neighbour"
    values = {key: pair.precision for key, pair in found.items()}
    name = ("precision", f"precision{seen}", "share of samples where data is")
    yield row_beside(name, values, "higher", third + _share_error(values, sets.n), sets.n)
    values = {key: pair.recall for key, pair in found.items()}
    name = ("recall", f"recall{seen}", "share of data where samples are")
    yield row_beside(name, values, "higher", third + _share_error(values, sets.n), sets.n)
    values = {key: pair.density for key, (pair, _) in others.items()}
    name = ("density", f"density{seen}", "1 where alike, more where crowded")
    error = f"; standard error {readable(others['model'][1])}"
    yield row_beside(name, values, "", fifth + error, sets.n)
    values = {key: pair.coverage for key, (pair, _) in others.items()}
    name = ("coverage", f"coverage{seen}", "share of data with a sample nearby")
    expected = f"; {expected_coverage(sets.n, sets.n):.3f} where alike"
    note = fifth + expected + _share_error(values, sets.n)
    yield row_beside(name, values, "higher", note, sets.n)


def parzen_row(sets: Sets) -> Row:
    """Return the Parzen log-likelihood of the reference under each of the sets."""
    scale = float(np.sqrt(sets.reference.var(axis=0, dtype=np.float64).mean())) or 1.0
    validation, measured = sets.reference[: sets.n // 4], sets.reference[sets.n // 4 :]

    def log_likelihood(rows: Rows) -> Any:
        width = parzen_bandwidth(rows, validation, scale * WIDTHS)
        return parzen_log_likelihood(rows, measured, width)

    found = sets.each(log_likelihood)
    model = found["model"]
    note = (
        f"{len(measured):,} rows under {sets.n:,} samples, standard error "
        f"{readable(model.standard_error)}, bandwidth {readable(model.bandwidth)} chosen on "
        f"{len(validation):,} others; blur raises it, so it may exceed that of real data"
    )
    name = ("parzen", "Parzen log-likelihood", "nats")
    values = {key: parzen.mean for key, parzen in found.items()}
    return row_beside(name, values, "higher", note, len(measured))


def nearest(sets: Sets) -> dict[str, Memorisation]:
    """Return how near each set is to the training rows, beside the reference."""
    if sets.train is None:
        return {}
    held_out = sets.reference[:MOST_NEAREST]
    others = {name: rows for name, rows in sets.columns.items() if name != "real"}
    measure = partial(memorisation, X_train=sets.train, X=held_out)
    return {name: measure(rows[:MOST_NEAREST]) for name, rows in others.items()}


def nearest_rows(sets: Sets, found: dict[str, Memorisation]) -> Iterator[Row]:
    """Yield what is known of copies; nothing without training rows."""
    if sets.train is None:
        return
    rows = min(sets.n, MOST_NEAREST)
    note = f"{rows:,} samples and held-out rows, {len(sets.train):,} training rows"
    yield row_beside(
        ("nearer", "nearer to training rows", "share of pairs, 0.5 where alike"),
        {name: one.nearer for name, one in found.items()} | {"real": 0.5},
        "",
        f"{note}; nearer than a held-out row; {found['model'].z:+.1f} standard errors from 0.5, "
        "negative where nearer",
        rows,
    )
    yield row_beside(
        ("copies", "copies of training rows", "share of samples"),
        {name: one.copies for name, one in found.items()}
        | {"real": found["model"].held_out_copies},
        "",
        f"{note}; within a tenth of the median distance of held-out rows",
        rows,
    )


def _mmd(sets: Sets) -> Tested:
    width = median_bandwidth(sets.columns["model"], sets.reference)
    test = partial(mmd_test, X=sets.reference, bandwidth=width, random_state=sets.seed)
    found = test(sets.columns["model"], n_permutations=PERMUTATIONS)
    values = _beside(sets, found.statistic, test)
    interval = f"95 % interval {readable(found.low)} to {readable(found.high)}"
    note = f"{_exchanged(sets, found.p_value)}; {interval}; kernel width {readable(width)}"
    name = ("mmd", "squared MMD, unbiased", "around 0 where alike")
    return Tested(row_beside(name, values, "", note, sets.n), found.p_value)


def _energy(sets: Sets) -> Tested:
    test = partial(energy_test, X=sets.reference, random_state=sets.seed)
    found = test(sets.columns["model"], n_permutations=PERMUTATIONS)
    values = _beside(sets, found.statistic, test)
    name = ("energy", "energy distance", "units of the data")
    row = row_beside(name, values, "", _exchanged(sets, found.p_value), sets.n)
    return Tested(row, found.p_value)


def _classifier(sets: Sets) -> Tested:
    reference = sets.reference[:MOST_CLASSIFIED]
    test = partial(classifier_test, classifier="network", random_state=sets.seed)
    found = sets.each(lambda rows: test(rows[:MOST_CLASSIFIED], reference))
    chance = found["model"].p_value
    note = f"a small network, {len(reference):,} rows of each; p = {readable(chance)} by guessing"
    name = ("classifier", "told apart by a classifier", "share, 0.5 where alike")
    values = {key: one.accuracy for key, one in found.items()}
    return Tested(row_beside(name, values, "", note, len(reference)), chance)


def _beside(sets: Sets, statistic: float, test: Callable[..., Any]) -> dict[str, float]:
    """Return the statistic of the model beside those of the others, which need no p-value."""
    others = {name: rows for name, rows in sets.columns.items() if name != "model"}
    return {"model": statistic} | {
        name: test(rows, n_permutations=0).statistic for name, rows in others.items()
    }


def _exchanged(sets: Sets, chance: float) -> str:
    return f"{sets.n:,} rows of each; p = {readable(chance)} by {PERMUTATIONS} exchanges"


def _share_error(values: dict[str, float], n: int) -> str:
    """Return the standard error of a share, which none and all of the rows have too."""
    share = (n * values["model"] + 1) / (n + 2)
    return f"; standard error {readable(math.sqrt(share * (1 - share) / n))}"


def row_beside(
    name: tuple[str, str, str],
    values: dict[str, float],
    better: str,
    note: str,
    n_samples: int | None = None,
) -> Row:
    """Return the figure of the model beside those of real data and of the Gaussian."""
    others = dict(values)
    return Row(*name, others.pop("model"), others, better, note, n_samples=n_samples)
