"""Loading: an estimator back from its run folder, to be used or trained on."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from espelho.data.scaling import Scaling
from espelho.data.tables.layout import Layout
from espelho.data.tables.scaling import TableScaling
from espelho.errors import RunError
from espelho.estimators import registry
from espelho.estimators.held import put_back
from espelho.estimators.labels.condition import Condition
from espelho.estimators.runs.detectors import read_detector, write_detector
from espelho.estimators.runs.facts import read_facts
from espelho.estimators.runs.saving import HISTORY, LEARNED, SIGNALS, WEIGHTS
from espelho.estimators.runs.settings import NETWORKS, decode_settings
from espelho.estimators.translators.domain import Domain
from espelho.training.callbacks.checkpoint import Checkpoint, read_newest
from espelho.training.doctor.signals import Signals
from espelho.training.history import History

__all__ = ["load", "read_signals", "resume"]


def load(path: str | Path, **networks: Any) -> Any:
    """Return the fitted estimator of a run folder.

    Parameters
    ----------
    path
        The folder that ``save`` or a ``Checkpoint`` made.
    **networks
        The user's own networks (``encoder=``, ``decoder=``) where the run was made with
        any; their weights come from the run. Likewise a sampler of one's own (``prior=``).

    Returns
    -------
    Estimator
        As it was when it was saved; the detector, where the run is that of one's autoencoder.

    Raises
    ------
    RunError
        If the folder is no run, is damaged, of another format version or not finished; or
        if it needs networks that were not given.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import espelho
    >>> X = espelho.load_data("iris").X
    >>> model = espelho.Autoencoder(latent_dim=2, max_epochs=1, random_state=0).fit(X)
    >>> with TemporaryDirectory() as folder:
    ...     same = espelho.load(model.save(folder + "/iris"))
    >>> bool((same.transform(X) == model.transform(X)).all())
    True
    """
    path = Path(path)
    facts = read_facts(path)
    if facts["status"] == "training":
        raise RunError(
            f"{path} holds a training that has not ended. Go on with it by "
            f"espelho.resume({str(path)!r}, X) or 'espelho resume {path}'."
        )
    estimator = _unfitted(path, facts, networks)
    _restore(estimator, path, facts)
    if (detector := read_detector(path)) is None:
        return estimator
    detector.estimator_ = estimator
    put_back(detector, estimator, networks)
    return detector


def resume(
    path: str | Path, X: Any, y: Any = None, sample_weight: Any = None, **settings: Any
) -> Any:
    """Go on with a training that was interrupted, from its newest whole checkpoint.

    The weights end up as if it had never stopped, to the last bit. A training that was
    finished goes on where ``max_epochs`` is raised.

    Parameters
    ----------
    path
        The run folder.
    X, y, sample_weight
        The data it was started with.
    **settings
        What no file keeps and is needed again (``callbacks``, ``encoder``, ``decoder`` of
        your own), and what is to change: ``max_epochs``, ``verbose``.

    Returns
    -------
    Estimator
        The fitted estimator; the detector, where the run is that of one's autoencoder.

    Raises
    ------
    RunError
        If the folder is no run, or none of its checkpoints is whole.
    DataError
        If the data is another.
    """
    path = Path(path)
    if (detector := read_detector(path)) is None:
        return _resumed(path, X, y, sample_weight, settings)
    from espelho.estimators.anomalies import learning

    learning.resume(detector, X, lambda rows, weight: _resumed(path, rows, None, weight, settings))
    write_detector(path, detector)
    return detector


def _resumed(path: Path, X: Any, y: Any, sample_weight: Any, settings: Mapping[str, Any]) -> Any:
    from espelho.estimators.training import fitting

    facts = read_facts(path)
    estimator = _unfitted(path, facts, settings)
    kept = [c for c in estimator.callbacks if not isinstance(c, Checkpoint)]
    rules = [c for c in estimator.callbacks if isinstance(c, Checkpoint)]
    checkpoint = rules[0] if rules else Checkpoint(path)
    checkpoint.run = str(path)
    estimator.callbacks = (*kept, checkpoint)
    snapshot = read_newest(path / "checkpoints")
    fitting.fit(
        estimator,
        X,
        sample_weight,
        fitting.Resumption(facts["learned"]["seed_"], snapshot),
        y=y,
    )
    return estimator


def _unfitted(path: Path, facts: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    missing = [name for name in facts["own_networks"] if given.get(name) is None]
    if missing:
        raise RunError(
            "The run was made with parts of your own, which no file keeps: give them again, "
            f"as {', '.join(f'{name}=...' for name in missing)}."
        )
    cls = registry.class_of(facts["class"])
    names = {field.name for field in fields(cls)}
    for_parts = {n: v for n, v in given.items() if n in NETWORKS and n not in names}
    own = {name: value for name, value in given.items() if name not in for_parts}
    estimator = cls(**{**decode_settings(facts["settings"]), **own})
    estimator._load_parts(path, for_parts)
    return estimator


def _restore(estimator: Any, path: Path, facts: Mapping[str, Any]) -> None:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    from espelho.training.environment.randomness import forked

    try:
        content = (path / WEIGHTS).read_bytes()
        tensors = from_bytes(content)
        estimator.history_ = History.from_lines((path / HISTORY).read_text(encoding="utf-8"))
    except (OSError, ValueError, SafetensorError) as error:
        raise RunError(f"{path} is damaged: {error}.") from error
    if (path / SIGNALS).exists():
        estimator.signals_ = read_signals(path)
    if hashlib.sha256(content).hexdigest() != facts.get("weights_sha256"):
        raise RunError(f"{path / WEIGHTS} is damaged: it is not what was written.")
    shift, scale = (tensors.pop(f"scaling/{name}").numpy() for name in ("shift", "scale"))
    gaps = tensors.pop("scaling/stand_ins", None)
    stand_ins = None if gaps is None else gaps.numpy()
    estimator.scaling_ = Scaling(facts["scaling"], shift, scale, stand_ins)
    _restore_facts(estimator, facts)
    if (layout := getattr(estimator, "layout_", None)) is not None:
        estimator.scaling_ = TableScaling(facts["scaling"], shift, scale, stand_ins, layout=layout)
    estimator._take_arrays(_learned_arrays(tensors))
    with forked(0, torch.device("cpu")):
        model = estimator._build().to(getattr(torch, estimator.precision_))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(f"The weights in {path} do not fit its settings: {error}") from error
    estimator.model_ = model.eval()


def read_signals(path: Path) -> Signals:
    """Return the signals of a run folder that has any.

    Raises
    ------
    RunError
        If they are damaged, or of a format version that is not known here.
    """
    try:
        return Signals.from_lines((path / SIGNALS).read_text(encoding="utf-8"))
    except (RunError, OSError, ValueError) as error:
        raise RunError(f"{path / SIGNALS} cannot be read. {error}") from error


def _restore_facts(estimator: Any, facts: Mapping[str, Any]) -> None:
    estimator.sample_shape_ = tuple(facts["sample_shape"])
    estimator.row_shape_ = tuple(facts["row_shape"])
    estimator.dtype_ = np.dtype(facts["dtype"])
    estimator._fitted_settings = facts["settings"]
    for name, value in facts["learned"].items():
        setattr(estimator, name, value)
    if (classes := facts.get("classes")) is not None:
        estimator.classes_ = np.array(classes["values"], dtype=classes["dtype"])
    if (condition := facts.get("condition")) is not None:
        estimator.condition_ = Condition.from_dict(condition)
    if (layout := facts.get("layout")) is not None:
        estimator.layout_ = Layout.from_dict(layout)
    if (domains := facts.get("domains")) is not None:
        estimator.domain_A_, estimator.domain_B_ = map(Domain.from_dict, domains)
    if facts["feature_names"] is not None:
        estimator.feature_names_in_ = np.array(facts["feature_names"], dtype=object)


def _learned_arrays(tensors: dict[str, Any]) -> dict[str, Any]:
    """Take out of the tensors of a run what are no weights, as arrays."""
    names = [name for name in tensors if name.startswith(LEARNED)]
    return {name.removeprefix(LEARNED): tensors.pop(name).numpy() for name in names}
