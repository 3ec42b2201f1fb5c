"""Ports: what goes into the graphs, in words and as code that makes some of it."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.exporting.graphs.units import data_type
from espelho.exporting.parts import BATCH, Port
from espelho.random_variables import Normal, Uniform

__all__ = ["codes_port", "data_example", "lengths_port", "noise_port", "rows_port"]

_FEW = 8
"""Columns whose means and deviations an example spells out, and codes that it holds."""


def rows_port(estimator: Any, precision: str) -> Port:
    """Return the port of rows as they were in `fit`."""
    dtype, row = data_type(estimator.dtype_, precision), tuple(estimator.row_shape_)
    names = getattr(estimator, "feature_names_in_", None)
    about = "samples" if names is None else f"samples, the columns {', '.join(map(str, names))}"
    return Port("x", dtype, (BATCH, *row), about, data_example(estimator.scaling_, row, dtype))


def codes_port(z: NDArray[Any]) -> Port:
    """Return the port that takes codes such as some that are known."""
    spread = float(f"{np.abs(z).max() / 2:.1g}") or 1.0
    draw = f"rng.normal(0, {spread:g}, (3, {z.shape[1]})).astype(np.{z.dtype})"
    return Port("codes", z.dtype.name, (BATCH, z.shape[1]), "codes, as the encoder gives", draw)


def lengths_port(steps: int) -> Port:
    """Return the port that is told how long sequences are, in an example all as long."""
    about = "the number of steps of each sequence; what stands after its last step is padding"
    return Port("lengths", "int64", (BATCH,), about, f"np.full(3, {steps})")


def noise_port(estimator: Any, precision: str, name: str = "noise") -> Port:
    """Return the port of what samples are made of.

    Parameters
    ----------
    estimator
        The fitted estimator, which can sample.
    precision
        Type of the graph.
    name
        What the port is called.
    """
    width = int(estimator.latent_dim_)
    about, draw = _described(estimator._latent_sampler(), (3, width))
    if not draw:
        about = f"{name} as sample_codes() draws them; the example holds three"
        draw = f"np.array({np.round(estimator.sample_codes(3, random_state=0), 4).tolist()})"
    return Port(name, precision, (BATCH, width), about, f"{draw}.astype(np.{precision})")


def data_example(scaling: Any, row: tuple[int, ...], dtype: str) -> str:
    """Return an expression that makes three rows about as large as data."""
    shape, numbers = (3, *row), (scaling.shift, scaling.scale)
    if np.dtype(dtype).kind == "b":
        return f"rng.random({shape}) < 0.5"
    if scaling.kind in ("range", "centred"):
        return f"rng.integers(0, {np.iinfo(dtype).max}, {shape}, dtype=np.{dtype}, endpoint=True)"
    spelt = row == scaling.shift.shape and prod(row) <= _FEW
    low, wide = (part if spelt else part.mean() for part in numbers)
    if scaling.kind == "minmax":
        drawn = f"rng.uniform({_short(low)}, {_short(low + wide)}, {shape})"
    else:
        drawn = f"rng.normal({_short(low)}, {_short(wide)}, {shape})"
    return f"{drawn}.astype(np.{dtype})"


def _short(values: Any) -> Any:
    """Return numbers with four digits."""
    return [_short(v) for v in values] if np.ndim(values) else float(f"{values:.4g}")


def _described(sampler: Any, shape: tuple[int, ...]) -> tuple[str, str]:
    """Return what a simple sampler draws, in words and as an expression; else nothing."""
    if isinstance(sampler, Normal):
        about = f"independent draws from N(0, {sampler.scale:g}^2)"
        return about, f"rng.normal(0, {sampler.scale:g}, {shape})"
    if isinstance(sampler, Uniform):
        about = f"independent draws, uniform from {sampler.low:g} to {sampler.high:g}"
        return about, f"rng.uniform({sampler.low:g}, {sampler.high:g}, {shape})"
    return "", ""
