"""A pilot: one that knows components and samples, to see what measuring a member takes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.series.sequences import Sequences
from espelho.estimators import registry
from espelho.evaluation.samples import as_rows, draw
from espelho.panel.data import PanelData
from espelho.panel.members import Member
from espelho.panel.running.baselines import Components

__all__ = ["pilot_for"]


class _Sampler(Components):
    """Components that give back rows they learned from as samples, of any label."""

    classes_: NDArray[Any] | None = None

    def sample(self, n: int, **_: Any) -> Any:
        """Return rows, some of them more than once where more are wanted than there are."""
        drawn = self._learned[draw(len(self._learned), n)]
        return np.resize(drawn, (n, drawn.shape[1]))

    def _learn(self, X: Any) -> None:
        super()._learn(X)
        self._learned = as_rows(X)


def pilot_for(members: tuple[Member, ...], data: PanelData, width: int, seed: int) -> Components:
    """Return a fitted pilot that is measured as the member of whom most is measured.

    Parameters
    ----------
    members
        Who takes part.
    data, seed
        As of the panel.
    width
        Width of its code.
    """
    models = [_untrained(member) for member in members if not member.is_baseline]
    if isinstance(data.train, Sequences) or not any(hasattr(m, "sample") for m in models):
        return Components(width, data, seed).fit(data.train)
    pilot = _Sampler(width, data, seed).fit(data.train)
    if data.y_train is not None and any(map(learns_labels, models)):
        pilot.classes_ = np.unique(data.y_train)
    return pilot


def learns_labels(model: Any) -> bool:
    """Return whether a model cannot learn without labels."""
    return bool(model.__sklearn_tags__().target_tags.required)


def _untrained(member: Member) -> Any:
    return registry.class_of(member.model)(**member.settings)
