"""Sequences of different lengths, as an estimator reads them and its networks see them."""

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from espelho.data.containers import Container
from espelho.data.scaling import Scaling
from espelho.data.sequences import Sequences
from espelho.errors import SettingError, ShapeError
from espelho.estimators.samples import Samples

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Padded", "as_samples", "pad", "padded_blocks", "rows_at_once"]

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
    sequences: Sequences, scaling: Scaling, width: int, like: "Tensor"
) -> "Iterator[tuple[slice, Sequences, Padded]]":
    """Return blocks of sequences one after the other, each padded to its own longest.

    Parameters
    ----------
    sequences, scaling, like
        As in `pad`.
    width
        Units of the widest layer, which says how many sequences are affordable at once.
    """
    step = rows_at_once(sequences.n_steps, width)
    for start in range(0, len(sequences), step):
        block: Sequences = sequences[start : start + step]
        padded = pad(block, scaling, int(block.lengths.max()), like)
        yield slice(start, start + len(block)), block, padded


def rows_at_once(n_steps: int, width: int) -> int:
    """Return how many sequences are affordable at once, of so many steps, in such a layer."""
    return max(1, _STATES_AT_ONCE // (n_steps * width))
