"""A picture of a report: a PNG file, written into the page, and what to say about it."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageChops, ImageOps

from espelho.plots.canvas import PAPER

PIXELS_PER_INCH = 100
DENSITY = 2
COLOURS = 255
LARGEST = 700_000  # bytes
NEARLY_WHITE = 252
MARGIN = 8
HALF = (5.4, 4.0)


@dataclass(frozen=True)
class Picture:
    """A PNG of twice the density it is shown at, with what to say about it.

    One that moves has another density, and a picture that stands still in its place for
    readers who want no motion.
    """

    png: bytes
    title: str
    alt: str
    caption: str
    wide: bool = False
    density: int = DENSITY
    still: bytes = b""

    @property
    def file_name(self) -> str:
        """The title as the name of a file."""
        return "-".join(self.title.lower().split())

    @property
    def source(self) -> str:
        """The picture as an address that needs no network."""
        return as_address(self.png)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that it is shown at, in pixels of the page."""
        width, height = Image.open(io.BytesIO(self.png)).size
        return width // self.density, height // self.density


def as_address(png: bytes) -> str:
    """Return a PNG file as an address that needs no network."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


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
