"""What an autoencoder of sequences does with sequences that differ in length."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.containers import cast, is_torch
from espelho.data.series.sequences import Sequences, is_sequences
from espelho.data.series.windows import as_series, average_windows, default_step, windows
from espelho.errors import SettingError, ShapeError
from espelho.estimators.autoencoders.base import Per
from espelho.estimators.autoencoders.sequences.learning import LearnsFromSequences
from espelho.estimators.data.samples import Samples
from espelho.estimators.data.sequences import (
    Padded,
    as_samples,
    as_sequences,
    padded_blocks,
    rows_at_once,
)

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.batches import Batch

__all__ = ["SequenceAutoencoder"]

_BATCH = 3


@dataclass(kw_only=True, eq=False, repr=False)
class SequenceAutoencoder(LearnsFromSequences):
    """An autoencoder whose samples are sequences of any length.

    Rows and arrays go the way that they go in every autoencoder; lists of sequences, and
    arrays of another length than in `fit`, go in blocks that are padded.
    """

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the codes of sequences.

        Parameters
        ----------
        X
            Sequences as in `fit`, of any length.

        Returns
        -------
        ndarray of shape (n, latent_dim)
            Codes, in the type of X where that is a float type.
        """
        samples = self._read_sequences(X)
        return super().transform(X) if samples is None else self._encoded(samples)

    def inverse_transform(self, Z: Any, lengths: Any = None) -> Any:
        """Return the sequences that codes stand for.

        Parameters
        ----------
        Z
            Codes ``(n, latent_dim)``.
        lengths
            Number of steps of each sequence ``(n,)``; without it all are as long as the
            longest in `fit`.

        Returns
        -------
        ndarray of shape (n, *sample), or list of ndarray
            Sequences in the units and type of the data in `fit`; a list where `lengths` says
            how long each is.

        Raises
        ------
        ShapeError
            If Z holds something else than codes, or there are not as many lengths.
        """
        if lengths is None:
            return super().inverse_transform(Z)
        codes, lengths = self._codes(Z), np.asarray(lengths)
        if lengths.shape != (len(codes),) or lengths.dtype.kind not in "iu" or lengths.min() < 1:
            raise ShapeError(
                f"lengths must hold {len(codes)} whole numbers of at least 1, one a code; got "
                f"{lengths.dtype} of shape {lengths.shape}."
            )
        return list(self._unrolled(codes, lengths.astype(np.int64)))

    def reconstruct(self, X: Any) -> Any:
        """Return sequences as the autoencoder gives them back.

        Parameters
        ----------
        X
            Sequences as in `fit`, of any length.

        Returns
        -------
        list of ndarray, ndarray, DataFrame or Tensor
            What X is, with the same lengths, shapes, type and units.
        """
        samples = self._read_sequences(X)
        if samples is None:
            return super().reconstruct(X)
        found = samples.values.with_steps(np.concatenate(list(self._rebuilt(samples.values))))
        if isinstance(X, Sequences):
            return found
        return list(found) if is_sequences(X) else _stacked(X, found)

    def reconstruction_error(self, X: Any, per: Per = "sample") -> Any:
        """Return the reconstruction loss on data, in the data's units.

        Parameters
        ----------
        X
            Sequences as in `fit`, of any length.
        per
            ``sample``: the sum over each sequence's steps and features, ``(n,)``.
            ``feature``: the mean over sequences, of the shape of one; where they differ in
            length the mean over all steps, ``(features,)``. ``element``: each one, as X is.

        Returns
        -------
        ndarray, or list of ndarray
            The errors.
        """
        samples = self._read_sequences(X)
        if samples is None:
            return super().reconstruction_error(X, per)
        if per not in ("sample", "feature", "element"):
            raise SettingError(f"per must be 'sample', 'feature' or 'element', got {per!r}.")
        errors = self._step_errors(samples.values)
        if per == "feature":
            return errors.mean(axis=0)
        if per == "sample":
            return np.array([part.sum() for part in _cut(errors, samples.values)])
        found = samples.values.astype(np.float64).with_steps(errors)
        return np.asarray(found) if hasattr(X, "shape") else list(found)

    def score_steps(self, X: Any) -> Any:
        """Return minus the reconstruction error of each step, so that higher is better.

        Parameters
        ----------
        X
            Sequences as in `fit`, of any length.

        Returns
        -------
        ndarray of shape (n, time), or list of ndarray of shape (time_i,)
            Scores, each summed over the step's features; a list where X is one.
        """
        samples = self._read_sequences(X)
        if samples is not None:
            scores = -self._step_errors(samples.values).sum(axis=1)
            parts = _cut(scores, samples.values)
            return np.stack(parts) if isinstance(X, np.ndarray) and X.ndim == _BATCH else parts
        errors = super().reconstruction_error(X, "element")
        by_step: NDArray[np.float64] = errors.reshape(len(errors), -1, self.n_step_features_)
        return -by_step.sum(axis=2)

    def score_points(
        self, series: Any, *, window: int | None = None, step: int | None = None
    ) -> NDArray[np.float64]:
        """Return a score for each point of a long series, higher is better.

        The series is cut into windows that overlap; a point's score is the mean of what
        `score_steps` says of it in each window that it lies in.

        Parameters
        ----------
        series
            Points ``(n_points, features)`` or ``(n_points,)``.
        window
            Points of a window; without it as many as the longest sequence in `fit` has.
        step
            Points from the start of one window to that of the next; without it a quarter of
            a window. With `window` as the step windows do not overlap (but for the last one,
            which ends with the series).

        Returns
        -------
        ndarray of shape (n_points,)
            Scores.

        Raises
        ------
        SettingError
            If a window is longer than the series, or the step longer than a window.

        Examples
        --------
        >>> import numpy as np
        >>> from espelho import LSTMAutoencoder
        >>> from espelho.data.series.windows import windows
        >>> series = np.sin(np.arange(200) / 5)
        >>> model = LSTMAutoencoder(latent_dim=2, max_epochs=1, random_state=0)
        >>> _ = model.fit(windows(series, length=30, step=10))
        >>> model.score_points(series).shape
        (200,)
        """
        check_is_fitted(self)
        points = as_series(series)
        points = points[:, np.newaxis] if points.ndim == 1 else points
        window = self._n_steps if window is None else window
        step = default_step(window) if step is None else step
        cut = windows(points, window, step)
        return average_windows(np.stack(self.score_steps(list(cut))), len(points), step=step)

    def _blocks(self, samples: Samples) -> "Iterator[tuple[slice, NDArray[Any], Tensor]]":
        step = rows_at_once(self._n_steps, self._widest)
        for rows, block, x in super()._blocks(samples):
            for start in range(0, len(block), step):
                part = slice(start, min(len(block), start + step))
                place = slice(rows.start + part.start, rows.start + part.stop)
                yield place, block[part], x[part]

    def _batches(self, samples: Samples) -> "Iterator[tuple[slice, Batch]]":
        if not isinstance(samples.values, Sequences):
            yield from super()._batches(samples)
            return
        for rows, _, part in self._padded(samples.values):
            yield rows, part.batch

    def _codes_of_one(self, x: NDArray[Any]) -> NDArray[Any]:
        return self.transform([x])

    def _read_sequences(self, X: Any) -> Samples | None:
        """Return X checked if it goes in padded blocks, else nothing."""
        check_is_fitted(self)
        found = as_sequences(self, X, reset=False)
        return None if found is None else as_samples(self, found, reset=False)

    def _padded(self, sequences: Sequences) -> Iterator[tuple[slice, Sequences, Padded]]:
        import torch

        like = next(self.model_.parameters())
        with torch.inference_mode():
            yield from padded_blocks(sequences, self.scaling_, self._widest, like)

    @property
    def _widest(self) -> int:
        return max(self.n_step_features_, 8 * max(self.hidden_sizes))

    def _rebuilt(self, sequences: Sequences) -> Iterator[NDArray[np.float64]]:
        """Yield the steps ``(total, features)`` of blocks of sequences as they come back."""
        for _, _, (x, lengths, valid) in self._padded(sequences):
            z = self.model_.encode(x, lengths)
            output = self.model_.decode(z, lengths, n_steps=x.shape[1])
            yield self.scaling_.inverse(output[valid].cpu().numpy())

    def _step_errors(self, sequences: Sequences) -> NDArray[np.float64]:
        """Return the errors of all steps: ``(total, features)``."""
        if self.loss in ("bernoulli", "correntropy"):
            found = [
                self.model_.errors(x, lengths)[valid].cpu().numpy()
                for _, _, (x, lengths, valid) in self._padded(sequences)
            ]
            return np.concatenate(found).astype(np.float64)
        difference = sequences.steps - np.concatenate(list(self._rebuilt(sequences)))
        squared = self.loss == "squared_error"
        errors: NDArray[np.float64] = np.square(difference) if squared else np.abs(difference)
        return errors

    def _unrolled(self, codes: NDArray[Any], lengths: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        import torch

        like = next(self.model_.parameters())
        flat = len(self.row_shape_) == 1 and self.n_step_features_ == 1
        step = rows_at_once(int(lengths.max()), self._widest)
        with torch.inference_mode():
            for start in range(0, len(codes), step):
                z = torch.tensor(codes[start : start + step], dtype=like.dtype, device=like.device)
                own = lengths[start : start + step]
                longest = int(own.max())
                places = torch.from_numpy(own).to(like.device)
                output = self.model_.decode(z, places, n_steps=longest).cpu().numpy()
                for sequence, n in zip(output, own, strict=True):
                    values = cast(self.scaling_.inverse(sequence[:n]), self.dtype_)
                    yield values[:, 0] if flat else values


def _cut(values: NDArray[np.float64], sequences: Sequences) -> list[NDArray[np.float64]]:
    """Return values of all steps as one array a sequence."""
    return np.split(values, np.cumsum(sequences.lengths)[:-1])


def _stacked(X: Any, found: Sequences) -> Any:
    """Return sequences of one length as the array or tensor that they came in as."""
    array = np.asarray(found)
    if not is_torch(X):
        return array
    import torch

    return torch.from_numpy(array)
