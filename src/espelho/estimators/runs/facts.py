"""The facts of a run: ``estimator.json``."""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from espelho.data.writing import atomic_file
from espelho.errors import RunError
from espelho.estimators.runs.settings import own_parts

__all__ = [
    "FACTS",
    "FORMAT",
    "Status",
    "describe",
    "read_facts",
    "versions",
    "write_facts",
    "wrong_format",
]

FACTS = "estimator.json"
FORMAT = 1
_LEARNED = (
    "n_features_in_", "latent_dim_", "n_epochs_", "stop_reason_", "fit_seconds_", "seed_",
    "precision_", "bandwidth_", "median_distance_", "best_epoch_", "weights_",
)  # fmt: skip

_NEEDED = (
    "class", "status", "settings", "own_networks", "learned", "sample_shape", "row_shape", "dtype",
    "feature_names", "scaling", "data",
)  # fmt: skip

Status = Literal["training", "interrupted", "fitted"]


def describe(estimator: Any, status: Status, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run folder says of an estimator.

    Parameters
    ----------
    estimator
        The estimator, at least as far as its model is built.
    status
        How far it has come.
    data
        What is known of the data: its fingerprint, and where it came from.
    """
    names = getattr(estimator, "feature_names_in_", None)
    return {
        "format": FORMAT,
        "class": type(estimator).__name__,
        "status": status,
        "settings": estimator._fitted_settings,
        "own_networks": own_parts(estimator),
        "learned": {n: getattr(estimator, n) for n in _LEARNED if hasattr(estimator, n)},
        "sample_shape": list(estimator.sample_shape_),
        "row_shape": list(estimator.row_shape_),
        "dtype": str(estimator.dtype_),
        "feature_names": None if names is None else [str(n) for n in names],
        "scaling": estimator.scaling_.kind,
        "classes": _encode_classes(getattr(estimator, "classes_", None)),
        "condition": estimator.condition_.to_dict() if hasattr(estimator, "condition_") else None,
        "domains": _encode_domains(estimator),
        "layout": estimator.layout_.to_dict() if hasattr(estimator, "layout_") else None,
        "data": dict(data),
        "versions": versions(),
    }


def _encode_classes(classes: Any) -> dict[str, Any] | None:
    return None if classes is None else {"dtype": classes.dtype.str, "values": classes.tolist()}


def _encode_domains(estimator: Any) -> list[dict[str, Any]] | None:
    if not hasattr(estimator, "domain_B_"):
        return None
    return [estimator.domain_A_.to_dict(), estimator.domain_B_.to_dict()]


def versions() -> dict[str, str]:
    """Return the versions of Python, espelho and what it computes with."""
    names = ("espelho", "torch", "numpy", "scikit-learn")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def write_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Write ``estimator.json`` into a run folder, whole or not at all."""
    with atomic_file(path / FACTS) as file:
        file.write(json.dumps(facts, indent=2).encode())


def read_facts(path: Path) -> dict[str, Any]:
    """Return what ``estimator.json`` of a run folder says.

    Raises
    ------
    RunError
        If it is missing, damaged, or of a format version that is not known here.
    """
    try:
        facts: dict[str, Any] = json.loads((path / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        what = "is not a run folder" if path.exists() else "does not exist"
        raise RunError(f"{path} {what}: there is no {FACTS} in it.") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path / FACTS} is damaged or cannot be read: {error}.") from error
    if not isinstance(facts, dict):
        raise RunError(f"{path / FACTS} is damaged: it holds no facts about a run.")
    if facts.get("format") != FORMAT:
        raise wrong_format(path, facts)
    if missing := [name for name in _NEEDED if name not in facts]:
        raise RunError(f"{path / FACTS} is damaged: {missing[0]!r} is missing in it.")
    return facts


def wrong_format(path: Path, facts: Mapping[str, Any]) -> RunError:
    """Return the error that a run is of another format version than is read here.

    Parameters
    ----------
    path
        The run folder.
    facts
        What a file in it says.
    """
    maker = facts.get("versions", {}).get("espelho", "unknown")
    return RunError(
        f"{path} is a run of format {facts.get('format')!r}, and this espelho "
        f"({version('espelho')}) reads format {FORMAT}. Read it with the version that made "
        f"it: {maker}."
    )
