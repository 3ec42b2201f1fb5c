"""Illnesses of translators: copies, one way that collapsed, and signals that nobody sees."""

from collections.abc import Mapping, Sequence

from espelho.training.doctor import samples
from espelho.training.doctor.case import Case, Finding, Rule

__all__ = ["COPIED", "REMEDIES", "RULES", "SPECIAL", "is_hidden", "of_sets"]

COPIED = 0.05
"""Change of samples, as a share of their mean absolute deviation, below which they are copies."""

APART = 0.75
"""How often the nearest sample is of the same kind from which copies are not what the other set
has: where both sets are alike it is a half, and a copy is right."""

TIMES, SHARE = 2.0, 0.1
"""Where a signal was hidden, noise or rounding makes the cycle error so many times as large, and
larger by such a share of what the constant mean is off by."""


def is_hidden(plain: float, changed: float, mean: float) -> bool:
    """Return whether a translation there and back lives on what a faint change undoes.

    Parameters
    ----------
    plain, changed
        Cycle error, and what it is after the translation was changed where nobody would see it.
    mean
        What the constant mean is off by.
    """
    return changed > max(TIMES * plain, plain + SHARE * mean)


def of_sets(names: Sequence[str], said: str) -> str:
    """Return what was found, and of which sets."""
    return f"Of {' and '.join(names)}: {said[:1].lower()}{said[1:]}"


def copying(case: Case) -> Finding | None:
    """Find translations that are what was translated, though the other set is not like that."""
    since = case.ill("translation/change", lambda value: value < COPIED)
    told = case.last("samples/told_apart")
    if since is None or told is None or told.value < APART:
        return None
    return Finding(
        since,
        {"change": since.value, "told apart by neighbours": told.value},
        "Translations are what was translated, nearly unchanged, and the nearest neighbour of a "
        "sample tells them from samples of the set: the generator copies.",
    )


def hiding(case: Case) -> Finding | None:
    """Find a way back that lives on a signal that nobody sees."""

    def wrong(errors: Sequence[float]) -> bool:
        plain, *changed, mean = errors
        return any(is_hidden(plain, error, mean) for error in changed)

    since = case.ill("translation/cycle", wrong)
    if since is None:
        return None
    names = ("cycle error", "after 8 bits", "after tiny noise", "of the constant mean")
    return Finding(
        since,
        dict(zip(names, since.value, strict=True)),
        "Rounding a translation to 8 bits, or noise too faint to be seen, undoes the way back: "
        "the generators hide in the translation what it is to be undone by.",
    )


def one_sided(case: Case) -> Finding | None:
    """Find the one of two ways whose translations are too alike, where the other's are not."""
    looked = {name: samples.collapsed(part) for name, part in case.sets.items()}
    found = {name: finding for name, finding in looked.items() if finding is not None}
    if len(found) != 1:
        return None
    ((name, finding),) = found.items()
    return finding._replace(said=of_sets([name], finding.said))


RULES = (
    Rule(
        "identity generator",
        ("translation/change",),
        copying,
        "a smaller identity_weight (0 where no sample is to stay as it is), a larger "
        "adversarial_weight, a higher learning_rate, or more epochs.",
    ),
    Rule(
        "one-sided collapse",
        ("samples/diversity_A", "samples/diversity_B"),
        one_sided,
        "a larger cycle_weight, a smaller adversarial_weight, a larger pool, or a lower "
        "learning_rate.",
    ),
    Rule(
        "hidden signal",
        ("translation/cycle",),
        hiding,
        "a smaller cycle_weight, dropout=0.5, whose noise drowns what is faint, or a set B that "
        "holds what A is to be made of again.",
    ),
)

SPECIAL: Mapping[str, str] = {"one-sided collapse": "mode collapse"}
"""By the name of an illness, the more general one that is not named beside it."""

REMEDIES: Mapping[str, str] = {
    "mode collapse": "a larger cycle_weight or absolute_weight, a smaller adversarial_weight, a "
    "larger pool, or a lower learning_rate.",
    "saturated discriminator": "a weaker discriminator (a smaller patch, discriminator_channels "
    "or discriminator_sizes), label_smoothing=0.1, or game='least-squares'.",
    "overfitting discriminator": "more data, flips=True, crop, smaller discriminator_channels or "
    "discriminator_sizes, or fewer epochs.",
    "blind discriminator": "more capacity for it (discriminator_channels, discriminator_sizes), "
    "a larger patch, or a higher learning_rate.",
    "vanishing gradient": "game='non-saturating' or 'least-squares', label_smoothing=0.1, or a "
    "smaller patch, discriminator_channels or discriminator_sizes.",
    "dead units": "a lower learning_rate, activation='leaky-relu' or normalization='instance'.",
    "output range": "scaling='standard', or more epochs.",
}
"""What helps translators where others are told of settings that these have not."""
