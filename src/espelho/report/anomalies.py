"""Anomalies in a report: how strange rows are, and what made the strangest so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from espelho.plots.anomalies import plot_contributions, plot_score_series, plot_scores
from espelho.plots.canvas import readable
from espelho.plots.images import image_shape
from espelho.report.picture import HALF, Picture, to_png

if TYPE_CHECKING:
    from espelho.report.subject import Mirrored

__all__ = ["Anomalies", "draw_anomalies"]


@dataclass(frozen=True)
class Anomalies:
    """What a detector found in data.

    Attributes
    ----------
    scores
        Scores of all rows ``(n,)``.
    threshold
        Rows that score less are outliers.
    rows
        Numbers of the strangest rows, the strangest one first.
    why
        The explanation of these, in this order.
    of_series
        Whether rows are the points of a series.
    """

    scores: NDArray[np.float64]
    threshold: float
    rows: NDArray[np.int64]
    why: Any
    of_series: bool = False

    @property
    def n_outliers(self) -> int:
        """How many rows are outliers."""
        return int((self.scores < self.threshold).sum())


def draw_anomalies(subject: "Mirrored") -> Iterator[Picture]:
    """Yield the pictures of what a detector found, if there was one.

    Parameters
    ----------
    subject
        What the report is about.
    """
    found = subject.anomalies
    if found is None:
        return
    n = f"{found.n_outliers:,} of {len(found.scores):,} rows are outliers"
    below = f"they score less than the threshold, {readable(found.threshold)}"
    yield Picture(
        to_png(lambda ax: plot_scores(found.scores, found.threshold, ax), *HALF),
        "Strangeness of rows",
        f"Histogram of the strangeness of rows: {n}.",
        f"{n}: {below}.",
    )
    if found.of_series:
        yield Picture(
            to_png(lambda ax: plot_score_series(found.scores, found.threshold, ax), 7.6, 2.6),
            "Strangeness over time",
            f"Curve of the strangeness of the points of the series: {n}.",
            f"Each point of the series; {n}.",
            wide=True,
        )
    for place, row in enumerate(found.rows.tolist()):
        yield _row(subject, found, place, row)


def _row(subject: "Mirrored", found: Anomalies, place: int, row: int) -> Picture:
    sequence = subject.step_features is not None and not found.of_series
    shape = None if sequence or found.of_series else subject.picture_shape
    first = found.why.largest(place, 1)[0]
    png = to_png(
        lambda ax: plot_contributions(
            found.why, place, ax, sample_shape=shape, sequence=sequence, name=f"row {row}"
        ),
        *((7.6, 3.4) if sequence else HALF if image_shape(shape) else (5.4, 4.2)),
    )
    return Picture(
        png,
        f"Strange row {place + 1}",
        f"What made row {row} strange: first of all {first.name}, which is "
        f"{readable(first.value)} where {readable(first.expected)} was expected.",
        f"Row {row} (counted from 0) scores {readable(found.scores[row])}. {first.name} has "
        f"{first.share:.0%} of its strangeness.",
        wide=sequence,
    )
