"""What a panel says in sentences: who is clearly better than principal components, if any."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from espelho.evaluation.margin import Margin
from espelho.panel.result.finding import Finding

__all__ = ["ERROR", "Contest", "contests", "level_for", "sentences"]

ERROR = "reconstruction_error_scaled"
LEVEL = 0.05
POINTS, GUESSING = 100, 0.5


class Contest(NamedTuple):
    """A figure that members are better or worse at than what they have to beat.

    Attributes
    ----------
    figure
        The name of its row.
    rival
        The column of what is to beat.
    what, rival_name
        Both in words.
    sign
        1 where more is better, -1 where less is.
    """

    figure: str
    rival: str
    what: str
    rival_name: str
    sign: int


_RECONSTRUCTION = Contest(ERROR, "pca", "reconstruction", "PCA", -1)
_PREDICTIONS = tuple(
    Contest(figure, rival, what, name, 1)
    for rival, name in (("pca", "PCA"), ("raw", "Raw data"))
    for figure, what in (
        ("knn_score", "prediction by nearest neighbours"),
        ("probe_score", "prediction by a linear probe"),
    )
)


def contests(findings: Sequence[Finding]) -> tuple[Contest, ...]:
    """Return the contests that some finding has a margin in."""
    every = (_RECONSTRUCTION, *_PREDICTIONS)
    return tuple(c for c in every if any(f.margin(c.figure, c.rival) for f in findings))


def members_of(findings: Sequence[Finding]) -> list[Finding]:
    """Return the members of the family that have codes."""
    return [f for f in findings if f.epochs is not None and f.has_codes]


def level_for(findings: Sequence[Finding]) -> float:
    """Return the level of each interval so that 95 % hold of all of them (Bonferroni)."""
    return 1 - LEVEL / max(1, len(members_of(findings)))


def sentences(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a sentence for each contest, and one about samples.

    A member wins where the interval of its difference lies on its side, with the level shared
    out over all members.

    Parameters
    ----------
    findings
        What members came to.
    """
    members = members_of(findings)
    for contest in contests(members):
        margins = [(f, f.margin(contest.figure, contest.rival)) for f in members]
        yield _outcome(contest, [(f, m) for f, m in margins if m is not None], findings)
    yield from _about_samples(findings)


def _outcome(
    contest: Contest, found: list[tuple[Finding, Margin]], findings: Sequence[Finding]
) -> str:
    level = level_for(findings)
    ahead = [(f, m) for f, m in found if m.side_at(level) == contest.sign]
    if ahead:
        best, margin = _best(contest, ahead)
        others = [f.name for f, _ in ahead if f is not best]
        also = f" Clearly better too: {', '.join(others)}." if others else ""
        return (
            f"{_title(contest)}: {best.name} is {_by_how_much(contest, best, margin, level)} "
            f"than {_rival(contest)}.{also}"
        )
    best, margin = _best(contest, found)
    behind = all(m.side_at(level) == -contest.sign for _, m in found)
    nobody = "every member is clearly worse" if behind else "no member is clearly better"
    how = "better" if behind else "as good"
    return (
        f"{_title(contest)}: {contest.rival_name} is {how}: {nobody}. The best of them, "
        f"{best.name}, is {_by_how_much(contest, best, margin, level)}."
    )


def _best(contest: Contest, found: list[tuple[Finding, Margin]]) -> tuple[Finding, Margin]:
    """Return who has the best figure, of errors the least part of the rival's."""

    def ahead(pair: tuple[Finding, Margin]) -> float:
        value = pair[0].value(contest.figure)
        if contest.sign > 0:
            return value
        return -value / (pair[0].value(contest.figure, contest.rival) or 1.0)

    return max(found, key=ahead)


def _title(contest: Contest) -> str:
    return contest.what[0].upper() + contest.what[1:]


def _rival(contest: Contest) -> str:
    return "PCA of the same width" if contest.rival == "pca" else "the data as it is"


def _by_how_much(contest: Contest, finding: Finding, margin: Margin, level: float) -> str:
    """Return a difference in per cent or points, and the ends of its interval."""
    low, high = margin.interval(level)
    if low == high == 0:
        return "no different"
    scale, unit = float(POINTS), "points"
    if contest.sign < 0:
        scale = -POINTS / (finding.value(contest.figure, contest.rival) or math.nan)
        unit = "%"
    middle, first, last = (scale * end for end in (margin.mean, low, high))
    word = "better" if middle >= 0 else "worse"
    ends = sorted((first, last), key=abs)
    if first * last > 0:
        between = " to ".join(_digits(abs(end)) for end in ends)
    else:
        worst, best = sorted(ends)
        between = f"from {_digits(-worst)} worse to {_digits(best)} better"
    return f"{_digits(abs(middle))} {unit} {word} ({between})"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= POINTS else f"{value:.1f}"


def _about_samples(findings: Sequence[Finding]) -> Iterator[str]:
    generators = [f for f in findings if f.samples and f.epochs is not None]
    if generators:
        best = min(generators, key=lambda f: max(f.value("classifier"), GUESSING))
        yield (
            f"Samples: those of {best.name} are told from data least often, "
            f"{best.value('classifier'):.0%} of the time, where guessing is right half of it; "
            f"they cover {best.value('coverage'):.0%} of the data, where real data covers "
            f"{best.value('coverage', 'real'):.0%}."
        )
    yield from (_recognition(f) for f in generators if "recognised" in f.rows)


def _recognition(finding: Finding) -> str:
    share, real = (finding.value("recognised", column) for column in ("model", "real"))
    if math.isnan(share):
        why = finding.rows["recognised"].get("note", "")
        return f"Whether samples of {finding.name} are of the label asked for is not known: {why}"
    return (
        f"Samples of {finding.name} are recognised as the label asked for {share:.0%} of the "
        f"time, real data {real:.0%}."
    )
