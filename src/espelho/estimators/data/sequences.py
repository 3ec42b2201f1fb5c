"""Sequences of any length, as an estimator reads them and its networks see them."""

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from espelho.data.containers import Container
from espelho.data.scaling import Scaling
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.data.stored.base import Stored
from espelho.errors import SettingError, ShapeError
from espelho.estimators.data.samples import Samples, read

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.batches import Batch

__all__ = [
    "Padded",
    "as_samples",
    "as_sequences",
    "as_steps",
    "fit_scaling",
    "pad",
    "padded_blocks",
    "read_sequences",
    "rows_at_once",
    "step_width",
]

_SEQUENCE, _BATCH = 2, 3

_STATES_AT_ONCE = 1 << 23
"""Numbers that the widest layer may hold at once: 64 MB of float64."""


class Padded(NamedTuple):
    """Sequences as networks see them.

    Attributes
    ----------
    x
        ``(n, time, features)`` in the network's units, 0 after each sequence's last step.
    lengths
        Number of steps of each; ``None`` where none is padded.
    valid
        Which steps are a sequence's own: ``(n, time)``.
    """

    x: "Tensor"
    lengths: "Tensor | None"
    valid: "Tensor"

    @property
    def batch(self) -> "Batch":
        """The sequences as models take them."""
        from espelho.training.batches import Batch

        return Batch(self.x, lengths=self.lengths)


def step_width(sample_shape: tuple[int, ...]) -> int:
    """Return the number of features of a step of sequences of some shape."""
    return int(sample_shape[1]) if len(sample_shape) == _SEQUENCE else 1


def read_sequences(estimator: Any, X: Any, *, reset: bool) -> Samples:
    """Return data checked as sequences: a list of them, an array, or rows.

    Parameters
    ----------
    estimator
        Whose data it is.
    X
        The data, as `LSTMAutoencoder` takes it.
    reset
        Whether this is the data to learn from.

    Raises
    ------
    ShapeError
        If samples are no sequences, or have other features than the estimator's.
    """
    found = as_sequences(estimator, X, reset=reset)
    if found is not None:
        return as_samples(estimator, found, reset=reset)
    samples = read(estimator, X.toarray() if hasattr(X, "tocsr") else X, reset=reset)
    if len(samples.sample_shape) > _SEQUENCE:
        raise ShapeError(
            f"A sequence must have the shape (time, features) or (time,), got samples of "
            f"shape {samples.sample_shape}."
        )
    return samples


def as_sequences(estimator: Any, X: Any, *, reset: bool) -> Sequences | None:
    """Return X as sequences if it is a list of them, or an array of another length.

    Parameters
    ----------
    estimator, X, reset
        As in `read_sequences`.
    """
    if is_sequences(X):
        return Sequences.of(X)
    known = reset or isinstance(X, Stored) or len(getattr(X, "shape", ())) != _BATCH
    if known or tuple(X.shape[1:]) in (estimator.row_shape_, estimator.sample_shape_):
        return None
    return Sequences.of(list(X))


def as_samples(estimator: Any, sequences: Sequences, *, reset: bool) -> Samples:
    """Return sequences as samples, and set or compare what the estimator knows of them.

    Parameters
    ----------
    estimator
        Whose data it is.
    sequences
        The data.
    reset
        Whether this is the data to learn from.

    Raises
    ------
    ShapeError
        If their steps have other features than the estimator's.
    SettingError
        If ``sample_shape`` is set, which is about rows.
    """
    shape = sequences.shape[1:]
    if reset:
        if estimator.sample_shape is not None:
            raise SettingError(
                f"sample_shape={estimator.sample_shape} says what flat rows hold, and X is a list "
                "of sequences, which have shapes of their own. Leave sample_shape out."
            )
        estimator.n_features_in_ = prod(shape)
        vars(estimator).pop("feature_names_in_", None)
    elif sequences.n_features != estimator.n_step_features_:
        raise ShapeError(
            f"The sequences have {sequences.n_features} features a step, but "
            f"{type(estimator).__name__} is expecting {estimator.n_step_features_} features as "
            "input, as it was fitted."
        )
    return Samples(sequences, Container(None, sequences.dtype, shape), shape)


def fit_scaling(samples: Samples, kind: str, weight: Any) -> Scaling:
    """Return the scaling of sequences: one map for all steps.

    Parameters
    ----------
    samples
        Sequences, or rows of flat ones.
    kind
        As `Scaling.fit` takes it.
    weight
        Weights of the sequences ``(n,)``; ``None`` for alike.
    """
    features = step_width(samples.sample_shape)
    if isinstance(samples.values, Sequences):
        samples, weight = as_steps(samples, weight)
    return Scaling.fit(samples.values, kind, sample_weight=weight, step_features=features)


def as_steps(samples: Samples, weight: Any) -> tuple[Samples, Any]:
    """Return the steps of sequences as samples, each with the weight of its sequence.

    Parameters
    ----------
    samples, weight
        As in `fit_scaling`; no samples on disk.
    """
    values, features = samples.values, step_width(samples.sample_shape)
    ragged = isinstance(values, Sequences)
    lengths = values.lengths if ragged else values.shape[1] // features
    steps = values.steps if ragged else values.reshape(-1, features)
    weight = None if weight is None else np.repeat(weight, lengths)
    return Samples(steps, samples.container, (features,)), weight


def pad(sequences: Sequences, scaling: Scaling, n_steps: int, like: "Tensor") -> Padded:
    """Return sequences in the network's units, padded with 0 at their ends.

    Parameters
    ----------
    sequences
        The sequences.
    scaling
        Into the units of the network, one map for all steps.
    n_steps
        Number of steps to pad them to.
    like
        A tensor of the type and on the device that is wanted.
    """
    import torch

    dtype = np.float64 if like.dtype == torch.float64 else np.float32
    steps = torch.from_numpy(scaling.forward(sequences.steps, dtype)).to(like.device)
    valid = torch.from_numpy(sequences.padded_to(n_steps).valid).to(like.device)
    x = steps.new_zeros((len(sequences), n_steps, sequences.n_features))
    x[valid] = steps
    lengths = torch.from_numpy(sequences.lengths).to(like.device)
    return Padded(x, None if bool(valid.all()) else lengths, valid)


def padded_blocks(
    sequences: Sequences, scaling: Scaling, width: int, like: "Tensor", *, multiple: int = 1
) -> "Iterator[tuple[slice, Sequences, Padded]]":
    """Return blocks of sequences one after the other, each padded to its own longest.

    Parameters
    ----------
    sequences, scaling, like
        As in `pad`.
    width
        Units of the widest layer, which says how many sequences are affordable at once.
    multiple
        What the number of sequences in a block, but the last one, is a multiple of.
    """
    step = max(1, rows_at_once(sequences.n_steps, width) // multiple) * multiple
    for start in range(0, len(sequences), step):
        block: Sequences = sequences[start : start + step]
        padded = pad(block, scaling, int(block.lengths.max()), like)
        yield slice(start, start + len(block)), block, padded


def rows_at_once(n_steps: int, width: int) -> int:
    """Return how many sequences are affordable at once, of so many steps, in such a layer."""
    return max(1, _STATES_AT_ONCE // (n_steps * width))
