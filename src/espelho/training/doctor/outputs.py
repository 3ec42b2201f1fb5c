"""Illnesses of outputs: out of range, no better than a linear code, or short of the data."""

from espelho.training.doctor.case import CannotJudge, Case, Finding, Reading, Rule

__all__ = ["RULES"]

UNREACHED, PILED, BEYOND = 0.1, 0.1, 0.1
"""Shares: of the data's values outside all outputs, of outputs at the ends of their own range, and
of outputs a tenth of the data's range outside of it."""

NO_BETTER = 0.97
"""Error beside that of principal components from which a network is no better: a linear one that
has converged comes as near, on rows that were not used for either."""

EXPLAINED = 0.5
"""Share of what principal components explain below which a network has not learned enough."""

_ANOTHER_AIM = ("correntropy",)
"""Losses that give up squared error on purpose."""


def out_of_range(case: Case) -> Finding | None:
    """Find outputs that cannot be where the data is, or that are where it never is."""
    unreached = case.ill("output/unreached", lambda value: value >= UNREACHED)
    piled = case.ill("output/piled", lambda value: value >= PILED)
    if unreached is not None and piled is not None:
        return Finding(
            max(unreached, piled, key=lambda reading: reading.epoch),
            {"data out of reach": unreached.value, "outputs at their end": piled.value},
            "Outputs pile up at the end of their range, and values of the data lie beyond it: "
            "activation and scaling do not go together.",
        )
    beyond = case.ill("output/beyond", lambda value: value >= BEYOND)
    return beyond and Finding(
        beyond,
        {"outputs beyond the data": beyond.value},
        "Outputs lie where the data never is.",
    )


def no_better(case: Case) -> Finding | None:
    """Find a network whose reconstructions are no better than those of a linear code."""
    found = _beside_linear(case)
    if found is None:
        return None
    if any(term in _ANOTHER_AIM for terms in case.phases().values() for term in terms):
        raise CannotJudge("for a loss that lets outliers go is not to be judged by squares")
    answers, linear = found
    if answers.value < NO_BETTER * linear.value or not linear.value:
        return None
    if _typical_sample_is_better(case):
        return None
    return Finding(
        answers,
        {"variance lost": answers.value, "by principal components": linear.value},
        "Principal components, as many as the code has units, lose no more of the data: the "
        "network is not worth its training.",
    )


def _typical_sample_is_better(case: Case) -> bool:
    """Return whether the median sample comes back better, and a few far off make up the rest."""
    for where in ("held_out", "train"):
        answers, linear = case.last(f"typical/{where}"), case.last(f"linear_typical/{where}")
        if answers is not None and linear is not None:
            return bool(answers.value < NO_BETTER * linear.value)
    return False


def underfitting(case: Case) -> Finding | None:
    """Find a network that explains little of the data it learned from."""
    answers, linear = case.last("answers/train"), case.last("linear/train")
    if answers is None or linear is None:
        return None
    explained, possible = 1 - answers.value, 1 - linear.value
    if explained >= EXPLAINED * possible:
        return None
    return Finding(
        answers,
        {"variance explained": explained, "by principal components": possible},
        "The network explains little even of the data that it learned from.",
    )


def _beside_linear(case: Case) -> tuple[Reading, Reading] | None:
    """Return the shares of variance lost on new data, or on known data if there is none new."""
    facts = case.signals.facts
    if facts.get("width", 0) >= facts.get("features", 0):
        return None
    for where in ("held_out", "train"):
        answers, linear = case.last(f"answers/{where}"), case.last(f"linear/{where}")
        if answers is not None and linear is not None:
            return answers, linear
    return None


RULES = (
    Rule(
        "output range",
        ("output/unreached", "output/beyond"),
        out_of_range,
        "output_activation='auto', or a scaling that fits it: scaling='minmax' for logistic "
        "outputs, scaling='standard' for linear ones.",
    ),
    Rule(
        "no better than PCA",
        ("linear/train",),
        no_better,
        "more epochs, a higher learning_rate, wider or more hidden_sizes, a nonlinear activation, "
        "or weaker penalties; else take PCA, which is cheaper.",
    ),
    Rule(
        "underfitting",
        ("linear/train",),
        underfitting,
        "more epochs, a higher learning_rate, wider or more hidden_sizes, or weaker penalties "
        "(weight_decay, contraction, sparsity, beta, corruption_level, dropout).",
    ),
)
