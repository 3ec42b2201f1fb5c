"""``espelho sample RUN -n N -o FILE``: write new samples of what the model has learned."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from espelho.cli.opened import Opened
from espelho.cli.options.labels import label_of
from espelho.cli.output import check_holds_sequences, output_option, write_categories, write_result
from espelho.errors import FileError, SettingError

__all__ = ["sample"]

_AT_ONCE = 4096
"""Samples that are made and written at a time."""

_PICTURES = (".png", ".zip")
_IMAGE = 2


@click.command()
@click.argument("run")
@click.option(
    "-n", "--number", type=int, default=100, help="How many samples to draw.  [default: 100]"
)
@output_option
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Where the draws start: the same seed gives the same samples.",
)
@click.option(
    "--label",
    multiple=True,
    help="The label that they all have, where RUN was trained on labels; of several columns once "
    "for each, in their order.",
)
@click.option(
    "--weights",
    type=click.Choice(["best", "last"]),
    help="Those of the epoch with the best samples, or of the last one, where RUN has both.",
)
@click.option(
    "--resolution",
    metavar="HEIGHT|HEIGHTxWIDTH",
    help="How large images are, where RUN is of a progressive-gan: a size that it was trained at "
    "(16, or 24x16).",
)
def sample(
    run: str,
    number: int,
    output: str,
    *,
    seed: int | None,
    label: tuple[str, ...],
    weights: str | None,
    resolution: str | None,
) -> None:
    """Write new samples, in the units of the data that RUN was trained on.

    RUN must be of a model that generates (variational-autoencoder, say), or of an autoencoder
    with a sampler of its codes. Sequences that differ in length become a table with a row for
    each step.
    """
    opened = Opened(run, "sample")
    estimator = opened.estimator
    if weights is not None:
        _use(estimator, weights)
    told = {"y": label_of(estimator, label)} if label else {}
    if getattr(estimator, "_lengths_differ", False):
        _write_sequences(estimator, output, number, seed, told)
        return
    if hasattr(estimator, "layout_"):
        random = np.random.default_rng(seed)
        write_categories(output, estimator.sample(number, random_state=random, **told))
        return
    shape, names = _shape_in_file(estimator, output), opened.names
    if resolution is not None:
        size = _size_of(estimator, resolution)
        shape, names = (*shape[:-2], *size) if len(shape) >= _IMAGE else (-1,), None
        told["resolution"] = size
    write_result(output, number, _drawn(estimator, number, seed, shape, told), names)


def _use(estimator: Any, weights: str) -> None:
    """Let a generator have its best or its last weights.

    Raises
    ------
    SettingError
        If it does not tell them apart, or was not trained to keep both.
    """
    if not hasattr(estimator, "use_weights"):
        raise SettingError(
            f"--weights needs a generator, such as gan, and a {type(estimator).__name__} has one "
            "set of weights. Leave it out."
        )
    estimator.use_weights(weights)


def _size_of(estimator: Any, resolution: str) -> tuple[int, int]:
    """Return the size that was asked for, where it was trained at.

    Raises
    ------
    SettingError
        If it was not, or the model was trained at one size only.
    """
    if not hasattr(estimator, "resolutions_"):
        raise SettingError(
            f"--resolution needs a progressive-gan, and a {type(estimator).__name__} makes "
            "samples of one size. Leave it out."
        )
    parts = resolution.lower().split("x")
    for size in estimator.resolutions_:
        if parts in ([str(size[0])], [str(n) for n in size]):
            return (size[0], size[1])
    known = ", ".join(f"{height}x{width}" for height, width in estimator.resolutions_)
    raise SettingError(
        f"--resolution {resolution} was never trained. Those that were: {known}; name one by its "
        "height, or as HEIGHTxWIDTH."
    )


def _write_sequences(
    estimator: Any, output: str, number: int, seed: int | None, told: Mapping[str, Any]
) -> None:
    from espelho.data.series.sequences import Sequences

    check_holds_sequences(output)
    drawn = estimator.sample(number, random_state=np.random.default_rng(seed), **told)
    table, names, dtypes = Sequences.of(drawn).as_table()
    write_result(output, len(table), [table], names, dtypes)


def _drawn(
    estimator: Any,
    number: int,
    seed: int | None,
    shape: tuple[int, ...],
    told: Mapping[str, Any],
) -> Iterator[np.ndarray]:
    """Yield samples a block at a time: the same, for a seed, as often as they are drawn."""
    random = np.random.default_rng(seed)
    done = 0
    while done < number or not done:  # so that a number below 1 meets its error
        block = estimator.sample(min(_AT_ONCE, number - done), random_state=random, **told)
        yield block.reshape(len(block), *shape)
        done += len(block)


def _shape_in_file(estimator: Any, output: str) -> tuple[int, ...]:
    """Return the shape of a sample in the file: that of the data, or of an image."""
    rows, suffix = tuple(estimator.row_shape_), Path(output).suffix.lower()
    if suffix not in _PICTURES or len(rows) >= _IMAGE:
        return rows
    shape = tuple(estimator.sample_shape_)
    if len(shape) < _IMAGE:
        raise FileError(
            f"{output} would hold images, and a sample is a row of {shape[0]} numbers. Name a "
            ".npy, .csv or .parquet file."
        )
    return shape
