"""Pictures of what a protocol found, written beside its figures."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from espelho.plots.canvas import ACCENT, INK, REFERENCE, bare, canvas, legend
from espelho.plots.images import mosaic

__all__ = ["PICTURES", "draw_images", "draw_scores", "save", "write_rows"]

PICTURES = Path("benchmarks/results/pictures")


def write_rows(name: str, rows: Sequence[NDArray[np.uint8]]) -> None:
    """Write rows of as many images, grey or in colours, as ``NAME.png``."""
    from PIL import Image

    strips = [np.concatenate(list(_coloured(images)), axis=1) for images in rows]
    picture = np.concatenate(strips)
    PICTURES.mkdir(parents=True, exist_ok=True)
    size = (2 * picture.shape[1], 2 * picture.shape[0])
    Image.fromarray(picture).resize(size, Image.Resampling.NEAREST).save(PICTURES / f"{name}.png")


def _coloured(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images ``(n, height, width, 3)``."""
    channels = images[:, None] if images.ndim == 3 else images
    return np.broadcast_to(channels, (len(images), 3, *channels.shape[2:])).transpose(0, 2, 3, 1)


def save(name: str, draw: Callable[[Axes], object], width: float, height: float) -> None:
    """Write what a function draws on axes of that size, in inches, as ``NAME.png``."""
    figure = Figure((width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.add_subplot())
    PICTURES.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURES / f"{name}.png")


def draw_images(ax: Axes, rows: Mapping[str, NDArray[np.generic]]) -> None:
    """Draw rows of images ``(n, height, width)`` in 0..255, each row under its name."""
    tiles = [images.astype(np.float64) / 255 for images in rows.values()]
    picture = mosaic(tiles)
    ax = bare(canvas(ax))
    ax.imshow(
        np.where(np.isnan(picture), 1.0, picture), cmap="gray", vmin=0, vmax=1, aspect="equal"
    )
    step = picture.shape[0] / len(tiles)
    ax.set_yticks([(index + 0.5) * step for index in range(len(tiles))], list(rows))
    ax.set_xticks([])


def draw_scores(
    ax: Axes,
    series: NDArray[np.float64],
    found: NDArray[np.bool_],
    labelled: NDArray[np.bool_],
) -> None:
    """Draw a series, the stretch that is labelled strange, and the points that were found."""
    ax, points = canvas(ax), np.arange(len(series))
    start, stop = np.flatnonzero(labelled)[[0, -1]]
    ax.axvspan(start, stop, color=REFERENCE, alpha=0.15, lw=0, label="labelled anomaly")
    ax.plot(points, series, color=INK, lw=0.7, label="series")
    ax.plot(points[found], series[found], ".", color=ACCENT, ms=4, label="found")
    ax.set_xlabel("point of the series, every 5 minutes")
    ax.set_ylabel("value")
    legend(ax)
