"""Pilots: components, and rows in the place of samples, to see what measuring takes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.series.sequences import Sequences
from espelho.estimators import registry
from espelho.evaluation.samples import as_rows, draw
from espelho.panel.data import PanelData
from espelho.panel.members import Member
from espelho.panel.running.baselines import Components

__all__ = ["Sampler", "sampler_for"]


class Sampler:
    """What gives back rows that it has learned from as samples, of any label.

    Parameters
    ----------
    components
        Fitted components, which know the units of the network.
    rows
        The rows, or sequences.
    classes
        Labels that samples may be asked to have, if there are any.
    """

    def __init__(self, components: Components, rows: Any, classes: NDArray[Any] | None) -> None:
        self._rows = rows
        self.classes_ = classes
        self.fit_seconds_ = 0.0
        for name in ("scaling_", "sample_shape_", "n_step_features_"):
            setattr(self, name, getattr(components, name, None))

    def sample(self, n: int, **_: Any) -> Any:
        """Return rows, some of them more than once where more are wanted than there are."""
        return self._rows[np.resize(draw(self._rows.shape[0], n), n)]


def sampler_for(
    members: tuple[Member, ...], data: PanelData, components: Components
) -> Sampler | None:
    """Return what is measured as the member of whose samples most is; None if nobody has any.

    Parameters
    ----------
    members
        Who takes part.
    data
        As of the panel.
    components
        Components, fitted.
    """
    models = [_untrained(member) for member in members if not member.is_baseline]
    if not any(hasattr(model, "sample") for model in models):
        return None
    told = data.y_train if any(map(learns_labels, models)) else None
    classes = None if told is None else np.unique(told)
    rows = data.train if isinstance(data.train, Sequences) else as_rows(data.train)
    return Sampler(components, rows, classes)


def learns_labels(model: Any) -> bool:
    """Return whether a model cannot learn without labels."""
    return bool(model.__sklearn_tags__().target_tags.required)


def _untrained(member: Member) -> Any:
    return registry.class_of(member.model)(**member.settings)
