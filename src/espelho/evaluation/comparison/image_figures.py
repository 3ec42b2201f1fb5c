"""The rows of the table that are about features, and about the resolutions of images."""

from collections.abc import Iterator

from espelho.evaluation.comparison.features import Seen
from espelho.evaluation.comparison.figures import fidelity_rows, row_beside
from espelho.evaluation.comparison.sets import Sets
from espelho.evaluation.images.frechet import frechet_distance
from espelho.evaluation.images.kernel import kernel_distance
from espelho.evaluation.images.layout import Shape
from espelho.evaluation.images.sliced import sliced_wasserstein
from espelho.evaluation.result import Row, readable

BOOTSTRAPS = 40


def feature_rows(seen: Seen) -> Iterator[Row]:
    """Yield how far features are from those of data, and how many are among them."""
    yield _frechet(seen)
    yield _kernel(seen)
    yield from fidelity_rows(seen.sets, ", on features")


def level_rows(sets: Sets, shape: Shape) -> Iterator[Row]:
    """Yield the sliced Wasserstein distance at each resolution, the finest first."""
    found = sets.each(
        lambda rows: sliced_wasserstein(
            rows, sets.reference, sample_shape=shape, random_state=sets.seed
        )
    )
    for i, level in enumerate(found["model"]):
        size = f"{level.height} x {level.width}"
        yield row_beside(
            (
                f"sliced_{level.height}x{level.width}",
                f"sliced Wasserstein at {size}",
                "deviations of the data's pixels",
            ),
            {key: levels[i].distance for key, levels in found.items()},
            "lower",
            f"{sets.n:,} images of each; standard error {readable(level.standard_error)} over "
            "directions and patches",
            sets.n,
        )


def _frechet(seen: Seen) -> Row:
    sets, seed = seen.sets, seen.sets.seed
    found = frechet_distance(
        sets.columns["model"], sets.reference, n_bootstrap=BOOTSTRAPS, random_state=seed
    )
    others = {name: rows for name, rows in sets.columns.items() if name != "model"}
    values = {
        name: frechet_distance(rows, sets.reference, n_bootstrap=0).distance
        for name, rows in others.items()
    }
    note = (
        f"{sets.n:,} rows of each; {seen.what}; {readable(found.bias)} of it for few rows, 95 % "
        f"interval without it {readable(found.low)} to {readable(found.high)}"
    )
    name = ("frechet", "Frechet distance, on features", "squared units of features")
    return row_beside(name, {"model": found.distance} | values, "lower", note, sets.n)


def _kernel(seen: Seen) -> Row:
    sets = seen.sets
    found = sets.each(lambda rows: kernel_distance(rows, sets.reference, random_state=sets.seed))
    note = f"{sets.n:,} rows of each; standard error {readable(found['model'].standard_error)}"
    name = ("kernel", "kernel distance, on features", "around 0 where alike")
    values = {key: one.distance for key, one in found.items()}
    return row_beside(name, values, "", note, sets.n)
