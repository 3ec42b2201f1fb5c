"""The check of a whole plan: the laws of its phases, and of training by it."""

import copy
from collections.abc import Collection

from espelho.errors import SettingError
from espelho.testing.errors import LawError, listed
from espelho.testing.phase import LAWS, Case
from espelho.testing.training import check_training
from espelho.training.batches import Batch, Cuts, TensorData
from espelho.training.environment.randomness import forked
from espelho.training.plan import Stage, Trainable
from espelho.training.structure import Structure
from espelho.training.validation import Validation

__all__ = ["check_plan"]

_FEWEST = 4
"""Samples from which two batches are cut that have statistics of their own."""


def check_plan(
    model: Trainable,
    batch: Batch,
    *,
    unreached: Collection[str] = (),
    not_means: Collection[str] = (),
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> None:
    """Check that a model and its plan obey the laws that training relies on.

    In every stage, entered in order with its ``grow``, ``on_entry`` and ``data``:

    - the names of the phases differ, and they own parameters of this model only;
    - the terms of a phase are named, finite scalars, the same names every time; the batch
      is left as it was;
    - an update moves what the phase owns, every parameter of it that has a gradient, and
      nothing else;
    - a ``gradient`` of the phase's own is what the backward pass of its loss gives;
    - a term is a mean over samples: over the batch it is the mean, weighted by size, of
      its values over two halves. This is checked in evaluation mode, where batch
      statistics and dropout are out of play, and for terms that draw nothing;
    - the terms can be computed on held-out data: in evaluation mode, without gradients.

    And of the plan as a whole: every parameter is owned by a phase; training twice with one
    seed gives the same history and weights; from a snapshot in the middle of each stage a
    fresh copy of the model goes on to the same weights, to the last bit.

    Parameters
    ----------
    model
        The model, before any training. Copies of it are trained; it is not changed.
    batch
        At least 4 samples, on the model's device; an epoch has two batches of them.
    unreached
        Parameters that a phase owns although its loss does not depend on them, as
        ``phase/parameter``.
    not_means
        Terms that claim to be no mean over samples, as ``phase/term``.
    learning_rate
        The learning rate of phases that have none of their own.
    seed
        Where the random streams start.

    Raises
    ------
    LawError
        If a law is broken.
    SettingError
        If there are too few samples.

    Examples
    --------
    >>> import torch
    >>> from espelho.networks.dense import dense
    >>> from espelho.testing import check_plan
    >>> from espelho.training.batches import Batch, Cuts
    >>> from espelho.training.plan import Phase, Stage, Trainable
    >>> class Mirror(Trainable):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.network = dense((3, 2, 3), "tanh", "linear")
    ...
    ...     def plan(self):
    ...         return (Stage(Phase("reconstruct", owns=[self.network], loss=self.error)),)
    ...
    ...     def error(self, batch):
    ...         difference = batch.x - self.network(batch.x)
    ...         return {"squared_error": difference.square().sum(1).mean()}
    >>> check_plan(Mirror(), Batch(torch.rand(8, 3)))
    """
    if len(batch.x) < _FEWEST:
        raise SettingError(f"check_plan needs at least {_FEWEST} samples, got {len(batch.x)}.")
    device = batch.x.device
    twin = copy.deepcopy(model)
    names: dict[int, str] = {}
    owned: set[int] = set()
    with forked(seed, device):
        for stage in twin.plan():
            part = _enter(twin, stage, batch)
            _check_names(stage)
            names |= {id(p): name for name, p in twin.named_parameters()}
            for phase in stage.phases:
                owned |= phase.parameters().keys()
                case = Case(twin, phase, part, seed, frozenset(unreached), frozenset(not_means))
                for law in LAWS:
                    law(case)
            _check_validation(twin, stage, part)
    if orphans := [name for key, name in names.items() if key not in owned]:
        raise LawError(f"No phase owns {listed(orphans)}, so training would never move it.")
    check_training(model, batch, learning_rate=learning_rate, seed=seed)


def _check_validation(model: Trainable, stage: Stage, batch: Batch) -> None:
    try:
        Validation(Structure(model), stage, TensorData(batch)).terms()
    except RuntimeError as error:
        raise LawError(
            f"A loss of stage {stage.name!r} cannot be computed on held-out data, in evaluation "
            f"mode and without gradients ({error}). What must differentiate anyway does it under "
            "torch.enable_grad()."
        ) from error


def _enter(model: Trainable, stage: Stage, batch: Batch) -> Batch:
    if stage.grow is not None:
        stage.grow()
    if stage.on_entry is not None:
        stage.on_entry()
    model.eval()
    data = stage.prepared(TensorData(batch))
    model.train()
    return data.arrange(Cuts(len(data), len(data)))[0]


def _check_names(stage: Stage) -> None:
    names = [phase.name for phase in stage.phases]
    if len(set(names)) < len(names):
        raise LawError(f"The phases of stage {stage.name!r} need names of their own: {names}.")
