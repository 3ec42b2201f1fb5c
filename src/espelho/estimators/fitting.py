"""Fitting: from checked data to a trained model, for every estimator alike."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from espelho.data.scaling import Scaling
from espelho.errors import DataError, EspelhoWarning, SettingError
from espelho.estimators.runs import saving
from espelho.estimators.runs.settings import encode_settings
from espelho.estimators.samples import Samples, check_weights, read, tensors
from espelho.estimators.settings import check_settings
from espelho.training.batches import Batch, Data, LazyData, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.checkpoint import Checkpoint
from espelho.training.callbacks.early_stopping import EarlyStopping
from espelho.training.callbacks.progress import Progress
from espelho.training.callbacks.weight_averaging import WeightAveraging
from espelho.training.environment.device import find_device
from espelho.training.environment.randomness import forked
from espelho.training.history import History
from espelho.training.recipe import Recipe
from espelho.training.snapshot import Snapshot
from espelho.training.trainer import Trainer

__all__ = ["Resumption", "fit", "partial_fit"]

_STRUCTURE = (
    "latent_dim", "hidden_sizes", "decoder_sizes", "activation", "code_activation",
    "output_activation", "normalization", "tied", "loss", "scaling", "precision", "sample_shape",
)  # fmt: skip
"""Settings that decide what the network is and what units it sees."""

_FREE_FLOAT64 = 2**20
"""Values up to which float64 is taken where it comes in: there a step's time is overhead."""


@dataclass(frozen=True)
class _Part:
    """Rows of the data and their weights."""

    samples: Samples
    weight: NDArray[np.float64] | None

    def take(self, rows: NDArray[Any]) -> "_Part":
        weight = None if self.weight is None else self.weight[rows]
        return _Part(self.samples.take(rows), weight)


class Resumption(NamedTuple):
    """The seed of a training that is taken up again, and where it stood if that is known."""

    seed: int
    snapshot: Snapshot | None


def fit(estimator: Any, X: Any, sample_weight: Any, resumption: Resumption | None = None) -> None:
    """Train an estimator from its settings, and set what it learned.

    Parameters
    ----------
    estimator
        The estimator, changed in place.
    X, sample_weight
        As in `Estimator.fit`.
    resumption
        What to go on from, instead of starting anew.
    """
    started = perf_counter()
    keep = estimator.warm_start and hasattr(estimator, "model_")
    part = _checked(estimator, X, sample_weight, reset=not keep)
    estimator.seed_ = resumption.seed if resumption else _seed(estimator.random_state)
    train, held_out = _split(part, estimator.validation_fraction, estimator.seed_)
    if keep:
        _check_same_structure(estimator)
    else:
        _prepare(estimator, train)
    estimator._fitted_settings = encode_settings(estimator)
    recipe = _recipe(estimator)
    callbacks = _callbacks(estimator)
    trainer = Trainer(
        estimator.model_,
        _data(estimator, train),
        recipe,
        seed=estimator.seed_,
        validation=None if held_out is None else _data(estimator, held_out),
        callbacks=callbacks,
    )
    saving.begin(estimator, part.samples, callbacks, resuming=resumption is not None)
    estimator._optimizer_state = None
    snapshot = resumption.snapshot if resumption else None
    _run(estimator, trainer, snapshot)
    estimator.fit_seconds_ = perf_counter() - started + _seconds_before(snapshot)
    saving.finish(estimator, callbacks)


def _seconds_before(snapshot: Snapshot | None) -> float:
    if snapshot is None:
        return 0.0
    epochs = sum(record["seconds"] for record in snapshot.values["history"])
    return float(epochs + snapshot.values["position"]["seconds"])


def partial_fit(estimator: Any, X: Any, sample_weight: Any) -> None:
    """Train an estimator for one epoch more.

    Parameters
    ----------
    estimator, X, sample_weight
        As in `fit`.
    """
    started = perf_counter()
    first = not hasattr(estimator, "model_")
    if any(isinstance(callback, Checkpoint) for callback in estimator.callbacks):
        raise SettingError(
            "partial_fit and a Checkpoint cannot work together: each call is a training of one "
            "epoch. Use fit, or save() between the calls."
        )
    part = _checked(estimator, X, sample_weight, reset=first)
    if first:
        estimator.seed_ = _seed(estimator.random_state)
        _prepare(estimator, part)
        estimator._fitted_settings = encode_settings(estimator)
    before = getattr(estimator, "history_", History())
    trainer = Trainer(
        estimator.model_,
        _data(estimator, part),
        replace(_recipe(estimator), max_epochs=1, schedule="constant", schedule_options={}),
        seed=int(np.random.SeedSequence([estimator.seed_, len(before)]).generate_state(1)[0]),
        callbacks=estimator.callbacks,
        optimizer_state=getattr(estimator, "_optimizer_state", None),
    )
    trainer.history = History(before.records)
    trainer.position.epoch = len(before)
    seconds = getattr(estimator, "fit_seconds_", 0.0)
    _run(estimator, trainer, None)
    estimator._optimizer_state = trainer.final_optimizer_state
    estimator.fit_seconds_ = seconds + perf_counter() - started


def _checked(estimator: Any, X: Any, sample_weight: Any, *, reset: bool) -> _Part:
    check_settings(estimator)
    estimator._check_combination()
    samples = read(estimator, X, reset=reset)
    weight = check_weights(sample_weight, samples)
    if weight is None:
        return _Part(samples, None)
    # A row of weight zero is no row: it counts neither in a batch nor in a range.
    rows = np.flatnonzero(weight)
    return _Part(samples.take(rows), weight[rows])


def _check_same_structure(estimator: Any) -> None:
    now = encode_settings(estimator)
    for name, before in estimator._fitted_settings.items():
        if name in _STRUCTURE and now[name] != before:
            raise SettingError(
                f"warm_start=True goes on with the network that is there, whose {name} is "
                f"{before!r}, not {now[name]!r}. Set it back, or warm_start=False."
            )


def _seed(random_state: Any) -> int:
    return int(check_random_state(random_state).randint(2**31 - 1))


def _split(part: _Part, fraction: float, seed: int) -> tuple[_Part, _Part | None]:
    if not fraction:
        return part, None
    n = len(part.samples)
    n_held_out = max(1, round(n * fraction))
    if n_held_out >= n:
        raise DataError(
            f"validation_fraction={fraction} of {n} rows leaves none to learn from. Give more "
            "rows or a smaller fraction."
        )
    order = np.random.default_rng(seed).permutation(n)
    return part.take(np.sort(order[n_held_out:])), part.take(np.sort(order[:n_held_out]))


def _prepare(estimator: Any, part: _Part) -> None:
    samples = part.samples
    kind = estimator._scaling_kind(samples)
    estimator.sample_shape_ = samples.sample_shape
    estimator.dtype_ = samples.container.dtype
    estimator.row_shape_ = samples.container.row_shape
    estimator.scaling_ = Scaling.fit(
        samples.values, kind, sample_shape=samples.sample_shape, sample_weight=part.weight
    )
    estimator.precision_ = _precision(estimator.precision, samples)
    device = find_device(estimator.device)
    if device.type == "mps" and estimator.precision_ == "float64":
        estimator.precision_ = _float32_on_mps(estimator.precision)
    with forked(estimator.seed_, device):
        model = estimator._build()
    estimator._check_data(samples)
    estimator.model_ = model.to(device, getattr(torch, estimator.precision_))


def _precision(setting: str, samples: Samples) -> str:
    if setting != "auto":
        return setting
    n_values = samples.values.shape[0] * samples.values.shape[1]
    small = n_values <= _FREE_FLOAT64
    return "float64" if samples.container.dtype == np.float64 and small else "float32"


def _float32_on_mps(setting: str) -> str:
    if setting == "float64":
        raise SettingError(
            "precision='float64' does not exist on Apple's MPS. Use precision='float32' or "
            "device='cpu'."
        )
    return "float32"


def _recipe(estimator: Any) -> Recipe:
    return Recipe(
        max_epochs=int(estimator.max_epochs),
        batch_size=int(estimator.batch_size),
        optimizer=estimator.optimizer,
        optimizer_options=estimator.optimizer_options or {},
        learning_rate=float(estimator.learning_rate),
        schedule=estimator.schedule,
        schedule_options=estimator.schedule_options or {},
        gradient_clip=estimator.gradient_clip,
        monitor=estimator.monitor,
    )


def _callbacks(estimator: Any) -> Sequence[Callback]:
    callbacks = list(estimator.callbacks)
    if estimator.patience is not None:
        callbacks.append(EarlyStopping(patience=estimator.patience))
    if estimator.averaging is not None:
        callbacks.append(WeightAveraging(half_life=estimator.averaging))
    if estimator.verbose:
        callbacks.append(Progress(lines=estimator.verbose > 1))
    return callbacks


def _data(estimator: Any, part: _Part) -> Data:
    values, like = part.samples.values, next(estimator.model_.parameters())
    shape, scaling = estimator._network_shape(), estimator.scaling_
    weight = None
    if part.weight is not None:
        weight = torch.from_numpy(part.weight / part.weight.mean()).to(like.dtype).to(like.device)
    if not hasattr(values, "tocsr"):
        x = torch.empty((len(part.samples), *shape), dtype=like.dtype, device=like.device)
        start = 0
        for _, block in tensors(values, scaling, shape, like):
            x[start : start + len(block)] = block
            start += len(block)
        return TensorData(Batch(x, weight=weight))

    def fetch(rows: torch.Tensor) -> Batch:
        blocks = [block for _, block in tensors(values[rows.numpy()], scaling, shape, like)]
        return Batch(torch.cat(blocks), weight=None if weight is None else weight[rows])

    return LazyData(len(part.samples), fetch)


def _run(estimator: Any, trainer: Trainer, resume: Snapshot | None) -> None:
    try:
        estimator.stop_reason_ = trainer.run(resume)
    finally:
        estimator.history_ = trainer.history
        estimator.n_epochs_ = trainer.position.epoch
    if estimator.stop_reason_ == "interrupted":
        folders = [str(c.run) for c in trainer.callbacks if isinstance(c, Checkpoint)]
        again = f" espelho.resume({folders[0]!r}, X) goes on from here." if folders else ""
        warnings.warn(
            f"Training was interrupted in epoch {estimator.n_epochs_ + 1}; the "
            f"{type(estimator).__name__} is fitted with the weights as they are.{again}",
            EspelhoWarning,
            stacklevel=4,
        )
