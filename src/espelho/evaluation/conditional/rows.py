"""The rows of an evaluation about generators that are told labels."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.errors import DataError
from espelho.estimators.labels.columns import LabelColumns
from espelho.evaluation.conditional.recognition import ClassShare, Recognition, recognition
from espelho.evaluation.reconstruction import forward
from espelho.evaluation.result import Row, readable
from espelho.evaluation.samples import Seed, alike, as_data, draw, take
from espelho.random_variables.sampler import as_generator

__all__ = ["recognition_rows"]

_MADE, _FEWEST_OF_EACH = 2000, 20
"""Samples that are asked for, in all and at least of each label."""

_DRAWN = 10_000
"""Rows of labels of several columns that are drawn, to ask for some of each label."""

_READ = 7000
"""Real rows that are read at most, of each set."""

_LISTED = 10
"""Labels that a note lists at most."""


class _Column(NamedTuple):
    """A column of classes: its place, its name for messages, and its labels."""

    place: int
    name: str
    classes: NDArray[Any]


def recognition_rows(
    generator: Any,
    X: Any,
    y: Any,
    *,
    X_train: Any,
    y_train: Any,
    random_state: Seed,
    most: int = _MADE,
) -> Iterator[Row]:
    """Yield how many samples are recognised as the label that they were asked to have.

    A row for each column of classes; none without labels, or of a generator that is told none.

    Parameters
    ----------
    generator
        A fitted estimator with ``sample``.
    X, y, X_train, y_train, random_state
        As `evaluate` takes them, checked.
    most
        Samples to ask for, if these are fewer than by default; and real rows in proportion.
    """
    columns = _columns_of_classes(generator)
    if y is None or not columns:
        return
    for column in columns:
        name, label = "recognised", "recognised as the label asked for"
        if column.name:
            name, label = f"recognised_{column.name}", f"{label}: {column.name}"
        try:
            real, learned, made = (X, y), (X_train, y_train), min(_MADE, most)
            found = _recognised(generator, column, real, learned, random_state, made=made)
        except DataError as error:
            yield Row(name, label, "", float("nan"), note=str(error))
        else:
            # More than of real data is no better: such samples are more typical than data.
            unit, beside = "share of samples", {"real": found.real}
            note = _note(found)
            yield Row(name, label, unit, found.share, beside, note=note, n_samples=found.n)


def _columns_of_classes(generator: Any) -> list[_Column]:
    condition = getattr(generator, "condition_", None)
    if condition is None:
        classes = getattr(generator, "classes_", None)
        return [] if classes is None else [_Column(0, "", classes)]
    names = condition.names or tuple(map(str, range(len(condition.columns))))
    several = len(condition.columns) > 1
    return [
        _Column(place, names[place] if several else "", column.values)
        for place, column in enumerate(condition.columns)
        if column.size
    ]


def _recognised(
    generator: Any,
    column: _Column,
    real: tuple[Any, Any],
    learned: tuple[Any, Any],
    random_state: Seed,
    *,
    made: int,
) -> Recognition:
    random, most = as_generator(random_state), _READ * made // _MADE
    asked, labels = _asked(generator, column, random, made)
    samples = as_data(generator.sample(len(asked), y=asked, random_state=random))
    samples, X, X_train = alike(samples, real[0], learned[0])
    more: dict[str, Any] = {}
    if all(part is not None for part in learned):
        more["X_train"], more["y_train"] = _real(generator, column, X_train, learned[1], most)
    return recognition(
        forward(generator, samples),
        labels,
        *_real(generator, column, X, real[1], most),
        **more,
        random_state=random,
    )


def _asked(
    generator: Any, column: _Column, random: np.random.Generator, made: int
) -> tuple[Any, NDArray[Any]]:
    """Return the labels to ask for, as many of each class, and those of the column."""
    n = max(_FEWEST_OF_EACH, made // len(column.classes))
    if not column.name:
        labels = np.repeat(column.classes, n)
        return labels, labels
    rows = generator.sample_labels(_DRAWN, random_state=random)
    labels = np.array(rows[:, column.place].tolist())
    chosen = np.concatenate([np.flatnonzero(labels == one)[:n] for one in column.classes])
    return rows[chosen], labels[chosen]


def _real(
    generator: Any, column: _Column, X: Any, y: Any, most: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return real rows in the network's units, and their labels, as far as those are known."""
    labels, classes = _labels(generator, column, y), set(column.classes.tolist())
    known = np.flatnonzero([label in classes for label in labels.tolist()])
    index = known[draw(len(known), most)]
    if len(index) < 2:
        raise DataError(f"{len(index)} of {len(labels)} rows have a label that was learned.")
    return forward(generator, take(X, index)), np.array(labels[index].tolist())


def _labels(generator: Any, column: _Column, y: Any) -> NDArray[Any]:
    if hasattr(generator, "condition_"):
        return LabelColumns.of(y, len(y), "evaluate").columns[column.place]
    return np.asarray(y)  # of which some may say that there is no label


def _note(found: Recognition) -> str:
    worst = sorted(found.by_class, key=lambda one: one.share)
    listed = found.by_class if len(worst) <= _LISTED else worst[:_LISTED]
    head = "each label" if len(worst) <= _LISTED else f"the {_LISTED} least recognised"
    return (
        f"{found.n:,} samples, 95 % interval {readable(found.low)} to {readable(found.high)}; by "
        f"a classifier that learned from {found.n_learned:,} real rows and was tested on "
        f"{found.n_real:,} others; {head}: {', '.join(map(_told, listed))}"
    )


def _told(one: ClassShare) -> str:
    return f"{one.label} {one.share:.0%} ({one.low:.0%} to {one.high:.0%})"
