"""Figures about the units of a restricted code: how active they are, and how many are stuck."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from espelho.errors import SettingError
from espelho.evaluation.result import Row

__all__ = ["unit_rows"]

_ACTIVE = 0.01
"""The variance of a unit's mean above which the unit is active."""

_LISTED = 10
"""Units whose shares of the divergence are listed."""

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
    if getattr(encoder, "latent", "point") == "gaussian":
        yield from _distribution_rows(encoder, X)
    if getattr(encoder, "contraction", 0) and hasattr(encoder, "saturation"):
        yield from _saturation_row(encoder, X)


def _distribution_rows(encoder: Any, X: Any) -> Iterator[Row]:
    """Yield what distributions of codes say: how much in all, and which units do."""
    yield Row(
        "evidence_bound",
        "evidence lower bound at the mean",
        "nats per sample, of scaled data",
        float(encoder.score(X)),
    )
    kl = encoder.unit_kl(X)
    shares = np.sort(kl)[::-1] / max(float(kl.sum()), np.finfo(float).tiny)
    listed = ", ".join(f"{100 * share:.1f}" for share in shares[:_LISTED])
    yield Row(
        "kl",
        "divergence of codes from N(0, I)",
        "nats per sample",
        float(kl.sum()),
        note=f"shares of the {min(_LISTED, len(kl))} units that say most, in %: {listed}",
    )
    active = int((np.var(encoder.transform(X), axis=0) > _ACTIVE).sum())
    yield Row(
        "active_units",
        "active units",
        f"of {len(kl)} units of the code",
        float(active),
        note=f"variance of the mean over samples above {_ACTIVE} (Burda et al. 2015)",
    )


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
