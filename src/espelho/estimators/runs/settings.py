"""Settings as JSON and back; what has no place in a file is left out and named."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator

from espelho import random_variables
from espelho.estimators import registry
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.checkpoint import Checkpoint
from espelho.training.callbacks.early_stopping import EarlyStopping
from espelho.training.callbacks.progress import Progress
from espelho.training.callbacks.sample_pictures import SamplePictures
from espelho.training.callbacks.weight_averaging import WeightAveraging

__all__ = ["NETWORKS", "decode_settings", "encode_settings", "own_parts", "unfrozen"]

NETWORKS = ("encoder", "decoder")
"""Settings that hold a network of the user's own, which no file keeps."""

_NESTED = ("estimator", "autoencoder")
"""Settings that hold another estimator."""

_VARIABLES: Mapping[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        random_variables.GaussianMixture,
        random_variables.Normal,
        random_variables.SwissRoll,
        random_variables.Uniform,
    )
}
"""Samplers that a file can keep."""

_CALLBACKS: Mapping[str, type[Callback]] = {
    cls.__name__: cls
    for cls in (Checkpoint, EarlyStopping, Progress, SamplePictures, WeightAveraging)
}


def encode_settings(estimator: Any) -> dict[str, Any]:
    """Return the settings of an estimator as JSON values.

    A random state becomes the seed that was drawn from it; networks, samplers and callbacks of
    the user's own are left out.
    """
    settings = {field.name: getattr(estimator, field.name) for field in fields(estimator)}
    if "callbacks" in settings:
        settings["callbacks"] = [_encode_callback(c) for c in settings["callbacks"] if _known(c)]
    if isinstance(settings["random_state"], np.random.RandomState):
        settings["random_state"] = getattr(estimator, "seed_", None)
    for name in _NESTED:
        if isinstance(settings.get(name), BaseEstimator):
            settings[name] = _encode_nested(settings[name])
    if type(prior := settings.get("prior")) in _VARIABLES.values():
        settings["prior"] = {"variable": type(prior).__name__, "settings": asdict(prior)}  # type: ignore[arg-type]
    left_out = (*NETWORKS, *own_parts(estimator))
    return {name: _plain(value) for name, value in settings.items() if name not in left_out}


def own_parts(estimator: Any) -> list[str]:
    """Return the names of the settings that hold a part of the user's own, kept by no file."""
    own = [name for name in NETWORKS if getattr(estimator, name, None) is not None]
    prior = getattr(estimator, "prior", "")
    known = isinstance(prior, str) or type(prior) in _VARIABLES.values()
    return own if known else [*own, "prior"]


def decode_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that `encode_settings` wrote, lists as tuples."""
    decoded = {name: _tupled(value) for name, value in settings.items()}
    for name in _NESTED:
        if isinstance(settings.get(name), Mapping):
            decoded[name] = _decode_nested(settings[name])
    if isinstance(found := decoded.get("prior"), Mapping):
        decoded["prior"] = _VARIABLES[found["variable"]](**found["settings"])
    if "callbacks" in settings:
        decoded["callbacks"] = tuple(
            _CALLBACKS[found["callback"]](**found["settings"]) for found in settings["callbacks"]
        )
    return decoded


def _known(callback: Callback) -> bool:
    return type(callback) in _CALLBACKS.values()


def _encode_callback(callback: Any) -> dict[str, Any]:
    settings = {field.name: _plain(getattr(callback, field.name)) for field in fields(callback)}
    return {"callback": type(callback).__name__, "settings": settings}


def _encode_nested(estimator: Any) -> dict[str, Any]:
    inner = unfrozen(estimator)
    fitted = inner is not estimator
    settings = inner._fitted_settings if fitted else encode_settings(inner)
    return {"class": type(inner).__name__, "settings": settings, "frozen": fitted}


def _decode_nested(found: Mapping[str, Any]) -> Any:
    made = registry.class_of(found["class"])(**decode_settings(found["settings"]))
    return FrozenEstimator(made) if found["frozen"] else made


def unfrozen(estimator: Any) -> Any:
    """Return the fitted estimator inside a ``FrozenEstimator``, or what came in."""
    return estimator.estimator if isinstance(estimator, FrozenEstimator) else estimator


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, Path) else value


def _tupled(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tupled(part) for part in value)
    if isinstance(value, dict):
        return {name: _tupled(part) for name, part in value.items()}
    return value
