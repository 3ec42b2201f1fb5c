"""The diagnosis: what the doctor found, and what could not be judged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any

__all__ = ["Diagnosis", "Verdict"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """An illness that was found.

    Attributes
    ----------
    name
        What it is called, a name of `ILLNESSES`.
    epoch, step
        Since when: epochs and batches that were done. The step is ``None`` where no signals
        were read.
    evidence
        The figures that show it, by name.
    said
        What they mean, in a sentence.
    remedy
        Which setting to change.
    """

    name: str
    epoch: int
    step: int | None
    evidence: Mapping[str, float]
    said: str
    remedy: str

    @property
    def when(self) -> str:
        """Since when, in words."""
        return f"epoch {self.epoch}" + ("" if self.step is None else f", step {self.step}")

    @property
    def figures(self) -> str:
        """The evidence, in words."""
        return ", ".join(f"{name} {value:.3g}" for name, value in self.evidence.items())

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "name": self.name,
            "epoch": self.epoch,
            "step": self.step,
            "evidence": dict(self.evidence),
            "said": self.said,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor says of a training.

    Attributes
    ----------
    verdicts
        The illnesses found, the earliest first.
    unjudged
        By the name of an illness that could not be looked for, the reason.

    Examples
    --------
    >>> found = Diagnosis()
    >>> found.healthy, "mode collapse" in found
    (True, False)
    """

    verdicts: tuple[Verdict, ...] = ()
    unjudged: Mapping[str, str] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.verdicts

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what was found."""
        return tuple(verdict.name for verdict in self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Verdict:
        """Return the verdict of a name."""
        for verdict in self.verdicts:
            if verdict.name == name:
                return verdict
        raise KeyError(f"{name!r} was not found. Found: {', '.join(self.names) or 'nothing'}.")

    def __str__(self) -> str:
        parts = [_paragraph(verdict) for verdict in self.verdicts]
        if not parts:
            parts = ["Nothing wrong was found."]
        lines = [_not_judged(reason, names) for reason, names in self.reasons.items()]
        parts += ["\n".join(lines)] if lines else []
        return "\n\n".join(parts)

    @property
    def reasons(self) -> dict[str, list[str]]:
        """By the reason why, the names of what could not be judged."""
        found: dict[str, list[str]] = {}
        for name, reason in self.unjudged.items():
            found.setdefault(reason, []).append(name)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "healthy": self.healthy,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "unjudged": dict(self.unjudged),
        }


def _paragraph(verdict: Verdict) -> str:
    return "\n".join(
        (
            f"{verdict.name} (since {verdict.when})",
            _indented(verdict.said),
            _indented(f"Evidence: {verdict.figures}."),
            _indented(f"Remedy: {verdict.remedy}"),
        )
    )


def _indented(text: str) -> str:
    return fill(text, 88, initial_indent="  ", subsequent_indent="  ")


def _not_judged(reason: str, names: Iterable[str]) -> str:
    return fill(f"Not judged, {reason}: {', '.join(names)}.", 88, subsequent_indent="  ")
