"""Detectors in run folders: what makes a detector of the autoencoder beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.writing import atomic_file
from espelho.errors import RunError
from espelho.estimators import registry
from espelho.estimators.runs.facts import FORMAT, wrong_format
from espelho.estimators.runs.settings import decode_settings, encode_settings

__all__ = ["DETECTOR", "read_detector", "write_detector"]

DETECTOR = "detector.json"
_LEARNED = ("offset_", "seed_", "n_features_in_")


def write_detector(path: Path, detector: Any) -> None:
    """Write what a detector adds to the run of its autoencoder, fitted or to be fitted.

    Parameters
    ----------
    path
        The run folder.
    detector
        The detector.
    """
    names = getattr(detector, "feature_names_in_", None)
    facts = {
        "format": FORMAT,
        "class": type(detector).__name__,
        "settings": encode_settings(detector),
        "learned": {n: getattr(detector, n) for n in _LEARNED if hasattr(detector, n)},
        "feature_names": None if names is None else [str(name) for name in names],
    }
    with atomic_file(path / DETECTOR) as file:
        file.write(json.dumps(facts, indent=2).encode())


def read_detector(path: Path) -> Any:
    """Return the detector of a run folder, as far as it was fitted and without its autoencoder.

    Parameters
    ----------
    path
        The run folder.

    Returns
    -------
    AnomalyDetector or None
        Nothing where the folder holds no detector.

    Raises
    ------
    RunError
        If what the folder says of it is damaged, or of a format version that is not known here.
    """
    file = path / DETECTOR
    if not file.exists():
        return None
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        known = facts["format"] == FORMAT
        detector = _restored(facts) if known else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{file} is damaged or cannot be read: {error!r}.") from error
    if not known:
        raise wrong_format(path, facts)
    return detector


def _restored(facts: Mapping[str, Any]) -> Any:
    detector = registry.class_of(facts["class"])(**decode_settings(facts["settings"]))
    for name, value in facts["learned"].items():
        setattr(detector, name, value)
    if facts["feature_names"] is not None:
        detector.feature_names_in_ = np.array(facts["feature_names"], dtype=object)
    return detector
