"""Pictures of new samples, beside the data that they are to be like."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import pairwise_distances_argmin

from espelho.evaluation.samples import Floats
from espelho.plots import (
    plot_marginals,
    plot_new_sequences,
    plot_sample_map,
    plot_samples,
)
from espelho.plots.images import image_shape
from espelho.report.picture import HALF, Picture, to_png
from espelho.report.subject import Subject

SAMPLES = 30
COMPARED = 8
STRIPS = 4
MOST_FEATURES = 30


def draw_samples(subject: Subject) -> Iterator[Picture]:
    """Yield pictures of samples, where there are any: images, sequences, columns of a table."""
    if subject.samples is None:
        return
    if image_shape(subject.picture_shape) is not None:
        yield _grid(subject)
        yield _nearest(subject)
    elif subject.step_features is not None:
        yield _sequences(subject)
    elif subject.rows.shape[1] <= MOST_FEATURES:
        yield _marginals(subject)


def draw_map(subject: Subject) -> Picture:
    """Return a map of samples and data, in the plane in which data varies most."""
    samples = np.empty((0, subject.rows.shape[1])) if subject.samples is None else subject.samples
    rows, new = (subject.estimator.scaling_.forward(part) for part in (subject.rows, samples))
    return Picture(
        to_png(lambda ax: plot_sample_map(rows, new, ax), *HALF),
        "Map of samples",
        f"A map of {len(new)} samples over {subject.counted}.",
        f"{len(new)} new samples over {subject.counted}, in the plane of the two principal "
        "components of the data.",
    )


def _grid(subject: Subject) -> Picture:
    samples = _of(subject)[:SAMPLES]
    return Picture(
        to_png(lambda ax: _draw_grid(subject, samples, 10, ax), 7.6, 3.2, exact=True),
        "New samples",
        f"A grid of {len(samples)} samples that the model drew.",
        "New samples, in the order in which they were drawn.",
        wide=True,
    )


def _sequences(subject: Subject) -> Picture:
    n = len(subject.rows)
    data = subject.sequences(subject.rows, np.linspace(0, n - 1, STRIPS).astype(np.intp))
    new = subject.new_sequences(STRIPS)
    return Picture(
        to_png(lambda ax: plot_new_sequences(data, new, n=STRIPS, ax=ax), 7.6, 6.0),
        "New samples",
        f"{len(new)} sequences that the model drew, below {len(data)} of the data.",
        f"New sequences, in the order in which they were drawn, below some of {subject.counted} "
        "of the data.",
        wide=True,
    )


def _nearest(subject: Subject) -> Picture:
    samples = _of(subject)[:COMPARED]
    nearest = subject.rows[pairwise_distances_argmin(samples, subject.rows)]

    def draw(ax: Axes) -> Axes:
        ax = _draw_grid(subject, np.concatenate([samples, nearest]), len(samples), ax)
        low, high = sorted(ax.get_ylim())
        quarter = (high - low) / 4
        ax.set_yticks([low + quarter, high - quarter], ["new sample", "nearest in the data"])
        ax.tick_params(labelsize=10.5)
        return ax

    return Picture(
        to_png(draw, 7.6, 2.6, exact=True),
        "Nearest to new samples",
        f"{len(samples)} samples above what is nearest to each among {subject.counted}.",
        f"Each new sample above the one that is most like it of {subject.counted} of the data.",
        wide=True,
    )


def _draw_grid(subject: Subject, rows: Floats, columns: int, ax: Axes) -> Axes:
    """Draw images in the shades that the data has."""
    limits = (float(subject.rows.min()), float(subject.rows.max()))
    shape = subject.picture_shape
    return plot_samples(rows, sample_shape=shape, columns=columns, limits=limits, ax=ax)


def _marginals(subject: Subject) -> Picture:
    names, d = subject.names or None, subject.rows.shape[1]
    return Picture(
        to_png(
            lambda ax: plot_marginals(subject.rows, _of(subject), names=names, ax=ax),
            5.4,
            1.2 + 0.34 * d,
        ),
        "Features of samples",
        f"Where the middle of each of {d} features lies, in the data and in samples.",
        "The middle half and nine tenths of each feature, in the data and in new samples.",
    )


def _of(subject: Subject) -> Floats:
    if subject.samples is None:
        raise TypeError("The estimator of this report cannot sample.")
    return subject.samples
