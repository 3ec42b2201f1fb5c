"""Illnesses of a game: of the discriminator, and of what its adversary learns from it."""

from math import sqrt

from espelho.training.doctor.case import CannotJudge, Case, Finding, Reading, Rule

__all__ = ["RULES"]

SATURATED = 0.999
"""Chance that a real sample is scored above a made one from which there is nothing to learn:
of 256 and 256, hardly a pair is the other way round."""

GUESSING, FLAT, TRIVIAL = 0.6, 0.05, 0.95
"""The same chance, and gap of mean scores, below which a discriminator tells next to nothing,
while neighbours tell so many samples apart that any discriminator could."""

FIRST = 3
"""First readings that must agree."""

KNOWN, OVERFITTED, DEVIATIONS = 0.7, 0.25, 4.0
"""Chance that a known sample is scored above a new one, and share of the gap between known and
made ones, that together show memorising (Karras et al. 2020: the share is 0 without any, and 1
where new samples look made); and by how many standard errors the first must be above a half."""

VANISHED = 1e-3
"""Share of the largest gradient so far below which one has vanished."""

FOOL = "fool"
"""What the terms of a phase begin with that learns to deceive a discriminator."""


def saturated(case: Case) -> Finding | None:
    """Find a discriminator that tells everything apart."""
    since = case.ill("scores/separation", lambda value: value >= SATURATED)
    if since is None:
        return None
    gap = case.last("scores/gap")
    evidence = {"separation": since.value, "gap of scores": gap.value if gap else 0.0}
    return Finding(
        since,
        evidence,
        "The discriminator scores practically every real sample above every made one, so its "
        "adversary hardly learns from it which change would help.",
    )


def blind(case: Case) -> Finding | None:
    """Find a discriminator that does not tell apart what neighbours do."""
    names = ("scores/separation", "scores/gap", "samples/told_apart")
    first = list(zip(*map(case.series, names), strict=False))[:FIRST]
    if not first or not all(_sees_nothing(*(r.value for r in readings)) for readings in first):
        return None
    score, gap, told = first[0]
    return Finding(
        score,
        {"separation": score.value, "gap": gap.value, "told apart by neighbours": told.value},
        "The discriminator cannot separate the first made samples from real ones, though the "
        "nearest neighbour of a sample tells them apart: nothing can be learned from it.",
    )


def _sees_nothing(separation: float, gap: float, told_apart: float) -> bool:
    return told_apart >= TRIVIAL and (separation <= GUESSING or gap <= FLAT)


def memorising(case: Case) -> Finding | None:
    """Find a discriminator that knows the data by heart."""
    if not case.series("scores/known") and case.last("scores/known") is None:
        raise CannotJudge("for no rows were held out (validation_fraction)")
    rows, held_out = (case.signals.facts[name] for name in ("rows", "held_out_rows"))
    error = sqrt((1 / rows + 1 / held_out) / 12)
    bound = max(KNOWN, 0.5 + DEVIATIONS * error)
    since = case.ill("scores/known", lambda value: value >= bound)
    share = case.last("scores/overfitting")
    if since is None or share is None or share.value < OVERFITTED:
        return None
    return Finding(
        since,
        {"known above new": since.value, "share of the gap": share.value},
        "The discriminator scores samples that it learned from above those held out: it knows "
        "them by heart, and made samples are judged by likeness to them.",
    )


def vanishing(case: Case) -> Finding | None:
    """Find an adversary whose gradient has become too small to move it."""
    deceiving = [
        phase
        for phase, terms in case.phases().items()
        if any(term.startswith(FOOL) for term in terms)
    ]
    for phase in deceiving:
        readings = case.series(f"gradient/{phase}")
        largest = max((r.value for r in readings), default=0.0)
        if not readings:
            continue
        since = _vanished(case, phase, largest)
        if since is not None:
            return Finding(
                since,
                {"gradient": readings[-1].value, "largest before": largest},
                f"The gradient of the phase {phase!r} has vanished: it no longer moves what it "
                "is to move.",
            )
    return None


def _vanished(case: Case, phase: str, largest: float) -> Reading | None:
    return case.ill(f"gradient/{phase}", lambda value: value <= VANISHED * largest)


RULES = (
    Rule(
        "saturated discriminator",
        ("scores/separation",),
        saturated,
        "lower discriminator_updates or discriminator_learning_rate, or hold the discriminator "
        "back: penalty='r1', spectral_norm=True, instance_noise=0.1, label_smoothing=0.1.",
    ),
    Rule(
        "overfitting discriminator",
        ("scores/separation",),
        memorising,
        "give more data, augmentation='adaptive' for images, a stronger penalty_weight, smaller "
        "discriminator_sizes or channels, or fewer epochs (patience with keep='best').",
    ),
    Rule(
        "blind discriminator",
        ("scores/separation", "samples/told_apart"),
        blind,
        "raise discriminator_learning_rate or discriminator_updates, give it more capacity "
        "(discriminator_sizes, channels), and lower penalty_weight and instance_noise.",
    ),
    Rule(
        "vanishing gradient",
        ("scores/separation",),
        vanishing,
        "game='non-saturating' instead of 'minimax', penalty='r1', and fewer "
        "discriminator_updates or a lower discriminator_learning_rate.",
    ),
)
