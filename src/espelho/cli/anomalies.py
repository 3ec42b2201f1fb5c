"""Anomalies on the command line: scores, decisions and what made them, written and printed."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.cli.output import by_blocks, check_holds_sequences, write_result
from espelho.data.series.sequences import Sequences
from espelho.data.tables.table import Table as TableOfColumns

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset
    from espelho.estimators.anomalies.explanation import Explanation
    from espelho.report.anomalies import Anomalies

__all__ = ["anomalies_in", "detected", "explained"]

_SHOWN = 6
"""Rows that a report shows, the strangest."""

Table = NDArray[np.float64]


def detected(
    detector: Any, dataset: "Dataset", output: str | None, *, explain: bool
) -> NDArray[np.float64]:
    """Return the scores of data, and write them beside decisions where that is asked for.

    Parameters
    ----------
    detector
        The fitted detector.
    dataset
        The data.
    output
        The file to write.
    explain
        Whether what made each row score as it does is written too.
    """
    of_series = detector.window is not None
    if explain and output is not None and isinstance(dataset.X, Sequences) and not of_series:
        return _by_step(detector, dataset.X, output)
    scores: list[NDArray[np.float64]] = []

    def table(X: Any) -> Table:
        if not explain:
            scores.append(detector.score_samples(X))
            return np.column_stack([scores[-1], np.where(scores[-1] < detector.offset_, -1, 1)])
        why = detector.explain(X)
        scores.append(why.scores)
        parts = (part.reshape(len(why), -1) for part in (why.residuals, why.contributions))
        return np.column_stack([why.scores, why.decisions, *parts, why.code])

    parts = _tables(detector, dataset, table)
    if output is None:
        deque(parts, maxlen=0)
    else:
        names = ["score", "decision", *(_names(detector, dataset) if explain else ())]
        write_result(output, dataset.n_rows, parts, names, _dtypes(len(names)))
    return _in_table_order(dataset, np.concatenate(scores))


def _in_table_order(dataset: "Dataset", values: NDArray[Any]) -> NDArray[Any]:
    return values if dataset.series is None else dataset.series.in_table_order(values)


def explained(detector: Any, dataset: "Dataset", rows: NDArray[Any]) -> "Explanation":
    """Return what made some rows score as they do, in their order.

    Parameters
    ----------
    detector, dataset
        As in `detected`.
    rows
        Numbers of the rows.
    """
    if detector.window is not None:
        points = rows if dataset.series is None else dataset.series.points_of(rows)
        return _explain(detector, dataset.X, dataset).take(points)
    order = np.sort(rows)
    why = _explain(detector, dataset.take(order).X, dataset)
    return why.take(np.searchsorted(order, rows))


def anomalies_in(detector: Any, dataset: "Dataset") -> "Anomalies":
    """Return what a report shows of the anomalies in data.

    Parameters
    ----------
    detector, dataset
        As in `detected`.
    """
    from espelho.report.anomalies import Anomalies

    scores = detected(detector, dataset, None, explain=False)
    rows = np.argsort(scores, kind="stable")[:_SHOWN]
    why = explained(detector, dataset, rows)
    return Anomalies(scores, detector.offset_, rows, why, detector.window is not None)


def _explain(detector: Any, X: Any, dataset: "Dataset") -> "Explanation":
    whole = isinstance(X, (Sequences, TableOfColumns))
    why: Explanation = detector.explain(X if whole else np.asarray(X))
    if dataset.feature_names is None or (isinstance(X, Sequences) and detector.window is None):
        return why
    return replace(why, feature_names=tuple(dataset.feature_names))


def _tables(detector: Any, dataset: "Dataset", table: Any) -> Iterator[Table]:
    if detector.window is not None or isinstance(dataset.X, Sequences):
        X = dataset.X if isinstance(dataset.X, Sequences) else np.asarray(dataset.X)
        return iter([_in_table_order(dataset, table(X))])
    return by_blocks(dataset, table)


def _names(detector: Any, dataset: "Dataset") -> Iterator[str]:
    """Return the names of the columns that explain a row."""
    from espelho.estimators.anomalies.explanation import feature_names

    known: Any = dataset.feature_names or getattr(detector, "feature_names_in_", ())
    shape = dataset.X.shape[1:] if detector.window is None else (detector.n_features_in_,)
    features = feature_names(tuple(shape), tuple(map(str, known)))
    kinds = ("residual", "contribution")
    return chain((f"{kind} {name}" for kind in kinds for name in features), ["contribution code"])


def _by_step(detector: Any, X: Sequences, output: str) -> NDArray[np.float64]:
    """Write a row for each step of sequences: their score, and what made it."""
    check_holds_sequences(output)
    why: Explanation = detector.explain(X)
    steps = (
        np.concatenate([np.reshape(x, (len(x), -1)) for x in part])
        for part in (why.residuals, why.contributions)
    )
    places, names, _ = X.as_table()
    whole = (np.repeat(part, X.lengths) for part in (why.scores, why.decisions))
    found = np.column_stack([places[:, :2], *whole, *steps])
    kinds = ("residual", "contribution")
    titles = [*names[:2], "score", "decision", *(f"{k} {n}" for k in kinds for n in names[2:])]
    dtypes = [np.dtype(np.int64)] * 2 + _dtypes(len(titles) - 2)
    write_result(output, len(found), [found], titles, dtypes)
    return why.scores


def _dtypes(n: int) -> list[np.dtype[Any]]:
    """Return the types of a score, a decision, and what may come after them."""
    real, whole = np.dtype(np.float64), np.dtype(np.int64)
    return [real, whole, *[real] * (n - 2)]
