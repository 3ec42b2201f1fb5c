"""How a generator came along: its samples, one epoch after the other, and their distance."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from espelho.plots import plot_distance
from espelho.plots.canvas import INK, PAPER, readable
from espelho.plots.generation.distance import distances, measured
from espelho.report.picture import HALF, LARGEST, Picture, to_png
from espelho.report.subject import Subject

PATTERN = "epoch-*.png"
MOST_FRAMES, FEW_FRAMES, FEWEST_FRAMES = 40, 12, 2
WIDEST, SMALLEST = 560, 120  # pixels
STRIP, FONT = 24, 15  # pixels
PAUSE, LAST_PAUSE = 400, 2400  # milliseconds


def draw_progress(subject: Subject, folder: Path | None) -> Iterator[Picture]:
    """Yield samples of the same noise after one epoch and the next, where there are pictures.

    Parameters
    ----------
    subject
        What the report is about.
    folder
        Where `SamplePictures` drew.
    """
    paths = [] if folder is None else sorted(folder.glob(PATTERN), key=_epoch)
    if len(paths) < FEWEST_FRAMES:
        return
    frames = [_frame(path) for path in _thinned(paths, MOST_FRAMES)]
    first, last = _epoch(paths[0]), _epoch(paths[-1])
    kept = getattr(subject.estimator, "best_epoch_", None)
    told = "" if kept is None else f" The best samples were those of epoch {kept}."
    yield Picture(
        _moving(frames),
        "Samples while learning",
        f"Samples of the same noise after {len(frames)} epochs from {first} to {last}.",
        f"What became of the same noise from epoch {first} to {last}.{told}",
        wide=True,
        density=1,
        still=_packed(frames[-1]),
    )


def draw_distance(subject: Subject) -> Iterator[Picture]:
    """Yield how far samples were from data over the epochs, where that was measured."""
    history = subject.estimator.history_
    for name in distances(history)[:1]:
        epochs, values = measured(history, name)
        best = int(values.argmin())
        yield Picture(
            to_png(lambda ax: plot_distance(history, ax), *HALF),
            "Distance of samples",
            f"Distance of samples from data, smallest in epoch {epochs[best]}: "
            f"{readable(float(values[best]))}.",
            "How far samples of the same noise were from the same rows of data (unbiased MMD², "
            "scaled units).",
        )


def _epoch(path: Path) -> int:
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _thinned(paths: Sequence[Path], most: int) -> list[Path]:
    """Return paths evenly spread, the first and the last among them."""
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(most, len(paths))).round().astype(int))
    return [paths[i] for i in chosen]


def _frame(path: Path) -> Image.Image:
    """Return a picture with its epoch above it."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    if picture.width > WIDEST:
        height = round(picture.height * WIDEST / picture.width)
        picture = picture.resize((WIDEST, height), Image.Resampling.BOX)
    whole = Image.new("RGB", (picture.width, picture.height + STRIP), PAPER)
    whole.paste(picture, (0, STRIP))
    text = f"epoch {_epoch(path)}"
    ImageDraw.Draw(whole).text((0, 2), text, INK, ImageFont.load_default(FONT))
    return whole


def _moving(frames: list[Image.Image]) -> bytes:
    """Return an animated PNG file; of fewer frames, and then smaller, if they take too much."""
    content = _packed(*frames)
    while len(content) > LARGEST and max(frames[0].size) > SMALLEST:
        if len(frames) > FEW_FRAMES:
            frames = [*frames[:-1:2], frames[-1]]
        else:
            frames = [frame.reduce(2) for frame in frames]
        content = _packed(*frames)
    return content


def _packed(*frames: Image.Image) -> bytes:
    packed = io.BytesIO()
    pauses = [*[PAUSE] * (len(frames) - 1), LAST_PAUSE]
    frames[0].save(packed, "png", save_all=True, append_images=frames[1:], duration=pauses, loop=0)
    return packed.getvalue()
