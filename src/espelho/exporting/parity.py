"""Parity: how far what an exported file gives is from what the library gives."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import cast
from espelho.errors import ExportError
from espelho.exporting.parts import Part

__all__ = ["TOLERANCE", "largest_difference"]

TOLERANCE = 1e-4
"""The largest difference of an export that is kept."""

Run = Callable[[Sequence[NDArray[Any]]], tuple[NDArray[Any], NDArray[Any]]]
"""From inputs to what comes out of a file, and to the real numbers that are rounded to it."""


def largest_difference(run: Run, part: Part) -> tuple[float, int]:
    """Return how far a file is from the library at most, and on how many rows.

    Integers are compared before they are rounded, which is done in the same way.

    Parameters
    ----------
    run
        Runs the file.
    part
        What was exported.

    Raises
    ------
    ExportError
        If the file gives arrays of another shape or type than it says, rounds otherwise, or is
        further away than the tolerance.
    """
    found, expected = [], []
    for inputs, wanted in part.trials():
        got, real = run(inputs)
        _check_kind(got, wanted, part)
        if not np.array_equal(got, cast(real.astype(np.float64), got.dtype), equal_nan=True):
            raise _differs(part, "in how it rounds")
        found.append(real)
        expected.append(wanted)
    unit = part.unit(expected)
    pairs = zip(found, expected, strict=True)
    largest = max(float(np.max(_apart(real, wanted) / unit)) for real, wanted in pairs)
    if largest > TOLERANCE:
        raise _differs(
            part, f"by {largest:.2g} of the data's scale, and at most {TOLERANCE:g} is allowed"
        )
    return largest, sum(map(len, expected))


def _apart(real: NDArray[Any], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far numbers are apart: infinitely far where one alone is not finite."""
    alike = (real == expected) | (np.isnan(real) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        apart = np.abs(real.astype(np.float64).reshape(expected.shape) - expected)
    return np.where(alike, 0.0, np.nan_to_num(apart, nan=np.inf))


def _check_kind(got: NDArray[Any], wanted: NDArray[Any], part: Part) -> None:
    if got.shape == wanted.shape and got.dtype.name == part.output.dtype:
        return
    raise _differs(
        part,
        f"in kind: it gives {got.dtype} of shape {got.shape}, and not {part.output.dtype} of "
        f"shape {wanted.shape}",
    )


def _differs(part: Part, how: str) -> ExportError:
    return ExportError(
        f"The exported {part.name} differs from {part.method} {how}. Nothing was written. Where "
        "the numbers of a column are large and close together, or codes are steps, use "
        "precision='float64'; else please report this with the model's settings."
    )
