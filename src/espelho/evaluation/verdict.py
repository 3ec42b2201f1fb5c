"""What the figures say, in one or two sentences."""

from typing import NamedTuple

import numpy as np

from espelho.evaluation.reconstruction import Errors

EXACT = 1e-9  # share of the variance below which components leave nothing to beat
STANDARD_ERRORS = 2.0


class Verdict(NamedTuple):
    """A comparison with principal components.

    Attributes
    ----------
    outcome : str
        ``better``, ``worse``, ``unclear``, or ``exact`` where components leave no error.
    text : str
        One to three sentences.
    """

    outcome: str
    text: str


def verdict(in_data: Errors, in_scaled: Errors, *, held_out: bool) -> Verdict:
    """Return whether a model beats principal components, and how sure that is.

    Errors are compared sample by sample: a mean difference within two standard errors
    of zero is called none.

    Parameters
    ----------
    in_data, in_scaled : Errors
        Squared errors of each sample, in units of the data and of the network.
    held_out : bool
        Whether the samples were kept from training.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> import numpy as np
    >>> errors = Errors(np.full(9, 0.5), np.ones(9), np.full(9, 4.0))
    >>> verdict(errors, errors, held_out=True).text
    "The reconstruction error is 50 % below PCA's of the same width."
    """
    outcome = _outcome(in_scaled)
    sentences = [_sentence(outcome, in_scaled)]
    if in_scaled.model.mean() >= in_scaled.mean.mean() > 0:
        sentences.append("It is no better than answering the mean: the model has not learned.")
    elif _side(in_data) * _side(in_scaled) < 0:
        sentences.append("In units of the data, where wide columns weigh most, it is reversed.")
    if not held_out:
        sentences.append("Measured on samples that training may have seen.")
    return Verdict(outcome, " ".join(sentences))


def _outcome(errors: Errors) -> str:
    if float(errors.pca.mean()) <= EXACT * float(errors.mean.mean()):
        return "exact"
    return {-1: "better", 0: "unclear", 1: "worse"}[_side(errors)]


def _sentence(outcome: str, errors: Errors) -> str:
    if outcome == "exact":
        return (
            "PCA of the same width is exact: codes this wide compress nothing here, "
            "so there is nothing to beat."
        )
    ratio = float(errors.model.mean() / errors.pca.mean())
    change = _percent(abs(ratio - 1))
    if outcome == "unclear":
        return (
            f"No clear difference from PCA of the same width: the reconstruction error is "
            f"{change} {'below' if ratio < 1 else 'above'}, within what "
            f"{len(errors.model):,} samples can tell."
        )
    if outcome == "better":
        return f"The reconstruction error is {change} below PCA's of the same width."
    return (
        "PCA of the same width does better here: the model's reconstruction error is "
        f"{change} above."
    )


def _side(errors: Errors) -> int:
    """Return -1 where the model is clearly better than components, 1 where worse, else 0."""
    differences = errors.model - errors.pca
    noise = STANDARD_ERRORS * differences.std(ddof=1) / np.sqrt(len(differences))
    mean = float(differences.mean())
    return int(np.sign(mean)) if abs(mean) > noise else 0


def _percent(share: float) -> str:
    percent = 100 * share
    if percent < 0.1:
        return "less than 0.1 %"
    return f"{percent:,.1f} %" if percent < 10 else f"{percent:,.0f} %"
