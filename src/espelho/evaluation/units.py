"""Figures about the units of a restricted code: how active they are, and how many are stuck."""

from collections.abc import Iterator
from typing import Any

from espelho.errors import SettingError
from espelho.evaluation.result import Row

__all__ = ["unit_rows"]

_DEAD = 1e-3
"""The largest mean activity of a unit that counts as dead."""


def unit_rows(encoder: Any, X: Any) -> Iterator[Row]:
    """Yield the rows about units, where the settings of an autoencoder restrict them.

    Parameters
    ----------
    encoder
        A fitted autoencoder.
    X
        Samples, as `evaluate` takes them.
    """
    if getattr(encoder, "sparsity", 0) or getattr(encoder, "active_units", None):
        activity = encoder.unit_activity(X)
        yield Row(
            "unit_activity",
            "mean activity of a unit",
            "from 0, at rest, to 1",
            float(activity.mean()),
            note=f"from {activity.min():.3g} to {activity.max():.3g} over {len(activity)} units",
        )
        yield Row(
            "dead_units",
            "dead units",
            "units of the code",
            float((activity <= _DEAD).sum()),
            note=f"at rest for every sample: mean activity of at most {_DEAD:g}",
        )
    if getattr(encoder, "contraction", 0) and hasattr(encoder, "saturation"):
        yield from _saturation_row(encoder, X)


def _saturation_row(encoder: Any, X: Any) -> Iterator[Row]:
    try:
        share = float(encoder.saturation(X))
    except SettingError:  # a network of the user's own, whose slopes are not known
        return
    yield Row(
        "saturation",
        "saturated units",
        "share of units and samples",
        share,
        note="where the code's slope is below 5 % of its largest",
    )
