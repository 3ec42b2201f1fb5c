"""Checkups: what an estimator's training is looked at with."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from espelho.estimators.data.parts import Part
from espelho.estimators.data.samples import spread
from espelho.estimators.translators.parts import TwoParts
from espelho.training.batches import Batch, Cuts
from espelho.training.callbacks.base import Callback
from espelho.training.checkup import Checkup
from espelho.training.checkup.probe import Probe

__all__ = ["checkups", "learn_signals"]

_LOOKED_AT, _FEWEST = 256, 8
"""Rows that a checkup takes, of those learned from and of those held out."""

_COMPARED = 1000
"""Rows that principal components are computed from, and the largest product of a number of
rows and of features for which they are."""

_WIDEST = 20_000

_PAIRS_LOOKED_AT, _SLOWER = 128, 4
"""Rows that a checkup of a translator takes, whose batches are small; and how many times as many
updates it takes as long as."""


def checkups(
    estimator: Any, train: Part | TwoParts, held_out: Part | TwoParts | None
) -> tuple[Checkup, ...]:
    """Return what reads the signals of an estimator while it is trained.

    Parameters
    ----------
    estimator
        The estimator, with its model built.
    train, held_out
        The data. Of more than 256 rows, or 128 of translators, so many are taken, evenly spread.

    Returns
    -------
    tuple
        The callback that does; none where there are too few rows to say anything of.
    """
    seen, new = (_batch(estimator, part) for part in (train, held_out))
    if seen is None:
        return ()
    probe = Probe(estimator.model_, seen, new, rows=_rows(estimator, train))
    n_updates = ceil(len(train) / int(estimator.batch_size))
    slower = _SLOWER if isinstance(train, TwoParts) else 1
    return (Checkup(probe, Checkup.epochs_between(ceil(n_updates / slower))),)


def learn_signals(estimator: Any, callbacks: Sequence[Callback]) -> None:
    """Let an estimator know the signals of its training, or that there are none."""
    vars(estimator).pop("signals_", None)
    for callback in callbacks:
        if isinstance(callback, Checkup):
            estimator.signals_ = callback.signals


def _batch(estimator: Any, part: Part | TwoParts | None) -> Batch | None:
    """Return the rows to look at, or nothing where these, or those of a set, are too few."""
    if part is None:
        return None
    return _some(estimator, part, _PAIRS_LOOKED_AT if isinstance(part, TwoParts) else _LOOKED_AT)


def _some(estimator: Any, part: Part | TwoParts, most: int) -> Batch | None:
    chosen = part.take(spread(len(part), most))
    like = next(estimator.model_.parameters())
    data = chosen.data(estimator.scaling_, estimator._network_shape(), like)
    batch = data.arrange(Cuts(len(chosen), len(chosen)))[0]
    numbers = (len(rows) for rows in (batch.x, batch.y) if rows is not None)
    return batch if min(numbers) >= _FEWEST else None


def _rows(estimator: Any, train: Part | TwoParts) -> Any:
    """Return rows for principal components, or nothing where samples are too large."""
    if estimator.n_features_in_ > _WIDEST or isinstance(train, TwoParts):
        return None
    rows = _some(estimator, train, _COMPARED)
    return None if rows is None or rows.lengths is not None else rows.x.flatten(1)
