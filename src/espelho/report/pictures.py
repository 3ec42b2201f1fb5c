"""The pictures of a report, in the order of the page."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from espelho.plots import (
    plot_error_histogram,
    plot_feature_errors,
    plot_latent,
    plot_losses,
    plot_reconstructions,
    plot_sequences,
)
from espelho.plots.canvas import readable
from espelho.plots.images import image_shape
from espelho.plots.losses import losses
from espelho.report.anomalies import draw_anomalies
from espelho.report.picture import HALF, Picture, to_png
from espelho.report.progress import draw_distance, draw_progress
from espelho.report.sample_pictures import draw_map, draw_samples
from espelho.report.subject import Mirrored, Subject

SHOWN = 8


def draw_pictures(subject: Subject, progress: Path | None = None) -> Iterator[Picture]:
    """Yield the pictures of a report, in the order of the page.

    Parameters
    ----------
    subject
        What it is about.
    progress
        A folder with pictures of samples from while the model learned, if any.
    """
    if not isinstance(subject, Mirrored):
        yield from draw_samples(subject)
        yield from draw_progress(subject, progress)
        yield draw_map(subject)
        yield draw_losses(subject)
        yield from draw_distance(subject)
        return
    yield from draw_anomalies(subject)
    yield draw_reconstructions(subject)
    yield _worst(subject)
    yield from draw_samples(subject)
    yield draw_losses(subject)
    yield _latent(subject)
    yield _histogram(subject)
    yield _features(subject)


def draw_reconstructions(subject: Mirrored) -> Picture:
    """Return samples beside what came back for them."""
    n = len(subject.rows)
    chosen = np.unique(np.linspace(0, n - 1, min(n, SHOWN)).round().astype(np.intp))
    return Picture(
        _side_by_side(subject, chosen),
        "Reconstructions",
        f"Samples beside their reconstructions; {_typical(subject)}.",
        "Samples spread evenly over the data, and what came back for them.",
        wide=True,
    )


def _worst(subject: Mirrored) -> Picture:
    errors, unit = subject.sample_errors
    chosen = np.argsort(-errors, kind="stable")[:SHOWN]
    return Picture(
        _side_by_side(subject, chosen),
        "Hardest samples",
        f"The samples with the largest errors, from {readable(float(errors.max()))} {unit} "
        "down, beside their reconstructions.",
        f"The largest reconstruction errors among {subject.counted}: rare, wrong or not learned.",
        wide=True,
    )


def _side_by_side(subject: Mirrored, chosen: NDArray[np.intp]) -> bytes:
    """Draw chosen samples first, with all others behind them for means and spreads."""
    order = np.concatenate([chosen, np.setdiff1d(np.arange(len(subject.rows)), chosen)])
    names, shape = subject.names, subject.picture_shape
    tall = 2.6 if image_shape(shape) else 4.6

    def draw(ax: Axes) -> Axes:
        if subject.step_features is not None:
            pair = (subject.sequences(part, order) for part in (subject.rows, subject.answers))
            return plot_sequences(*pair, n=min(5, len(chosen)), ax=ax)
        rows, answers = subject.rows[order], subject.answers[order]
        return plot_reconstructions(
            rows, answers, sample_shape=shape, names=names, n=len(chosen), ax=ax
        )

    return to_png(draw, 7.6, tall, exact=image_shape(shape) is not None)


def draw_losses(subject: Subject) -> Picture:
    """Return the losses over the epochs."""
    estimator, history = subject.estimator, subject.estimator.history_
    found = subject.diagnosis
    marked = "".join(f" Marked: {verdict.name} since {verdict.when}." for verdict in found)
    ends = (f"{name} {readable(float(history[name][-1]))}" for name in losses(history))
    return Picture(
        to_png(lambda ax: plot_losses(history, ax, verdicts=found), *HALF),
        "Training",
        f"Losses over {estimator.n_epochs_} epochs, at the end: {', '.join(ends)}.{marked}",
        f"Losses over {estimator.n_epochs_} epochs; training ended: {estimator.stop_reason_}.",
    )


def _latent(subject: Mirrored) -> Picture:
    width = subject.codes.shape[1]
    how = "as they are" if width < 3 else f"their two principal components of {width} numbers"
    told = "" if subject.labels is None else ", coloured by label"
    new = (
        "" if subject.new_codes is None else f" Beside them {len(subject.new_codes)} drawn codes."
    )
    return Picture(
        to_png(
            lambda ax: plot_latent(subject.codes, subject.labels, ax, drawn=subject.new_codes),
            *HALF,
        ),
        "Map of codes",
        f"A map of the codes of {subject.counted}{told}.{new}",
        f"Codes of {subject.counted}: {how}{told}.{new}",
    )


def _histogram(subject: Mirrored) -> Picture:
    errors, unit = subject.sample_errors
    return Picture(
        to_png(lambda ax: plot_error_histogram(errors, ax, unit=unit), *HALF),
        "Errors of samples",
        f"Histogram of reconstruction errors; {_typical(subject)}.",
        f"Squared errors of {subject.counted}, each summed over the sample's elements.",
    )


def _features(subject: Mirrored) -> Picture:
    rows, errors, shape = subject.rows, subject.errors, subject.picture_shape
    names, unit = subject.names or None, "squared data units"
    if subject.step_features is not None:
        every = np.arange(len(rows))
        rows, errors = (np.concatenate(subject.sequences(a, every)) for a in (rows, errors))
        names = names if names and len(names) == rows.shape[1] else None
    errors = errors.mean(axis=0)
    caption = "Where in a picture the errors are, as a mean over samples."
    if image_shape(shape) is None:
        variance = rows.var(axis=0)
        errors = np.divide(errors, variance, out=np.zeros_like(errors), where=variance > 0)
        unit = "share of its variance"
        caption = "The share of each feature's variance that is lost; 1 is the constant mean."
    worst = int(errors.argmax())
    called = names[worst] if names else f"number {worst + 1}"
    return Picture(
        to_png(
            lambda ax: plot_feature_errors(errors, names, ax, shape, unit=unit),
            *(HALF if image_shape(shape) else (5.4, 1.2 + 0.22 * min(len(errors), 20))),
        ),
        "Errors of features",
        f"Mean error of each feature; the largest is that of feature {called}, "
        f"{readable(float(errors[worst]))} ({unit}).",
        caption,
    )


def _typical(subject: Mirrored) -> str:
    errors, unit = subject.sample_errors
    return f"the median error of a sample is {readable(float(np.median(errors)))} {unit}"
