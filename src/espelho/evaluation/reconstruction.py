"""Squared errors of a model, of principal components and of the mean, sample by sample."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA

from espelho.data.series.sequences import Sequences
from espelho.evaluation.baselines import principal_components
from espelho.evaluation.samples import (
    Floats,
    Seed,
    as_floats,
    as_rows,
    blocks,
    draw,
    take,
    with_decimals,
)

PCA_ELEMENTS = 50_000_000  # 400 MB in float64: all of MNIST's training set


class Scaling(Protocol):
    """The affine map of flattened samples to the units that a network sees, and back."""

    def forward(self, values: Any) -> Any:
        """Return rows in the units of the network."""

    def inverse(self, values: Any) -> Any:
        """Return rows in the units of the data."""


class Encoder(Protocol):
    """What an evaluation reads of a fitted autoencoder."""

    @property
    def scaling_(self) -> Scaling:
        """How data become what the network sees."""

    @property
    def latent_dim_(self) -> int:
        """Width of the code."""

    @property
    def fit_seconds_(self) -> float:
        """Time that training took."""

    def transform(self, X: Any) -> Any:
        """Return codes."""

    def reconstruct(self, X: Any) -> Any:
        """Return data, through the code and back."""


class Errors(NamedTuple):
    """The squared error of each sample, summed over its elements."""

    model: Floats
    pca: Floats
    mean: Floats


class Linear(NamedTuple):
    """Principal components of scaled data, and how many rows they were fitted on."""

    pca: PCA
    n_rows: int


def fit_linear(encoder: Encoder, X: Any, random_state: Seed = 0) -> Linear:
    """Return principal components as wide as the encoder's codes, of data as it sees them.

    All rows are used unless they hold more than fifty million numbers; then as many
    rows as do not are drawn.
    """
    rows = as_rows(X, "X_train")
    index = draw(len(rows), max(2, PCA_ELEMENTS // rows.shape[1]), random_state)
    scaled = np.empty((len(index), rows.shape[1]))
    for at in blocks(*scaled.shape):
        scaled[at] = forward(encoder, rows[index[at]])
    return Linear(principal_components(scaled, encoder.latent_dim_), len(index))


def forward(encoder: Encoder, rows: ArrayLike | Sequences) -> Floats:
    """Return samples as flat rows in the units that the network sees.

    Sequences that differ in length are padded with 0 in these units, as the network sees them.
    """
    if isinstance(rows, Sequences):
        scaled = encoder.scaling_.forward(as_floats(rows.steps))
        return as_floats(rows.astype(np.float64).with_steps(scaled))
    return np.array(encoder.scaling_.forward(as_floats(rows)), dtype=np.float64)


def squared_errors(encoder: Encoder, X: Any, linear: Linear) -> tuple[Errors, Errors]:
    """Return errors in units of the data, and in units that the network sees.

    Reconstructions are compared before they are rounded to integers, and principal
    components solve the same problem as the network: they reconstruct scaled data,
    which is then mapped back. Of sequences that differ in length they see the padded ones,
    and pay for the steps that are their own.
    """
    n, d = as_rows(X).shape
    in_data, in_scaled = np.empty((3, n)), np.empty((3, n))
    for at in blocks(n, d):
        block = take(X, at)
        data = as_floats(block)
        scaled = forward(encoder, data)
        answers = _answers(encoder, block, scaled, linear.pca)
        counts = _counts(block, d)
        for i, (answer, scaled_answer) in enumerate(answers):
            in_data[i, at] = np.square(data - answer).sum(axis=1, where=counts)
            in_scaled[i, at] = np.square(scaled - scaled_answer).sum(axis=1, where=counts)
    return Errors(*in_data), Errors(*in_scaled)


def _counts(block: Any, d: int) -> Any:
    """Return which elements of padded sequences are their own; all of other samples are."""
    if not isinstance(block, Sequences):
        return True
    return np.repeat(block.valid, d // block.n_steps, axis=1)


def _answers(
    encoder: Encoder, block: Any, scaled: Floats, pca: PCA
) -> tuple[tuple[Floats, Floats], ...]:
    """Return what the model, the components and the mean answer, in data and scaled units."""
    answer = as_floats(encoder.reconstruct(with_decimals(block)), "the reconstruction")
    linear = pca.inverse_transform(pca.transform(scaled))
    mean = np.broadcast_to(pca.mean_, scaled.shape)
    inverse = encoder.scaling_.inverse
    return (
        (answer, forward(encoder, answer)),
        (np.asarray(inverse(linear)), linear),
        (np.asarray(inverse(mean.copy())), mean),
    )
