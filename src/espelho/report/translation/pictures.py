"""The pictures of a report about a translator."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from espelho.estimators.data.samples import spread
from espelho.estimators.translators.pictures import COLUMNS, Line, grid, lines
from espelho.plots.canvas import bare
from espelho.report.picture import Picture, to_png
from espelho.report.pictures import draw_losses
from espelho.report.progress import draw_progress
from espelho.report.subject import Translated

__all__ = ["draw_translations"]

_WIDTH = 7.6


def draw_translations(subject: Translated, progress: Path | None) -> Iterator[Picture]:
    """Yield the pictures of a report, in the order of the page.

    Parameters
    ----------
    subject
        What it is about.
    progress
        A folder with pictures of translations from while the model learned, if any.
    """
    estimator = subject.estimator
    if estimator.domain_A_.is_image and estimator.domain_B_.is_image:  # type: ignore[attr-defined]
        yield _translations(subject)
    yield from draw_progress(subject, progress)
    yield draw_losses(subject)


def _translations(subject: Translated) -> Picture:
    A, B = (X[spread(len(X), COLUMNS)] for X in (subject.X, subject.B))
    found = lines(subject.estimator, A, B)  # type: ignore[arg-type]
    picture = grid(found)
    names = ", ".join(line.name for line in found)
    return Picture(
        to_png(lambda ax: _draw(picture, found, ax), _WIDTH, 1.05 * len(found), exact=True),
        "Translations",
        f"{len(A)} samples and what became of them, in lines: {names}.",
        f"From top to bottom: {names}; spread evenly over the samples that figures are of.",
        wide=True,
    )


def _draw(picture: NDArray[np.uint8], found: list[Line], ax: Axes) -> Axes:
    shown = np.moveaxis(picture, 0, -1) if picture.ndim == 3 else picture
    ax = bare(ax)
    ax.imshow(shown.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    height = len(shown) / len(found)
    places = [(number + 0.5) * height for number in range(len(found))]
    ax.set(xticks=[])
    ax.set_yticks(places, [line.name for line in found])
    ax.tick_params(length=0, labelsize=10.5)
    return ax
