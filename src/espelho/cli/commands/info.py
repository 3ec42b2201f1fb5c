"""``espelho info RUN``: say what is in a run folder."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from espelho.cli.training import FIGURES
from espelho.estimators import registry
from espelho.estimators.runs.detectors import read_detector
from espelho.estimators.runs.facts import read_facts

__all__ = ["info"]

_NOT_SHOWN = ("callbacks", "verbose")
_KINDS = {"number": "numbers", "category": "categories", "boolean": "booleans"}


@click.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def info(run: str, *, as_json: bool) -> None:
    """Say what RUN is: model, data, settings other than the defaults, figures, versions."""
    path = Path(run)
    facts = read_facts(path)
    if (detector := read_detector(path)) is not None:
        facts["detector"] = _of_detector(detector)
    figures = path / FIGURES
    if figures.exists():
        facts["evaluation"] = json.loads(figures.read_text(encoding="utf-8"))
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in _lines(path, facts):
        click.echo(f"{name:<22}{value}")


def _lines(path: Path, facts: dict[str, Any]) -> list[tuple[str, str]]:
    learned, data = facts["learned"], facts["data"]
    lines = [
        ("run", str(path)),
        ("model", facts["class"]),
        ("status", facts["status"]),
        ("sample shape", f"{_shape(facts)}, scaling {facts['scaling']}"),
    ]
    if "latent_dim_" in learned:
        lines.append(("code width", str(learned["latent_dim_"])))
    if facts.get("classes"):
        lines.append(("classes", ", ".join(map(str, facts["classes"]["values"]))))
    if data:
        lines.append(("data", f"{data['rows']} rows, sha256 {data['fingerprint'][:16]}"))
    if "n_epochs_" in learned:
        seconds = learned.get("fit_seconds_", 0.0)
        why = learned["stop_reason_"]
        lines.append(("training", f"{learned['n_epochs_']} epochs, {seconds:.1f} s, {why}"))
    lines += [(f"  {name}", str(value)) for name, value in _changed(facts).items()]
    if "detector" in facts:
        said = (f"{name}={value}" for name, value in facts["detector"].items())
        lines.append(("detector", ", ".join(said)))
    lines.append(("versions", ", ".join(f"{n} {v}" for n, v in facts["versions"].items())))
    if "evaluation" in facts:
        lines.append(("verdict", facts["evaluation"]["verdict"]))
    return lines


def _shape(facts: dict[str, Any]) -> str:
    """Say what one sample is: of a table with categories, how many columns of what."""
    if facts.get("layout") is not None:
        kinds = Counter(field["kind"] for field in facts["layout"]["fields"])
        each = [
            f"{kinds[k]} {k if kinds[k] == 1 else more}" for k, more in _KINDS.items() if kinds[k]
        ]
        return f"{facts['sample_shape'][0]} columns ({', '.join(each)})"
    return f"{' x '.join(str(n) for n in facts['sample_shape'])}, {facts['dtype']}"


def _of_detector(detector: Any) -> dict[str, Any]:
    """Return the threshold of a detector, and its settings other than the defaults."""
    settings = detector.get_params(deep=False).items()
    changed = {n: v for n, v in settings if n != "estimator" and v != getattr(type(detector), n)}
    return {"offset_": getattr(detector, "offset_", None), **changed}


def _changed(facts: dict[str, Any]) -> dict[str, Any]:
    cls = registry.class_of(facts["class"])
    settings = {name: v for name, v in facts["settings"].items() if name not in _NOT_SHOWN}
    if settings.get("estimator"):
        settings["estimator"] = settings["estimator"]["class"]
    defaults = {name: json.loads(json.dumps(getattr(cls, name))) for name in settings}
    return {name: value for name, value in settings.items() if value != defaults[name]}
