"""Illnesses of codes: units that say nothing, and codes that copy."""

import operator
from functools import partial

from espelho.training.doctor.case import Case, Finding, Rule

__all__ = ["RULES"]

COLLAPSED = 0.9
"""Share of units below 0.01 nats from which a posterior has collapsed; that some are given up is
usual in wide codes (Burda, Grosse, Salakhutdinov 2015)."""

WHISPER = 0.1
"""Nats that even the loudest unit stays below: the last noise of a code that is not used."""

DEAD, DEAD_HIDDEN = 0.25, 0.9
"""Shares of units that say the same of every sample: of the code, and of a hidden layer. A network
does well without many of its rectified units; it is lost once a layer dies as a whole (Lu, Shin,
Su and Karniadakis 2020, https://arxiv.org/abs/1903.06733)."""

COPIED = 0.05
"""Share of the variance of samples without any structure that a code may lose and still copy
them."""


def posterior_collapse(case: Case) -> Finding | None:
    """Find a code whose distribution does not depend on the sample."""
    silent = case.ill("units/silent", lambda value: value >= COLLAPSED)
    since = silent or case.ill("units/loudest", lambda value: value < WHISPER)
    if since is None:
        return None
    names = {"units/silent": "share of silent units", "units/loudest": "nats of the loudest unit"}
    readings = {said: case.last(name) for name, said in names.items()}
    return Finding(
        since,
        {said: reading.value for said, reading in readings.items() if reading is not None},
        "Hardly any unit of the code says anything about a sample: the decoder does without it.",
    )


def dead_units(case: Case) -> Finding | None:
    """Find units that say the same of every sample."""
    places = (("units/dead", DEAD, "the code"), ("units/dead_hidden", DEAD_HIDDEN, "a layer"))
    for name, most, where in places:
        since = case.ill(name, partial(operator.le, most))
        if since is not None:
            return Finding(
                since,
                {f"share of dead units of {where}": since.value},
                f"Units of {where} say the same of every sample.",
            )
    return None


def identity(case: Case) -> Finding | None:
    """Find a code, at least as wide as the data, that copies whatever comes."""
    since = case.ill("answers/shuffled", lambda value: value <= COPIED)
    if since is None:
        return None
    facts = case.signals.facts
    return Finding(
        since,
        {
            "lost of shuffled samples": since.value,
            "width of the code": facts.get("width", 0),
            "features": facts.get("features", 0),
        },
        "Samples whose features were shuffled, so that nothing of the data's structure is left, "
        "come back as well: the network copies its input and has learned nothing of the data.",
    )


RULES = (
    Rule(
        "posterior collapse",
        ("units/silent",),
        posterior_collapse,
        "kl_warm_up (a third of max_epochs), a smaller beta, a decoder of fewer layers, or more "
        "epochs.",
    ),
    Rule(
        "dead units",
        ("units/dead_hidden", "units/dead"),
        dead_units,
        "a lower learning_rate, activation='leaky-relu' or 'elu', normalization='batch', "
        "code_activation='linear', or a smaller penalty (sparsity, contraction).",
    ),
    Rule(
        "identity",
        ("answers/shuffled",),
        identity,
        "a latent_dim smaller than the number of features, or a restriction: corruption, "
        "sparsity, active_units, contraction.",
    ),
)
