"""One member: fitted in its share of the budget, measured, drawn and kept."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from espelho.estimators import registry
from espelho.estimators.runs.diagnosis import doctor
from espelho.estimators.runs.settings import encode_settings
from espelho.evaluation import Evaluation, evaluate
from espelho.panel.data import PanelData
from espelho.panel.members import WIDTH, Member
from espelho.panel.result.finding import Finding
from espelho.panel.running.allotment import Allotment
from espelho.panel.running.baselines import baseline
from espelho.panel.running.budget import Deadline
from espelho.panel.running.folder import Folder
from espelho.panel.running.pilot import learns_labels
from espelho.plots import plot_latent
from espelho.report.picture import HALF, Picture, to_png
from espelho.report.pictures import draw_reconstructions
from espelho.report.sample_pictures import draw_samples
from espelho.report.subject import Mirrored, read

__all__ = ["Task", "measure"]


@dataclass(frozen=True)
class Task:
    """What all members have in common.

    Attributes
    ----------
    data
        What they learn from and are measured on.
    allotment
        What each has of the budget.
    seed
        Of all that is drawn.
    path
        The folder of finished rows.
    """

    data: PanelData
    allotment: Allotment
    seed: int
    path: Path


def measure(member: Member, task: Task) -> Finding:
    """Return what a member came to, and keep it; whatever goes wrong is its row's.

    Parameters
    ----------
    member
        The member.
    task
        What all have in common.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            finding = _measured(member, task)
        except Exception as error:  # noqa: BLE001 - one that fails must not take the others along
            finding = failure(member, error)
    told = tuple(dict.fromkeys(str(one.message) for one in said if _is_told(one)))
    finding = Finding.of({**finding.to_dict(), "warnings": told}, finding.pictures)
    Folder(task.path).write(member, finding)
    return finding


def failure(member: Member, error: BaseException) -> Finding:
    """Return the row of a member that failed, with why in a line."""
    reason = " ".join(str(error).split()) or type(error).__name__
    own = type(error).__module__.startswith("espelho")
    why = reason if own else f"{type(error).__name__}: {reason}"
    return Finding(name=member.name, model=member.model, error=why)


def _is_told(warning: warnings.WarningMessage) -> bool:
    return issubclass(warning.category, UserWarning)


def _measured(member: Member, task: Task) -> Finding:
    data = task.data
    model = _fitted(member, task)
    about = {"X_train": data.train, "random_state": task.seed}
    most = {"max_samples": task.allotment.codes, "max_drawn": task.allotment.samples}
    found = evaluate(model, data.test, data.y_test, **most, **about)
    common: dict[str, Any] = {
        "name": member.name,
        "model": member.model,
        "verdict": found.verdict,
        "rows": {row["name"]: row for row in found.to_dict()["rows"]},
        "width": int(model.latent_dim_) if hasattr(model, "transform") else None,
        "pictures": tuple(_pictures(model, data, found)),
    }
    if member.is_baseline:
        return Finding(**common, settings={WIDTH: int(model.latent_dim_)})
    model.save(Folder(task.path).model(member.name), overwrite=True)
    return Finding(
        **common,
        settings=_changed(model),
        epochs=int(model.n_epochs_),
        stopped=model.stop_reason_,
        doctor=doctor(model).names,
    )


def _fitted(member: Member, task: Task) -> Any:
    data = task.data
    if member.is_baseline:
        width = int(member.settings[WIDTH])
        return baseline(member.model, width, data, task.seed).fit(data.train)
    deadline = Deadline(task.allotment.training, task.allotment.share)
    settings: dict[str, Any] = {"random_state": task.seed, **member.settings, "verbose": 0}
    settings["callbacks"] = (*settings.get("callbacks", ()), deadline)
    model = registry.class_of(member.model)(**settings)
    model.fit(data.train, data.y_train if learns_labels(model) else None)
    if model.stop_reason_ == "interrupted":
        raise KeyboardInterrupt
    return model


def _changed(model: Any) -> dict[str, Any]:
    """Return the settings that differ from the defaults of the class, as JSON values."""
    defaults = encode_settings(type(model)())
    found = {k: v for k, v in encode_settings(model).items() if v != defaults.get(k)}
    return {k: v for k, v in found.items() if k not in ("random_state", "callbacks")}


def _pictures(model: Any, data: PanelData, found: Evaluation) -> Iterator[Picture]:
    """Yield reconstructions, a map of codes and samples: of each what there is."""
    subject = read(
        model,
        data.test,
        data.y_test,
        evaluation=found,
        feature_names=data.names,
        data_name=data.name,
    )
    if isinstance(subject, Mirrored):
        yield draw_reconstructions(subject)
    if hasattr(model, "transform"):
        codes = subject.codes if isinstance(subject, Mirrored) else model.transform(data.test)
        labels = subject.labels if isinstance(subject, Mirrored) else data.y_test
        yield Picture(
            to_png(lambda ax: plot_latent(codes, labels, ax), *HALF),
            "Map of codes",
            f"A map of the codes of {subject.counted}.",
            f"Codes of {subject.counted}" + ", coloured by label" * (labels is not None) + ".",
        )
    yield from list(draw_samples(subject))[:1]
