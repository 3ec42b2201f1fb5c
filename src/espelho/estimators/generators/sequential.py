"""What a generator does whose samples are sequences: lengths beside values, drawn as they came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.containers import cast
from espelho.data.scaling import Scaling, blocks
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.data import sequences
from espelho.estimators.data.samples import Samples, tensors
from espelho.estimators.generators.base import BaseGenerator
from espelho.random_variables.sampler import RandomState, as_generator, check_count

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["GeneratesSequences", "lengths_of", "shares_of_lengths"]

_FREQUENCIES = "length_frequencies"


@dataclass(kw_only=True, eq=False, repr=False)
class GeneratesSequences(BaseGenerator):
    """A generator whose samples may be sequences, each of its own length.

    Parameters
    ----------
    structure
        dense, convolutional or recurrent networks; auto: convolutional for images, recurrent
        for a list of sequences that differ in length.
    """

    structure: f.StructureName = "auto"

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> Any:
        """Return new samples.

        Parameters
        ----------
        n
            How many, at least 1.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it other samples each time.

        Returns
        -------
        ndarray of shape (n, *sample), or list of ndarray
            Samples in the units, shape and type of the data in `fit`. Sequences, where those
            of the data differ in length, are a list, and as long as often as there.

        Raises
        ------
        SettingError
            If n is not a whole number of at least 1.
        """
        check_is_fitted(self)
        n, random = check_count(n), as_generator(random_state)
        codes = self.sample_codes(n, random_state=random)
        return self._generate(codes, *self._draw_lengths(n, random), **self._chance(random))

    @property
    def n_step_features_(self) -> int:
        """Number of features of one step, where samples are sequences."""
        if not self._recurrent:
            raise AttributeError(f"The samples of this {type(self).__name__} are no sequences.")
        return sequences.step_width(self.sample_shape_)

    @property
    def _recurrent(self) -> bool:
        """Whether samples are sequences: by the setting, or by the data."""
        return self.structure == "recurrent" or vars(self).get("_of_sequences", False)

    @property
    def _lengths_differ(self) -> bool:
        return self._recurrent and bool(np.count_nonzero(self._length_totals) > 1)

    @property
    def _length_totals(self) -> NDArray[np.float64]:
        """Return how often sequences of 1, 2, ... steps come, all labels together."""
        totals: NDArray[np.float64] = np.atleast_2d(self.length_frequencies_).sum(axis=0)
        return totals

    def _draw_lengths(
        self, n: int, random: np.random.Generator, labels: NDArray[Any] | None = None
    ) -> tuple[NDArray[np.int64], ...]:
        """Return how long each of n samples is, of each its label if any; nothing of vectors."""
        if not self._recurrent:
            return ()
        shares = np.atleast_2d(self.length_frequencies_)
        ends = np.cumsum(shares, axis=1)[0 if labels is None else labels]
        passed = random.random((n, 1)) * ends[..., -1:] >= ends[..., :-1]
        return (passed.sum(axis=1) + 1,)

    def _lengths_told(self, samples: Samples) -> tuple[NDArray[np.int64], ...]:
        return (lengths_of(samples),) if self._recurrent else ()

    def _generate(
        self, Z: NDArray[Any], *columns: NDArray[Any], random: np.random.Generator | None = None
    ) -> Any:
        if not self._lengths_differ:
            return super()._generate(Z, *columns, random=random)
        found = self.scaling_.inverse(self._outputs(Z, *columns))
        found = found.reshape(len(Z), *self.row_shape_)
        pairs = zip(found, columns[-1], strict=True)
        return [cast(sequence[:n], self.dtype_) for sequence, n in pairs]

    def _drawn(self, n: int) -> NDArray[Any]:
        random = np.random.default_rng(0)
        codes = self._latent_sampler().sample(n, random_state=random)
        return self._settled(self._outputs(codes, *self._draw_lengths(n, random)), random)

    def _code_blocks(self, Z: NDArray[Any]) -> Iterator[NDArray[Any]]:
        if not self._recurrent:
            yield from super()._code_blocks(Z)
            return
        step = sequences.rows_at_once(self._network_shape()[0], self._widest)
        yield from (Z[start : start + step] for start in range(0, len(Z), step))

    @property
    def _widest(self) -> int:
        return max(self.n_step_features_, 8 * max(self.hidden_sizes))

    def _network_shape(self) -> tuple[int, ...]:
        if not self._recurrent:
            return super()._network_shape()
        return (int(self.sample_shape_[0]), self.n_step_features_)

    def _read_samples(self, X: Any, *, reset: bool) -> Samples:
        if reset:
            self._of_sequences = self.structure == "recurrent" or _differ_in_length(X)
            if self._of_sequences and self.structure not in ("auto", "recurrent"):
                raise SettingError(
                    f"structure={self.structure!r} takes samples of one shape, and X is a list of "
                    "sequences that differ in length. Leave structure out, or use 'recurrent'."
                )
        if not self._recurrent:
            return super()._read_samples(X, reset=reset)
        return sequences.read_sequences(self, X, reset=reset)

    def _fit_scaling(self, samples: Samples, weight: Any) -> Scaling:
        if not self._recurrent:
            return super()._fit_scaling(samples, weight)
        return sequences.fit_scaling(samples, self._scaling_kind(samples), weight)

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        self.__dict__.pop("length_frequencies_", None)
        if self._recurrent:
            self.length_frequencies_ = shares_of_lengths(lengths_of(samples), weight)
        super()._learn_from(samples, weight)

    def _scaled(self, samples: Samples) -> "Tensor":
        if not isinstance(samples.values, Sequences):
            return super()._scaled(samples)
        import torch

        like = torch.zeros((), dtype=torch.float64)
        longest = max(self._network_shape()[0], int(samples.values.lengths.max()))
        return sequences.pad(samples.values, self.scaling_, longest, like).x.flatten(1)

    def _blocks(
        self, samples: Samples, multiple: int
    ) -> "Iterator[tuple[Tensor, *tuple[Tensor, ...]]]":
        """Return blocks of samples as the network sees them, with lengths where any is padded.

        Blocks, but the last one, hold a multiple of some number of samples.
        """
        like, shape = next(self.model_.parameters()), self._network_shape()
        if not self._recurrent:
            rows = tensors(samples.values, self.scaling_, shape, like, multiple=multiple)
            yield from ((x,) for _, x in rows)
            return
        for part in self._as_sequences(samples.values, multiple):
            for _, _, found in sequences.padded_blocks(
                part, self.scaling_, self._widest, like, multiple=multiple
            ):
                yield (found.x,) if found.lengths is None else (found.x, found.lengths)

    def _as_sequences(self, values: Any, multiple: int) -> Iterator[Sequences]:
        """Return sequences as they are, and rows as sequences a block at a time."""
        if isinstance(values, Sequences):
            yield values
            return
        n_steps, features = self._network_shape()
        for block in blocks(values, multiple=multiple):
            lengths = np.full(len(block), n_steps)
            yield Sequences(block.reshape(-1, features), lengths, n_steps, univariate=False)

    def _learned_arrays(self) -> dict[str, NDArray[Any]]:
        own = {_FREQUENCIES: self.length_frequencies_} if self._recurrent else {}
        return super()._learned_arrays() | own

    def _take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._take_arrays(arrays)
        self._of_sequences = _FREQUENCIES in arrays
        if self._of_sequences:
            self.length_frequencies_ = arrays[_FREQUENCIES]


def lengths_of(samples: Samples) -> NDArray[np.int64]:
    """Return the numbers of steps of sequences, or of rows that are such."""
    if isinstance(samples.values, Sequences):
        return samples.values.lengths
    steps = prod(samples.sample_shape) // sequences.step_width(samples.sample_shape)
    return np.full(len(samples), steps)


def shares_of_lengths(
    lengths: NDArray[np.int64],
    weight: NDArray[Any] | None,
    labels: NDArray[np.int64] | None = None,
    n_labels: int = 0,
) -> NDArray[np.float64]:
    """Return which share of sequences has 1, 2, ... steps, up to the longest.

    Parameters
    ----------
    lengths
        Numbers of steps.
    weight
        Weights of the sequences; ``None`` for alike.
    labels
        The number of the label of each, from 0; without it they are counted together.
    n_labels
        How many labels there are. One that no sequence has gets the shares of all.

    Returns
    -------
    ndarray of shape (n_steps,) or (n_labels, n_steps)
        The shares, those of each label by itself.

    Examples
    --------
    >>> shares_of_lengths(np.array([3, 1, 3, 3]), None)
    array([0.25, 0.  , 0.75])
    """
    rows = np.zeros_like(lengths) if labels is None else labels
    counts = np.zeros((max(1, n_labels), lengths.max()))
    np.add.at(counts, (rows, lengths - 1), 1.0 if weight is None else weight)
    counts[~counts.any(axis=1)] = counts.sum(axis=0)
    shares: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
    return shares[0] if labels is None else shares


def _differ_in_length(X: Any) -> bool:
    if isinstance(X, Sequences):
        return True
    return is_sequences(X) and len({len(x) for x in X}) > 1
