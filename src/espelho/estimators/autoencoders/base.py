"""What every autoencoder does once it is fitted: encode, decode, reconstruct, score."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted

from espelho.data.checks import check_finite
from espelho.data.containers import cast, unwrap
from espelho.data.gaps.marks import missing
from espelho.data.scaling import blocks
from espelho.errors import SettingError, ShapeError
from espelho.estimators.autoencoders.codes.distributions import Distributions
from espelho.estimators.autoencoders.codes.exploration import Explores
from espelho.estimators.autoencoders.codes.latent_sampling import LatentSampling
from espelho.estimators.data.samples import Samples, numbered, observed, tensors

if TYPE_CHECKING:
    from sklearn.utils import Tags
    from torch import Tensor

    from espelho.training.batches import Batch

__all__ = ["BaseAutoencoder"]

Per = Literal["sample", "feature", "element"]


@dataclass(kw_only=True, eq=False, repr=False)
class BaseAutoencoder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, Distributions, Explores, LatentSampling
):
    """An estimator whose model has an encoder and a decoder."""

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the codes of samples.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n, latent_dim)
            Codes, in the type of X where that is a float type.
        """
        return self._encoded(self._read(X))

    def inverse_transform(self, Z: Any) -> Any:
        """Return the samples that codes stand for.

        Parameters
        ----------
        Z
            Codes ``(n, latent_dim)``.

        Returns
        -------
        ndarray of shape (n, *sample), or table
            Samples in the units, shape and type of the data in `fit`; a table where that was one
            with categories, each of which is the likeliest.

        Raises
        ------
        ShapeError
            If Z holds something else than codes.
        """
        return self._from_codes(Z, lambda z: self.model_.decode(z))

    def reconstruct(self, X: Any) -> Any:
        """Return samples as the autoencoder gives them back.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray, DataFrame or Tensor
            What X is (an array for sparse matrices and lists), with the same shape, type,
            units and names.
        """
        samples = self._read(X)
        found = np.empty((len(samples), self.n_features_in_))
        for rows, _, x in self._blocks(samples):
            found[rows] = self._in_data_units(self.model_.decode(self.model_.encode(x)))
        return samples.container.wrap(found)

    def reconstruction_error(self, X: Any, per: Per = "sample") -> NDArray[Any]:
        """Return the reconstruction loss on data, in the data's units.

        The squared (or absolute) difference between data and reconstruction, before any
        rounding to integers; for the Bernoulli loss nats, on the data scaled to [0, 1]; for
        the correntropy minus the kernel's value, in scaled units. Of tables with categories what
        is paid in training: for numbers the loss in scaled units, for categories nats.

        Parameters
        ----------
        X
            Samples as in `fit`.
        per
            ``sample``: the sum over each sample's features, ``(n,)``. ``feature``: the mean
            over samples, of the shape of a sample. ``element``: each one, of the shape of X.
            What is missing counts in no sum and no mean, and is 0 by itself.

        Returns
        -------
        ndarray
            The errors.
        """
        if per not in ("sample", "feature", "element"):
            raise SettingError(f"per must be 'sample', 'feature' or 'element', got {per!r}.")
        samples = self._read(X)
        shape = samples.container.row_shape
        kept = []
        total, counts = np.zeros(self.n_features_in_), np.zeros(self.n_features_in_)
        for _, block, x in self._blocks(samples):
            errors, marks = self._errors(block, x), missing(block)
            counts += len(block) if marks is None else (~marks).sum(axis=0)
            if per == "sample":
                kept.append(errors.sum(axis=1))
            elif per == "element":
                kept.append(errors.reshape(-1, *shape))
            total += errors.sum(axis=0)
        if per == "feature":
            return (total / np.maximum(counts, 1)).reshape(shape)
        return np.concatenate(kept)

    def score_samples(self, X: Any) -> NDArray[Any]:
        """Return minus the reconstruction error of each sample, so that higher is better.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            Scores, see `reconstruction_error`; with ``latent="gaussian"`` the evidence lower
            bound ``log p(x | z) - KL(q(z | x) || N(0, I))`` at the mean z of the code, in nats,
            see `log_likelihood`.
        """
        return self._evidence(X) if self._variational else -self.reconstruction_error(X)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean of `score_samples`, what grid searches maximise.

        Parameters
        ----------
        X
            Samples as in `fit`.
        y
            Not used.

        Returns
        -------
        float
            The mean score.
        """
        return float(self.score_samples(X).mean())

    def unit_activity(self, X: Any) -> NDArray[np.float64]:
        """Return how active each unit of the code is over samples.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (latent_dim,)
            Mean activity, from 0 (always at rest: a dead unit) to 1; what rest is depends on
            the code's activation (`SparseAutoencoder`).
        """
        import torch

        from espelho.losses.penalties.sparsity import ACTIVITIES, unit_activity

        codes = torch.from_numpy(np.asarray(self.transform(X), dtype=np.float64))
        activity = unit_activity(codes, ACTIVITIES[self._code_activation()])
        return activity.numpy()

    def _generate(self, Z: NDArray[Any], *, random: np.random.Generator | None = None) -> Any:
        """Return the samples that codes stand for, of tables with categories that are drawn."""
        if (groups := self._groups) is None or random is None:
            return self.inverse_transform(Z)
        generator, model = self._torch_generator(random), self.model_
        return self._from_codes(Z, lambda z: groups.drawn(model.decode(z), generator))

    def _from_codes(self, Z: Any, decode: "Callable[[Tensor], Tensor]") -> Any:
        """Return what is made of codes, in the units, shape and type of the data."""
        import torch

        codes = self._codes(Z)
        like = next(self.model_.parameters())
        found = np.empty((len(codes), self.n_features_in_))
        with torch.inference_mode():
            for rows, block in numbered(blocks(codes)):
                z = torch.tensor(block, dtype=like.dtype, device=like.device)
                found[rows] = self._in_data_units(decode(z))
        if (layout := self._layout) is not None:
            return layout.decode(found)
        return cast(found, self.dtype_).reshape(len(codes), *self.row_shape_)

    def _encoded(self, samples: Samples) -> NDArray[Any]:
        codes = np.empty((len(samples), self.latent_dim_), dtype=self._float_type(samples))
        for rows, batch in self._batches(samples):
            known = () if batch.lengths is None else (batch.lengths,)
            codes[rows] = self.model_.encode(batch.x, *known).cpu().numpy()
        return codes

    def _batches(self, samples: Samples) -> "Iterator[tuple[slice, Batch]]":
        from espelho.training.batches import Batch

        for rows, block, x in self._blocks(samples):
            yield rows, Batch(x, observed=observed(block, self.scaling_, x))

    def _codes_of_one(self, x: Any) -> NDArray[Any]:
        return self.transform(x[np.newaxis] if isinstance(x, np.ndarray) else x)

    def _decoded(self, Z: NDArray[np.float64]) -> Any:
        return self.inverse_transform(Z)

    def _read(self, X: Any) -> Samples:
        check_is_fitted(self)
        return self._check_samples(X, reset=False)

    def _codes(self, Z: Any) -> NDArray[Any]:
        check_is_fitted(self)
        codes = check_array(unwrap(Z), dtype=(np.float64, np.float32), ensure_all_finite=False)
        check_finite(codes)
        if codes.shape[1] != self.latent_dim_:
            raise ShapeError(
                f"Z must have shape (n_samples, {self.latent_dim_}), got {codes.shape}. "
                "inverse_transform() takes codes, as transform() returns them, not data."
            )
        return codes  # type: ignore[no-any-return]

    def _blocks(self, samples: Samples) -> "Iterator[tuple[slice, NDArray[Any], Tensor]]":
        import torch

        like, shape = next(self.model_.parameters()), self._network_shape()
        start = 0
        with torch.inference_mode():
            for block, x in tensors(samples.values, self.scaling_, shape, like):
                yield slice(start, start + len(block)), block, x
                start += len(block)

    def _in_data_units(self, output: "Tensor") -> NDArray[np.float64]:
        return self.scaling_.inverse(output.reshape(len(output), -1).cpu().numpy())  # type: ignore[no-any-return]

    def _errors(self, block: NDArray[Any], x: "Tensor") -> NDArray[np.float64]:
        """Return the error of each element ``(n, d)``, 0 where it is missing."""
        layout = self._layout
        if layout is not None or self.loss in ("bernoulli", "correntropy"):
            elements = self.model_.errors(x).reshape(len(x), -1)
            errors = elements.cpu().numpy().astype(np.float64)
            errors = errors if layout is None else layout.by_column(errors)
        else:
            difference = block - self._in_data_units(self.model_.decode(self.model_.encode(x)))
            absolute = self.loss == "absolute_error"
            errors = np.abs(difference) if absolute else np.square(difference)
        marks = missing(block)
        if marks is not None:
            errors[marks] = 0.0
        return errors  # type: ignore[no-any-return]

    def _float_type(self, samples: Samples) -> Any:
        dtype = samples.container.dtype
        return dtype if dtype in (np.float32, np.float64) else np.dtype(self.precision_)

    @property
    def _n_features_out(self) -> int:
        return int(self.latent_dim_)

    def _check_data(self, samples: Samples) -> None:
        if self.loss == "bernoulli":
            self.scaling_.check_unit_interval(samples.values)
        self._check_pixels(samples)

    def _scaling_kind(self, samples: Samples) -> str:
        kind = super()._scaling_kind(samples)
        bernoulli = self.loss == "bernoulli" and self.scaling == "auto"
        return "minmax" if bernoulli and kind == "standard" else kind

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
