"""Finding: which parts a fitted model has, and why it lacks others."""

from collections.abc import Mapping, Sequence
from typing import Any

from espelho.data.nearest import did_you_mean
from espelho.errors import SettingError
from espelho.estimators.anomalies.detector import AnomalyDetector
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.autoencoders.sequences.sequential import SequenceAutoencoder
from espelho.estimators.classifiers.pretrained import PretrainedClassifier
from espelho.estimators.generators.base import BaseGenerator
from espelho.estimators.translators.base import BaseTranslator
from espelho.exporting.graphs.autoencoders import autoencoder_parts
from espelho.exporting.graphs.generators import generator_parts
from espelho.exporting.graphs.others import predictor_parts, score_parts
from espelho.exporting.graphs.sequences import sequence_parts
from espelho.exporting.graphs.translators import translator_parts
from espelho.exporting.parts import Part
from espelho.exporting.rows import Rows, drawn, rows_like, some

__all__ = ["KINDS", "chosen", "needs_rows", "parts_of"]

KINDS = (
    "encoder",
    "decoder",
    "reconstruction",
    "generator",
    "translator",
    "predictor",
    "score",
)
"""What can be exported, of one model or another."""


def needs_rows(estimator: Any) -> bool:
    """Return whether exports of a model are compared on rows: those of generators are not."""
    return not isinstance(estimator, BaseGenerator)


def parts_of(
    estimator: Any, X: Any, *, precision: str, resolution: Any = None
) -> tuple[dict[str, Part | str], bool]:
    """Return the parts of a fitted model by name, and whether they are checked with given rows.

    Parameters
    ----------
    estimator
        The fitted model.
    X
        Rows to check them with, of a translator a pair of both sets; or nothing.
    precision
        Type of the networks.
    resolution
        Of the images of a progressive GAN.

    Returns
    -------
    tuple
        Parts, or in the place of one the reason why it cannot be exported.
    """
    _check_rows_of_numbers(estimator)
    if isinstance(estimator, BaseTranslator):
        sets = _sets(estimator, X)
        return translator_parts(estimator, sets, precision), sets["A"].given
    if isinstance(estimator, BaseGenerator):
        return generator_parts(estimator, precision, resolution), False
    if resolution is not None:
        raise SettingError(
            f"resolution={resolution!r} is for a ProgressiveGAN; leave it out for "
            f"{type(estimator).__name__}."
        )
    inside = getattr(estimator, "estimator_", estimator)
    rows = _rows(estimator, X)
    if isinstance(estimator, PretrainedClassifier):
        return predictor_parts(estimator, rows, precision), rows.given
    parts = _of_autoencoder(inside, rows, precision)
    if isinstance(estimator, AnomalyDetector):
        parts |= score_parts(estimator, rows, precision)
    return parts, rows.given


def _check_rows_of_numbers(estimator: Any) -> None:
    """Raise if rows are tables with categories, which no graph takes."""
    inside = getattr(estimator, "estimator_", estimator)
    if getattr(inside, "layout_", None) is not None:
        raise SettingError(
            f"This {type(estimator).__name__} was fitted with a table of categories, and graphs "
            "take arrays of numbers: it cannot be exported. Fit it with columns of zeros and ones "
            "in the place of categories."
        )


def _rows(estimator: Any, X: Any) -> Rows:
    """Return rows for a model, for a detector those that its autoencoder sees."""
    if not isinstance(estimator, AnomalyDetector):
        return rows_like(estimator, X)
    series = X is not None and estimator.window is not None
    return rows_like(estimator.estimator_, estimator.windows(X) if series else X)


def _of_autoencoder(estimator: BaseAutoencoder, rows: Rows, precision: str) -> dict[str, Any]:
    sequential = isinstance(estimator, SequenceAutoencoder)
    make = sequence_parts if sequential else autoencoder_parts
    return make(estimator, rows, precision)


def _sets(estimator: BaseTranslator, X: Any) -> Mapping[str, Rows]:
    """Return rows of both sets: of B those given, or what those of A are translated to."""
    A, B = X if isinstance(X, tuple) else (X, None)
    a, b = estimator.domain_A_, estimator.domain_B_
    if A is None:
        return {
            domain.name: Rows(domain._outside(rows), given=False)
            for domain in (a, b)
            for rows in [drawn(domain.scaling_, (-1,), domain.dtype_)]
        }
    A = some(A)
    B = estimator.translate(A) if B is None else some(B)
    return {"A": Rows(A, given=True), "B": Rows(B, given=True)}


def chosen(
    estimator: Any, found: Mapping[str, Part | str], part: str | Sequence[str] | None
) -> tuple[list[Part], dict[str, str]]:
    """Return the parts that are asked for, and of all that could be why some are left out.

    Parameters
    ----------
    estimator
        The fitted model.
    found
        Its parts, and the reasons.
    part
        Kinds or names; without it all that there are.

    Raises
    ------
    SettingError
        If one that is asked for does not exist, or cannot be exported.
    """
    lacking = {name: reason for name, reason in found.items() if isinstance(reason, str)}
    whole = [one for one in found.values() if isinstance(one, Part)]
    if part is None:
        return whole, lacking
    wanted = [part] if isinstance(part, str) else list(part)
    for name in wanted:
        if name in lacking:
            raise SettingError(
                f"The {name} of this {type(estimator).__name__} cannot be exported: "
                f"{lacking[name]}"
            )
        if not any(name in (one.name, one.kind) for one in whole):
            known = [one.name for one in whole]
            raise SettingError(
                f"{type(estimator).__name__} has no part {name!r} to export."
                f"{did_you_mean(name, known)} Its parts are: {', '.join(known)}."
            )
    return [one for one in whole if {one.name, one.kind} & set(wanted)], {}
