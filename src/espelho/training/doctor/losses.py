"""Illnesses that losses show: divergence, overfitting, and training that ended too early."""

from collections.abc import Sequence
from statistics import median

from espelho.training.doctor.case import CannotJudge, Case, Finding, Reading, Rule
from espelho.training.doctor.signals import DIVERGED, EVENT

__all__ = ["RULES"]

GROWN = 1.0
"""Rise of a loss above its lowest, to more than the first, as a share of what it was, that counts
as divergence; what loss values mean differs too much for a finer measure."""

RISEN = 0.1
"""Rise of a validation loss above its lowest, as a share of that and of all that it fell."""

APART, FURTHER = 3.0, 0.1
"""How many times more of the variance of new data is lost than of known data, and how much more,
when known data is known by heart."""

STILL_FALLING = ((0.05, 0.01), (0.01, 0.1))
"""What the last fifth of the epochs brought, as shares of the loss and of all that it fell, from
which more training is worth it: both of a pair. A loss that falls evenly brings a fifth."""

OF_SAMPLES = ((0.2, 0.02),)
"""The same for the two-sample figure, which some hundred rows tell less exactly."""

FEWEST = 10
"""Epochs below which a trend says nothing."""

TWO_SAMPLE = "two_sample/squared_mmd"

_GAME = ("real", "fake", "fool", "made")
"""What the terms of adversaries begin with: they say nothing of how far training has come."""

_SMOOTHED = 3


def divergence(case: Case) -> Finding | None:
    """Find values that were not finite, and losses that have grown."""
    events = [event for event in case.events if event[EVENT] == DIVERGED]
    if events:
        event = events[-1]
        said = f"{event['what'][:1].upper()}{event['what'][1:]}; the weights {event['back']} "
        return Finding(
            Reading(event["epoch"], event["step"], None),
            {"epochs before it": event["epoch"]},
            f"{said}were put back.",
        )
    curve = case.curve(TWO_SAMPLE) or case.curve(_learned(case) or "")
    if len(curve) < _SMOOTHED + 1:
        return None
    lowest, last = min(curve, key=lambda r: r.value), median(r.value for r in curve[-_SMOOTHED:])
    first = curve[0].value
    if last <= first or last - lowest.value < GROWN * max(abs(first), abs(lowest.value)):
        return None
    return Finding(
        lowest,
        {"lowest": lowest.value, "in the end": last, "at first": first},
        "The loss has grown above what it was at first.",
    )


def overfitting(case: Case) -> Finding | None:
    """Find a network that does better on known data the more it does worse on new data."""
    return _apart(case) or _risen(case)


def _apart(case: Case) -> Finding | None:
    new, known = case.last("typical/held_out"), case.last("typical/train")
    if new is None or known is None:
        return None
    if new.value < APART * known.value or new.value - known.value < FURTHER:
        return None
    return Finding(
        new,
        {"variance lost of a new sample": new.value, "of a known one": known.value},
        "The median sample held out comes back much worse than the one learned from: known data "
        "is known by heart.",
    )


def _risen(case: Case) -> Finding | None:
    """Find a loss on new data that has risen while that on known data fell."""
    name = _learned(case)
    if name is None:
        return None
    curve, known = case.curve(f"validation/{name}"), case.curve(name)
    if not curve:
        raise CannotJudge("for no rows were held out (validation_fraction)")
    if len(curve) < FEWEST:
        raise CannotJudge(f"for there are fewer than {FEWEST} epochs")
    lowest, last = min(curve, key=lambda r: r.value), median(r.value for r in curve[-_SMOOTHED:])
    rise, fell = last - lowest.value, curve[0].value - lowest.value
    falling = known[-1].value < next(r.value for r in known if r.epoch == lowest.epoch)
    if rise < RISEN * abs(lowest.value) or rise < RISEN * fell or not falling:
        return None
    return Finding(
        lowest,
        {"lowest on new data": lowest.value, "in the end": last, "on known data": known[-1].value},
        "The loss on data held out has risen since, while that on the data learned from fell.",
    )


def unfinished(case: Case) -> Finding | None:
    """Find a loss that was still falling when training ended."""
    curve = _progress(case)
    if not curve and case.history:
        raise CannotJudge(
            "for the losses of a game do not tell it (keep='best' records what does)"
        )
    if len(case.history) < FEWEST or len(curve) < _SMOOTHED + _SMOOTHED:
        raise CannotJudge(f"for there are fewer than {FEWEST} epochs, or too few figures of them")
    fifth = max(_SMOOTHED, len(curve) // 5)
    lowest = min(r.value for r in curve[:-fifth])
    last = median(r.value for r in curve[-(fifth // _SMOOTHED) :])
    gain, fell = lowest - last, curve[0].value - last
    pairs = OF_SAMPLES if case.curve(TWO_SAMPLE) else STILL_FALLING
    if not any(gain >= a * abs(last) and gain >= b * fell for a, b in pairs):
        return None
    return Finding(
        curve[-1],
        {"lowest before the last fifth": lowest, "in the end": last},
        "The last fifth of training still lowered the loss noticeably: more epochs are worth it.",
    )


def _learned(case: Case) -> str | None:
    """Return the first phase that says how far training has come, if there is one."""
    for phase, terms in case.phases().items():
        if phase != "validation" and not any(term.startswith(_GAME) for term in terms):
            return phase
    return None


def _progress(case: Case) -> Sequence[Reading]:
    """Return the curve that says how far training has come, or nothing."""
    compared = case.curve(TWO_SAMPLE)
    name = _learned(case)
    if compared or name is None:
        return compared
    return case.curve(f"validation/{name}") or case.curve(name)


RULES = (
    Rule(
        "divergence",
        (),
        divergence,
        "a lower learning_rate, gradient_clip=1.0, or scaling='standard' if the data's units are "
        "large.",
    ),
    Rule(
        "overfitting",
        (),
        overfitting,
        "patience=10 to end with the weights of the best epoch, more data, weight_decay, dropout, "
        "corruption, or smaller hidden_sizes.",
    ),
    Rule("not converged", (), unfinished, "a larger max_epochs, or a higher learning_rate."),
)
