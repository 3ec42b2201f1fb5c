"""The examination: every rule over one training."""

from collections.abc import Iterable, Mapping
from typing import Any

from espelho.training.doctor import codes, games, losses, outputs, samples, translations
from espelho.training.doctor.case import CannotJudge, Case, Finding, Rule
from espelho.training.doctor.diagnosis import Diagnosis, Verdict
from espelho.training.doctor.signals import Signals

__all__ = ["ILLNESSES", "RULES", "examine"]

# A family with illnesses of its own adds its rules here.
RULES: tuple[Rule, ...] = (
    *losses.RULES,
    *outputs.RULES,
    *codes.RULES,
    *samples.RULES,
    *games.RULES,
    *translations.RULES,
)

ILLNESSES = tuple(rule.name for rule in RULES)
"""The names that a verdict may have."""

_NO_SIGNALS = "for no signals were read in this training"
_NO_HISTORY = "for no epoch was finished"


def examine(history: Iterable[Mapping[str, Any]], signals: Signals | None = None) -> Diagnosis:
    """Return what is wrong with a training, from what was recorded of it.

    Parameters
    ----------
    history
        One record per epoch, a `History` or its records.
    signals
        What was read of the model in training; ``None`` where nothing was, as in runs from
        before there was a doctor.

    Examples
    --------
    >>> falling = [{"epoch": e + 1, "stage": "train", "fit/error": 0.8**e} for e in range(20)]
    >>> examine(falling).names
    ('not converged',)
    """
    case = Case(history, signals)
    found: list[Verdict] = []
    unjudged: dict[str, str] = {}
    for rule in RULES:
        try:
            verdict = _apply(rule, case)
        except CannotJudge as reason:
            unjudged[rule.name] = str(reason)
        else:
            found += [] if verdict is None else [verdict]
    general = {translations.SPECIAL.get(verdict.name) for verdict in found}
    found = [verdict for verdict in found if verdict.name not in general]
    return Diagnosis(tuple(sorted(found, key=lambda v: v.epoch)), unjudged)


def _apply(rule: Rule, case: Case) -> Verdict | None:
    if rule.needs and not case.read and case.final is None:
        raise CannotJudge(_NO_SIGNALS)
    if not rule.needs and not case.history and not case.events:
        raise CannotJudge(_NO_HISTORY)
    parts = {"": case} | (case.sets if rule.needs else {})
    looked = {name: _look(rule, part) for name, part in parts.items()}
    found = {name: finding for name, finding in looked.items() if finding is not None}
    if not found:
        return None
    reading, evidence, said = min(found.values(), key=lambda finding: finding.reading.epoch)
    names = [name for name in found if name]
    said = translations.of_sets(names, said) if names else said
    step = case.step_of(reading.epoch) if reading.step is None else reading.step
    remedies = translations.REMEDIES if case.translates else {}
    return Verdict(
        name=rule.name,
        epoch=reading.epoch,
        step=step,
        evidence=evidence,
        said=said,
        remedy=remedies.get(rule.name, rule.remedy),
    )


def _look(rule: Rule, case: Case) -> Finding | None:
    """Return what a rule finds, nothing where no signal has a meaning for it."""
    if rule.needs and all(case.last(name) is None for name in rule.needs):
        return None
    return rule.look(case)
