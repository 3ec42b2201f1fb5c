"""The pictures of a report, as PNG files written into the page."""

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageOps

from espelho.plots import (
    plot_error_histogram,
    plot_feature_errors,
    plot_latent,
    plot_losses,
    plot_reconstructions,
    plot_samples,
    plot_sequences,
)
from espelho.plots.canvas import PAPER, readable
from espelho.plots.images import image_shape
from espelho.report.subject import Subject

PIXELS_PER_INCH = 100
DENSITY = 2
COLOURS = 255
LARGEST = 700_000  # bytes
NEARLY_WHITE = 252
MARGIN = 8
SHOWN = 8
SAMPLES = 30
HALF = (5.4, 4.0)


@dataclass(frozen=True)
class Picture:
    """A PNG of twice the density it is shown at, with what to say about it."""

    png: bytes
    title: str
    alt: str
    caption: str
    wide: bool = False

    @property
    def file_name(self) -> str:
        """The title as the name of a file."""
        return "-".join(self.title.lower().split())

    @property
    def source(self) -> str:
        """The picture as an address that needs no network."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that it is shown at, in pixels of the page."""
        width, height = Image.open(io.BytesIO(self.png)).size
        return width // DENSITY, height // DENSITY


def draw_pictures(subject: Subject) -> Iterator[Picture]:
    """Yield the pictures of a report, in the order of the page."""
    yield _reconstructions(subject)
    yield _worst(subject)
    yield from _samples(subject)
    yield _losses(subject)
    yield _latent(subject)
    yield _histogram(subject)
    yield _features(subject)


def to_png(
    draw: Callable[[Axes], Axes], width: float, height: float, *, exact: bool = False
) -> bytes:
    """Return what a function draws on axes of that size in inches, cut to what is drawn.

    A drawing gets 255 colours, which look the same and take a third of the space; with
    ``exact`` it keeps its own, as pictures of data should, unless they take too much: then
    it is dithered, as photographs must be.
    """
    figure = Figure((width, height), dpi=DENSITY * PIXELS_PER_INCH, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    draw(figure.add_subplot())
    canvas.draw()
    picture = _cut(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))
    png = _packed(picture) if exact else b""
    if 0 < len(png) <= LARGEST:
        return png
    return _packed(_dithered(picture) if exact else _with_few_colours(picture))


def _packed(picture: Image.Image) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "png", optimize=True)
    return packed.getvalue()


def _with_few_colours(picture: Image.Image) -> Image.Image:
    few = picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette() or []
    few.putpalette([255 if value >= NEARLY_WHITE else value for value in palette])
    return few


def _dithered(picture: Image.Image) -> Image.Image:
    method, dither = Image.Quantize.MEDIANCUT, Image.Dither.FLOYDSTEINBERG
    return picture.quantize(COLOURS, method, dither=dither)


def _cut(picture: Image.Image) -> Image.Image:
    """Return a picture with no more than a small margin of paper around it."""
    paper = Image.new("RGB", picture.size, PAPER)
    drawn = ImageChops.difference(picture, paper).getbbox()
    return ImageOps.expand(picture.crop(drawn), MARGIN, PAPER)


def _reconstructions(subject: Subject) -> Picture:
    n = len(subject.rows)
    chosen = np.unique(np.linspace(0, n - 1, min(n, SHOWN)).round().astype(np.intp))
    return Picture(
        _side_by_side(subject, chosen),
        "Reconstructions",
        f"Samples beside their reconstructions; {_typical(subject)}.",
        "Samples spread evenly over the data, and what came back for them.",
        wide=True,
    )


def _worst(subject: Subject) -> Picture:
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


def _side_by_side(subject: Subject, chosen: NDArray[np.intp]) -> bytes:
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


def _samples(subject: Subject) -> Iterator[Picture]:
    shape = subject.picture_shape
    if subject.drawn is None or image_shape(shape) is None:
        return
    low, high = float(subject.rows.min()), float(subject.rows.max())
    samples = subject.decoded(subject.drawn[:SAMPLES])
    yield Picture(
        to_png(
            lambda ax: plot_samples(samples, sample_shape=shape, limits=(low, high), ax=ax),
            7.6,
            3.2,
            exact=True,
        ),
        "New samples",
        f"A grid of {len(samples)} samples that the model drew.",
        "What the decoder makes of codes that were drawn, in the order in which they were drawn.",
        wide=True,
    )


def _losses(subject: Subject) -> Picture:
    estimator, history = subject.estimator, subject.estimator.history_
    ends = (f"{name} {readable(float(history[name][-1]))}" for name in history.figures)
    return Picture(
        to_png(lambda ax: plot_losses(history, ax), *HALF),
        "Training",
        f"Losses over {estimator.n_epochs_} epochs, at the end: {', '.join(ends)}.",
        f"Losses over {estimator.n_epochs_} epochs; training ended: {estimator.stop_reason_}.",
    )


def _latent(subject: Subject) -> Picture:
    width = subject.codes.shape[1]
    how = "as they are" if width < 3 else f"their two principal components of {width} numbers"
    told = "" if subject.labels is None else ", coloured by label"
    new = "" if subject.drawn is None else f" Beside them {len(subject.drawn)} drawn codes."
    return Picture(
        to_png(
            lambda ax: plot_latent(subject.codes, subject.labels, ax, drawn=subject.drawn), *HALF
        ),
        "Map of codes",
        f"A map of the codes of {subject.counted}{told}.{new}",
        f"Codes of {subject.counted}: {how}{told}.{new}",
    )


def _histogram(subject: Subject) -> Picture:
    errors, unit = subject.sample_errors
    return Picture(
        to_png(lambda ax: plot_error_histogram(errors, ax, unit=unit), *HALF),
        "Errors of samples",
        f"Histogram of reconstruction errors; {_typical(subject)}.",
        f"Squared errors of {subject.counted}, each summed over the sample's elements.",
    )


def _features(subject: Subject) -> Picture:
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


def _typical(subject: Subject) -> str:
    errors, unit = subject.sample_errors
    return f"the median error of a sample is {readable(float(np.median(errors)))} {unit}"
