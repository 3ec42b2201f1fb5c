"""Labels on the command line: those that samples are asked to have."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from espelho.data.nearest import did_you_mean
from espelho.errors import DataError, SettingError

if TYPE_CHECKING:
    from espelho.estimators.labels.condition import Column

__all__ = ["example_label", "example_words", "is_told_labels", "label_of"]

_SHOWN = 20
"""Labels that an error names."""


def is_told_labels(estimator: Any) -> bool:
    """Return whether a fitted estimator was trained on labels that samples can be asked for."""
    return hasattr(estimator, "condition_") or hasattr(estimator, "classes_")


def label_of(estimator: Any, words: Sequence[str]) -> Any:
    """Return the label, or row of labels, that is written so.

    Parameters
    ----------
    estimator
        The fitted estimator.
    words
        What ``--label`` was given, once for each column of labels.

    Raises
    ------
    SettingError
        If the model was not trained on labels, or on more or fewer columns of them.
    DataError
        If a label never came in the data, or is no number where the data has numbers.
    """
    if not is_told_labels(estimator):
        raise SettingError(
            "--label needs a model that was trained on labels, and this "
            f"{type(estimator).__name__} was not. Leave it out, or train a conditional-gan."
        )
    columns, names = _columns(estimator)
    if len(words) != len(columns):
        raise SettingError(
            f"--label must be given once for each column of labels ({', '.join(names)}), in this "
            f"order, and was given {len(words)} times for {len(columns)}."
        )
    several = len(columns) > 1
    places = [f" in {name}" if several else "" for name in names]
    parts = zip(columns, words, places, strict=True)
    row = tuple(_read(column, word, place) for column, word, place in parts)
    return row if several else row[0]


def example_label(estimator: Any) -> Any:
    """Return a label, or row of labels, that samples can be asked for."""
    columns, _ = _columns(estimator)
    row = tuple(column.example for column in columns)
    return row if len(row) > 1 else row[0]


def example_words(estimator: Any) -> list[str]:
    """Return the options that ask for `example_label`; none without labels."""
    if not is_told_labels(estimator):
        return []
    columns, _ = _columns(estimator)
    return [word for column in columns for word in ("--label", str(column.example))]


def _columns(estimator: Any) -> "tuple[Sequence[Column], Sequence[str]]":
    from espelho.estimators.labels.condition import Classes

    condition = getattr(estimator, "condition_", None)
    if condition is None:
        return [Classes(estimator.classes_)], ["0"]
    n = len(condition.columns)
    return condition.columns, condition.names or [f"column {place}" for place in range(n)]


def _read(column: "Column", word: str, place: str) -> Any:
    if not column.size:
        try:
            return float(word)
        except ValueError:
            raise DataError(
                f"--label {word} must be a number{place}, from {column.low:g} to "  # type: ignore[union-attr]
                f"{column.high:g} in the data."  # type: ignore[union-attr]
            ) from None
    known = {str(label): label for label in column.values.tolist()}  # type: ignore[union-attr]
    if word not in known:
        raise DataError(
            f"--label {word} never came in the data{place}.{did_you_mean(word, known)} The labels "
            f"are: {', '.join(list(known)[:_SHOWN])}{', ...' if len(known) > _SHOWN else ''}."
        )
    return known[word]
