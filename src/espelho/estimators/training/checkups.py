"""Checkups: what an estimator's training is looked at with."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from espelho.estimators.data.parts import Part
from espelho.estimators.data.samples import spread
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


def checkups(estimator: Any, train: Part, held_out: Part | None) -> tuple[Checkup, ...]:
    """Return what reads the signals of an estimator while it is trained.

    Parameters
    ----------
    estimator
        The estimator, with its model built.
    train, held_out
        The data. Of more than 256 rows, so many are taken, evenly spread.

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
    return (Checkup(probe, Checkup.epochs_between(n_updates)),)


def learn_signals(estimator: Any, callbacks: Sequence[Callback]) -> None:
    """Let an estimator know the signals of its training, or that there are none."""
    vars(estimator).pop("signals_", None)
    for callback in callbacks:
        if isinstance(callback, Checkup):
            estimator.signals_ = callback.signals


def _batch(estimator: Any, part: Part | None, most: int = _LOOKED_AT) -> Batch | None:
    """Return some rows, or nothing where they, or those of one of two sets, are too few."""
    if part is None:
        return None
    chosen = part.take(spread(len(part), most))
    like = next(estimator.model_.parameters())
    data = chosen.data(estimator.scaling_, estimator._network_shape(), like)
    batch = data.arrange(Cuts(len(chosen), len(chosen)))[0]
    numbers = (len(rows) for rows in (batch.x, batch.y) if rows is not None)
    return batch if min(numbers) >= _FEWEST else None


def _rows(estimator: Any, train: Part) -> Any:
    """Return rows for principal components, or nothing where samples are too large."""
    if estimator.n_features_in_ > _WIDEST:
        return None
    rows = _batch(estimator, train, _COMPARED)
    return None if rows is None or rows.lengths is not None else rows.x.flatten(1)
