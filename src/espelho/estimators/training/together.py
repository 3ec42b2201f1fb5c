"""Several processes: what an estimator's training needs where more than one takes part."""

import copy
import warnings
from typing import Any

from torch.nn.modules.batchnorm import _BatchNorm

from espelho.errors import DataError, DivergenceError, EspelhoWarning, SettingError
from espelho.estimators.data.parts import Part
from espelho.estimators.runs.settings import encode_settings
from espelho.training.environment.processes import Processes
from espelho.training.plan import Trainable
from espelho.training.snapshot import Snapshot
from espelho.training.trainer import Trainer
from espelho.training.weights import is_sharded, state_of

__all__ = ["check", "finish", "run", "trained_model"]

_OWN = ("verbose", "random_state")
"""Settings that may differ between processes."""


def check(estimator: Any, part: Part, train: Part, processes: Processes) -> None:
    """Raise if the processes cannot share the data.

    Parameters
    ----------
    estimator
        The estimator.
    part, train
        The data, and what of it is learned from.
    processes
        The processes.

    Raises
    ------
    DataError
        If there are more of them than rows, or they were given different data.
    SettingError
        If there are more of them than rows in a batch, or they were given different settings.
    """
    if processes.alone:
        return
    settings = {n: v for n, v in encode_settings(estimator).items() if n not in _OWN}
    kinds = [type(callback).__name__ for callback in estimator.callbacks]
    data, asked = zip(*processes.gather((part.fingerprint(), str((settings, kinds)))), strict=True)
    if len(set(data)) > 1:
        raise DataError(
            "The processes were given different data. Give each the whole of it: they share the "
            "batches among themselves."
        )
    if len(set(asked)) > 1:
        raise SettingError(
            "The processes were given different settings or callbacks. Give each the same: only "
            "the first writes checkpoints and shows progress anyhow."
        )
    if len(train) < processes.size:
        raise DataError(
            f"{processes.size} processes cannot share {len(train)} rows: each needs at least one. "
            "Start fewer processes, or give more rows."
        )
    if estimator.batch_size < processes.size:
        raise SettingError(
            f"{processes.size} processes cannot share batches of {estimator.batch_size}: "
            "batch_size counts the rows of all of them together. Raise it, or start fewer."
        )


def trained_model(estimator: Any, processes: Processes) -> Trainable:
    """Return the model to train: the estimator's, or a copy that the processes divide.

    Raises
    ------
    SettingError
        If its structure cannot be divided.
    """
    model: Trainable = estimator.model_
    if processes.alone:
        return model
    if processes.leads and any(isinstance(module, _BatchNorm) for module in model.modules()):
        warnings.warn(
            "Batch normalisation takes its statistics from each process's part of a batch, so "
            f"{processes.size} processes train a little differently from one.",
            EspelhoWarning,
            stacklevel=6,
        )
    if estimator.parallel != "shard":
        return model
    from espelho.training.optimization.sharded import shard

    if not model.divisible or any(stage.grow for stage in model.plan()):
        raise SettingError(
            "parallel='shard' cannot work together with networks that grow or that are trained "
            "layer by layer, nor with contraction, latent='gaussian' or a judge's penalty. "
            "Use parallel='replicate'."
        )
    processes.divided = True
    processes.align(model.state_dict().values())
    divided: Trainable = copy.deepcopy(model)
    shard(divided, next(model.parameters()).device)
    return divided


def run(estimator: Any, trainer: Trainer, resume: Snapshot | None) -> str:
    """Train, and put the weights together again where processes have divided them.

    Returns
    -------
    str
        As `Trainer.run`.
    """
    try:
        reason = trainer.run(resume)
    except DivergenceError:
        _put_together(estimator, trainer)
        raise
    _put_together(estimator, trainer)
    return reason


def finish(estimator: Any, train: Part, processes: Processes) -> None:
    """Learn what needs the trained model, in the first process for all of them.

    Parameters
    ----------
    estimator
        The estimator, trained.
    train
        What it learned from.
    processes
        The processes.
    """
    if processes.leads:
        estimator._learn_after(train.samples, train.weight)
    if not processes.alone:
        estimator._take_arrays(processes.first(estimator._learned_arrays()))


def _put_together(estimator: Any, trainer: Trainer) -> None:
    if any(is_sharded(parameter) for parameter in trainer.model.parameters()):
        estimator.model_.load_state_dict(state_of(trainer.model))
        estimator.model_.eval()
