"""Two sets of weights of one generator: the best, and the last."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.keep_best import KeepBest
from espelho.training.weights import load_state

__all__ = ["remember", "use"]


def remember(estimator: Any, callbacks: Sequence[Callback]) -> None:
    """Let a trained generator know its best weights, which it has, and its last ones.

    Parameters
    ----------
    estimator
        The generator.
    callbacks
        What watched its training; without a `KeepBest` among them there are only the last.
    """
    estimator.weights_, estimator._beside = "last", {}
    vars(estimator).pop("best_epoch_", None)
    for callback in callbacks:
        if isinstance(callback, KeepBest) and callback.best:
            estimator.weights_, estimator.best_epoch_ = "best", callback.epoch
            estimator._beside = _as_arrays(callback.last)


def use(estimator: Any, which: str) -> None:
    """Let a generator have its best weights, or its last ones.

    Parameters
    ----------
    estimator
        The generator.
    which
        ``"best"`` or ``"last"``.

    Raises
    ------
    SettingError
        If it is neither, or only the last weights were kept.
    """
    if which not in ("best", "last"):
        raise SettingError(f"use_weights takes 'best' or 'last', got {which!r}.")
    if which == getattr(estimator, "weights_", "last"):
        return
    if not getattr(estimator, "_beside", None):
        raise SettingError(
            f"This {type(estimator).__name__} has its last weights only. Fit it with keep='best' "
            "to have those of the best epoch too."
        )
    before = _as_arrays(estimator.model_.state_dict())
    load_state(estimator.model_, {n: torch.from_numpy(v) for n, v in estimator._beside.items()})
    estimator.weights_, estimator._beside = which, before


def _as_arrays(weights: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    # A copy, for a tensor on the CPU shares its memory with its array.
    return {name: value.detach().cpu().numpy().copy() for name, value in weights.items()}
