"""The examination: every rule over one training."""

from collections.abc import Iterable, Mapping
from typing import Any

from espelho.training.doctor import codes, games, losses, outputs, samples
from espelho.training.doctor.case import CannotJudge, Case, Rule
from espelho.training.doctor.diagnosis import Diagnosis, Verdict
from espelho.training.doctor.signals import Signals

__all__ = ["ILLNESSES", "RULES", "examine"]

# A family with illnesses of its own, translators say, adds its rules here.
RULES: tuple[Rule, ...] = (
    *losses.RULES,
    *outputs.RULES,
    *codes.RULES,
    *samples.RULES,
    *games.RULES,
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
    return Diagnosis(tuple(sorted(found, key=lambda v: v.epoch)), unjudged)


def _apply(rule: Rule, case: Case) -> Verdict | None:
    if rule.needs and not case.read and case.final is None:
        raise CannotJudge(_NO_SIGNALS)
    if not rule.needs and not case.history and not case.events:
        raise CannotJudge(_NO_HISTORY)
    if rule.needs and all(case.last(name) is None for name in rule.needs):
        return None
    finding = rule.look(case)
    if finding is None:
        return None
    reading, evidence, said = finding
    step = case.step_of(reading.epoch) if reading.step is None else reading.step
    return Verdict(
        name=rule.name,
        epoch=reading.epoch,
        step=step,
        evidence=evidence,
        said=said,
        remedy=rule.remedy,
    )
