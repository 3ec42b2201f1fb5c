"""Illnesses of what is made: samples too much alike, and kinds of samples that are missing."""

from collections.abc import Sequence

from espelho.training.doctor.case import Case, Finding, Reading, Rule

__all__ = ["RULES"]

DIVERSE = 0.5
"""Mean distance between made samples, beside that of real ones, below which they are too alike."""

SPACED = 0.1
"""Median distance to the nearest other made sample, beside that of real ones, below which they
sit on a few points."""

PRESENT, LARGE = 0.1, 0.05
"""Share of a bin or a class, beside the real one, below which it is missing; and the real share
from which a bin counts."""

MOST_MISSING = 0.3
"""Share of real samples in missing bins from which modes have been dropped."""

RECOGNISABLE = 0.5
"""How often real samples of a class must be recognised by their neighbours for it to count."""


def missing(real: Sequence[float], made: Sequence[float], least: float) -> list[int]:
    """Return the numbers of those shares that are hardly there in what is made."""
    pairs = enumerate(zip(real, made, strict=True))
    return [i for i, (a, b) in pairs if a >= least and b < PRESENT * a]


def collapsed(case: Case) -> Finding | None:
    """Find samples that are too alike, or kinds that are not made."""
    for look in (_too_alike, _on_points, _bins_missing, _classes_missing):
        found = look(case)
        if found is not None:
            return found
    return None


def _too_alike(case: Case) -> Finding | None:
    since = case.ill("samples/diversity", lambda value: value < DIVERSE)
    return since and Finding(
        since,
        _evidence(case, {"diversity": since.value}),
        "Made samples differ from each other much less than real ones do.",
    )


def _on_points(case: Case) -> Finding | None:
    since = case.ill("samples/spacing", lambda value: value < SPACED)
    return since and Finding(
        since,
        _evidence(case, {"spacing": since.value}),
        "Made samples sit on a few points: the nearest other one is much nearer than among real "
        "ones.",
    )


def _bins_missing(case: Case) -> Finding | None:
    readings = [*case.series("samples/bins_real"), case.last("samples/bins_real")]
    real = next((r.value for r in readings if r), None)
    if real is None:
        return None

    def dropped(made: Sequence[float]) -> float:
        return float(sum(real[i] for i in missing(real, made, LARGE)))

    since = case.ill("samples/bins_made", lambda made: dropped(made) >= MOST_MISSING)
    return since and Finding(
        since,
        _evidence(case, {"share of the data in missing modes": dropped(since.value)}),
        "Whole clusters of the data are not made.",
    )


def _classes_missing(case: Case) -> Finding | None:
    real = case.last("classes/real")
    if real is None:
        return None

    def unrecognised(made: Sequence[float]) -> list[int]:
        return missing(real.value, made, RECOGNISABLE)

    since = case.ill("classes/made", lambda made: bool(unrecognised(made)))
    if since is None:
        return None
    gone = unrecognised(since.value)
    return Finding(
        since,
        _evidence(case, {"classes missing": float(len(gone)), "the first, by number": gone[0]}),
        "Samples made for a class look like those of others.",
    )


def _evidence(case: Case, shown: dict[str, float]) -> dict[str, float]:
    """Return the evidence, and how the weights do that training ended with."""
    final: Reading | None = case.last("samples/coverage")
    return shown | ({} if final is None else {"coverage in the end": final.value})


RULES = (
    Rule(
        "mode collapse",
        ("samples/diversity",),
        collapsed,
        "keep='best' for the weights from before, penalty='r1' or a larger penalty_weight, "
        "packing=2 or minibatch_deviation=True, a lower learning_rate; of a moment matching "
        "network larger bandwidths.",
    ),
)
