"""Fitting: from checked data to a trained model, for every estimator alike."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.utils import check_random_state

from espelho.errors import EspelhoWarning, SettingError
from espelho.estimators.data.parts import Part
from espelho.estimators.runs import saving
from espelho.estimators.runs.settings import encode_settings
from espelho.estimators.settings import check_settings
from espelho.estimators.training import together
from espelho.estimators.training.checkups import checkups, learn_signals
from espelho.estimators.training.precision import find_precision
from espelho.estimators.training.warm_start import check_same_structure
from espelho.training.batches import Data
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.checkpoint import Checkpoint
from espelho.training.callbacks.early_stopping import EarlyStopping
from espelho.training.callbacks.progress import Progress
from espelho.training.callbacks.weight_averaging import WeightAveraging
from espelho.training.environment.device import find_device
from espelho.training.environment.processes import Processes, joined
from espelho.training.environment.randomness import forked
from espelho.training.history import History
from espelho.training.recipe import Recipe
from espelho.training.snapshot import Snapshot
from espelho.training.trainer import Trainer

__all__ = ["Resumption", "build_untrained", "fit", "partial_fit"]


class Resumption(NamedTuple):
    """The seed of a training that is taken up again, and where it stood if that is known."""

    seed: int
    snapshot: Snapshot | None


def fit(
    estimator: Any,
    X: Any,
    sample_weight: Any,
    resumption: Resumption | None = None,
    *,
    y: Any = None,
    prepare: Callable[[Part], None] | None = None,
) -> None:
    """Train an estimator from its settings, and set what it learned.

    Parameters
    ----------
    estimator
        The estimator, changed in place.
    X, sample_weight
        As in `Estimator.fit`.
    resumption
        What to go on from, instead of starting anew.
    y
        The target, for estimators that learn from one.
    prepare
        What is done with the rows to learn from before the model is built.
    """
    started = perf_counter()
    with _prepared(estimator) as processes:
        keep = estimator.warm_start and hasattr(estimator, "model_")
        part = estimator._check_part(X, sample_weight, reset=not keep, y=y)
        seed = resumption.seed if resumption else _seed(estimator.random_state)
        estimator.seed_ = processes.first(seed)
        train, held_out = part.split(estimator.validation_fraction, estimator.seed_)
        together.check(estimator, part, train, processes)
        estimator._check_enough(len(train))
        if keep:
            check_same_structure(estimator)
        else:
            _build(estimator, train, prepare)
        estimator._fitted_settings = encode_settings(estimator)
        estimator._prepare_callbacks(train)
        watchers = (*estimator._watchers(train, held_out), *checkups(estimator, train, held_out))
        callbacks = _callbacks(estimator, processes, watchers)
        trainer = Trainer(
            together.trained_model(estimator, processes),
            _data(estimator, train),
            _recipe(estimator, len(train)),
            seed=estimator.seed_,
            validation=None if held_out is None else _data(estimator, held_out),
            callbacks=callbacks,
            processes=processes,
            continued=keep,
        )
        if processes.leads:
            saving.begin(estimator, part, callbacks, resuming=resumption is not None)
        estimator._optimizer_state = None
        snapshot = resumption.snapshot if resumption else None
        _train(estimator, trainer, snapshot)
        together.finish(estimator, train, processes)
        estimator.fit_seconds_ = perf_counter() - started + _seconds_before(snapshot)
        if processes.leads:
            saving.finish(estimator, callbacks)
            estimator._check_outcome(train.samples)
        _return(callbacks, processes)


@contextmanager
def _prepared(estimator: Any) -> Iterator[Processes]:
    """Check the settings, and join the processes that train together."""
    check_settings(estimator)
    estimator._check_combination()
    with joined(wanted=estimator.parallel != "none") as processes:
        yield processes


def _seconds_before(snapshot: Snapshot | None) -> float:
    if snapshot is None:
        return 0.0
    epochs = sum(record["seconds"] for record in snapshot.values["history"])
    return float(epochs + snapshot.values["position"]["seconds"])


def partial_fit(estimator: Any, X: Any, sample_weight: Any, *, y: Any = None) -> None:
    """Train an estimator for one epoch more.

    Parameters
    ----------
    estimator, X, sample_weight, y
        As in `fit`.
    """
    started = perf_counter()
    if any(isinstance(callback, Checkpoint) for callback in estimator.callbacks):
        raise SettingError(
            "partial_fit and a Checkpoint cannot work together: each call is a training of one "
            "epoch. Use fit, or save() between the calls."
        )
    with _prepared(estimator) as processes:
        if estimator.parallel == "shard" and not processes.alone:
            raise SettingError(
                "partial_fit and parallel='shard' cannot work together: the optimiser's state is "
                "not kept between the calls. Use parallel='replicate', or fit."
            )
        first = not hasattr(estimator, "model_")
        part = estimator._check_part(X, sample_weight, reset=first, y=y)
        together.check(estimator, part, part, processes)
        estimator._check_enough(len(part))
        if first:
            estimator.seed_ = processes.first(_seed(estimator.random_state))
            _build(estimator, part)
            estimator._fitted_settings = encode_settings(estimator)
        _train_one_epoch(estimator, part, processes)
        together.finish(estimator, part, processes)
        seconds = getattr(estimator, "fit_seconds_", 0.0) + perf_counter() - started
        estimator.fit_seconds_ = seconds
        _return(estimator.callbacks, processes)


def _return(callbacks: Sequence[Callback], processes: Processes) -> None:
    processes.wait()
    for callback in callbacks:
        callback.on_return()


def _train_one_epoch(estimator: Any, part: Part, processes: Processes) -> None:
    before = getattr(estimator, "history_", History())
    estimator._prepare_callbacks(part)
    trainer = Trainer(
        together.trained_model(estimator, processes),
        _data(estimator, part),
        replace(
            _recipe(estimator, len(part)), max_epochs=1, schedule="constant", schedule_options={}
        ),
        seed=int(np.random.SeedSequence([estimator.seed_, len(before)]).generate_state(1)[0]),
        callbacks=(*estimator.callbacks, *estimator._own_callbacks()),
        optimizer_state=getattr(estimator, "_optimizer_state", None),
        processes=processes,
        continued=True,
    )
    trainer.history = History(before.records)
    trainer.position.epoch = len(before)
    _run(estimator, trainer, None)
    estimator._learn_from_callbacks(())
    estimator._optimizer_state = trainer.final_optimizer_state


def _seed(random_state: Any) -> int:
    return int(check_random_state(random_state).randint(2**31 - 1))


def build_untrained(estimator: Any, X: Any, sample_weight: Any) -> None:
    """Give an estimator the model that `fit` would start from, as if it was fitted.

    Parameters
    ----------
    estimator, X, sample_weight
        As in `fit`.
    """
    check_settings(estimator)
    estimator._check_combination()
    part = estimator._check_part(X, sample_weight, reset=True)
    estimator.seed_ = _seed(estimator.random_state)
    _build(estimator, part)
    estimator._fitted_settings = encode_settings(estimator)
    estimator.history_, estimator.n_epochs_ = History(), 0
    estimator.stop_reason_, estimator.fit_seconds_ = "untrained", 0.0
    estimator.model_.eval()


def _build(estimator: Any, part: Part, prepare: Callable[[Part], None] | None = None) -> None:
    samples = part.samples
    estimator.sample_shape_ = samples.sample_shape
    estimator.dtype_ = samples.container.dtype
    estimator.row_shape_ = samples.container.row_shape
    if prepare is not None:
        prepare(part)
    estimator.scaling_ = estimator._fit_scaling(samples, part.weight)
    device = find_device(estimator.device)
    estimator.precision_ = find_precision(estimator.precision, samples, device)
    estimator._learn_from(samples, part.weight)
    if part.y is not None:
        estimator._learn_labels(part)
    with forked(estimator.seed_, device):
        model = estimator._build()
    estimator._check_data(samples)
    estimator.model_ = model.to(device, getattr(torch, estimator.precision_))


def _recipe(estimator: Any, n_rows: int) -> Recipe:
    return Recipe(
        max_epochs=estimator._epochs(n_rows),
        batch_size=int(estimator.batch_size),
        optimizer=estimator.optimizer,
        optimizer_options=estimator._optimizer_options(),
        learning_rate=float(estimator.learning_rate),
        schedule=estimator.schedule,
        schedule_options=estimator.schedule_options or {},
        gradient_clip=estimator.gradient_clip,
        mixed_precision=estimator.precision == "mixed",
        monitor=estimator._monitored(),
    )


def _callbacks(
    estimator: Any, processes: Processes, watchers: Sequence[Callback]
) -> Sequence[Callback]:
    callbacks = [*estimator.callbacks, *estimator._own_callbacks()]
    if estimator.patience is not None:
        callbacks.append(EarlyStopping(patience=estimator.patience))
    if estimator.averaging is not None:
        callbacks.append(WeightAveraging(half_life=estimator.averaging))
    callbacks += watchers
    if estimator.verbose and processes.leads:
        callbacks.append(Progress(lines=estimator.verbose > 1))
    return callbacks


def _data(estimator: Any, part: Part) -> Data:
    like = next(estimator.model_.parameters())
    return part.data(estimator.scaling_, estimator._network_shape(), like)


def _train(estimator: Any, trainer: Trainer, resume: Snapshot | None) -> None:
    """Train, and learn from what has watched it, whether it came to its end or failed."""
    try:
        _run(estimator, trainer, resume)
    finally:
        estimator._learn_from_callbacks(trainer.callbacks)
        learn_signals(estimator, trainer.callbacks)
        if trainer.processes.leads:
            saving.note(estimator, trainer.callbacks)


def _run(estimator: Any, trainer: Trainer, resume: Snapshot | None) -> None:
    try:
        estimator.stop_reason_ = together.run(estimator, trainer, resume)
    finally:
        estimator.history_ = trainer.history
        estimator.n_epochs_ = trainer.position.epoch
    if estimator.stop_reason_ == "interrupted" and trainer.processes.leads:
        folders = [str(c.run) for c in trainer.callbacks if isinstance(c, Checkpoint)]
        again = f" espelho.resume({folders[0]!r}, X) goes on from here." if folders else ""
        warnings.warn(
            f"Training was interrupted in epoch {estimator.n_epochs_ + 1}; the "
            f"{type(estimator).__name__} is fitted with the weights as they are.{again}",
            EspelhoWarning,
            stacklevel=4,
        )
