"""What every generator has: noise, and the way from it to the data's units."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.containers import cast
from espelho.data.scaling import blocks
from espelho.errors import DataError, SettingError
from espelho.estimators import fields as f
from espelho.estimators.base import Estimator
from espelho.estimators.generation import Generates
from espelho.estimators.samples import Samples, tensors
from espelho.random_variables.sampler import Sampler

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["BaseGenerator"]

_FEWEST = 2
"""Rows that can be compared with each other."""

_SCORED = 10_000
"""Rows that a score is computed from at most."""


@dataclass(kw_only=True, eq=False, repr=False)
class BaseGenerator(Generates, Estimator):
    """An estimator whose model makes samples of noise.

    Parameters
    ----------
    latent_dim
        Width of the noise.
    hidden_sizes
        Widths of the hidden layers between noise and sample, from the noise on.
    noise
        What samples are made of: uniform on [-1, 1], or gaussian (standard normal).
    output_activation
        Activation of the output; auto is logistic where the scaling brings data into [0, 1],
        and linear elsewhere.
    """

    latent_dim: f.Count = 10
    hidden_sizes: f.Sizes = (64, 256, 256)
    noise: f.NoiseName = "uniform"
    output_activation: f.ActivationName | Literal["auto"] = "auto"

    def score(self, X: Any, y: Any = None) -> float:
        """Return minus the unbiased MMD^2 between as many new samples as rows, and the rows.

        By Gaussian kernels of 1/4 to 4 times ``median_distance_``, whatever the settings; in
        scaled units, or in the code space. About 0 where samples are as good as data, and
        slightly above at times; the same at every call. Of more than 10 000 rows, so many,
        evenly spread.

        Parameters
        ----------
        X
            Samples as in `fit`, at least 2.
        y
            Not used.

        Returns
        -------
        float
            The score; higher is better.
        """
        import torch

        from espelho.losses.kernels import FACTORS, Gaussian
        from espelho.losses.mmd import mmd

        check_is_fitted(self)
        samples = self._check_samples(X, reset=False)
        which = np.linspace(0, len(samples) - 1, min(_SCORED, len(samples))).astype(np.int64)
        data = self._scaled(samples.take(which))
        drawn = torch.from_numpy(self._drawn(len(data))).double()
        # Only sequences can be longer than in fit: samples are padded as they are.
        drawn = torch.nn.functional.pad(drawn, (0, data.shape[1] - drawn.shape[1]))
        kernel = Gaussian([factor * self.median_distance_ for factor in FACTORS])
        return -float(mmd(drawn, data, kernel, unbiased=True))

    def _latent_sampler(self) -> Sampler:
        from espelho.models.noise import NOISES

        return NOISES[self.noise].sampler(self.latent_dim_)

    def _drawn(self, n: int) -> NDArray[Any]:
        """Return new samples as rows in the network's units, the same at every call."""
        return self._outputs(self._latent_sampler().sample(n, random_state=0))

    def _generate(self, Z: NDArray[Any], *told: NDArray[Any]) -> Any:
        found = self.scaling_.inverse(self._outputs(Z, *told))
        return cast(found, self.dtype_).reshape(len(Z), *self.row_shape_)

    def _outputs(self, Z: NDArray[Any], *told: NDArray[Any]) -> NDArray[Any]:
        """Return what noise is made into, in the network's units.

        Parameters
        ----------
        Z
            Noise ``(n, latent_dim)``.
        *told
            Columns ``(n,)`` that the network takes beside it: labels, lengths.
        """
        import torch

        from espelho.estimators.parts import as_told

        like = next(self.model_.parameters())
        found = []
        with torch.inference_mode():
            start = 0
            for block in self._code_blocks(Z):
                z = torch.tensor(block, dtype=like.dtype, device=like.device)
                rows = slice(start, start + len(block))
                beside = (as_told(column[rows], like) for column in told)
                found.append(self.model_.generate(z, *beside).flatten(1).cpu().numpy())
                start += len(block)
        return np.concatenate(found)

    def _code_blocks(self, Z: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Return blocks of noise, one after the other."""
        return blocks(Z)

    def _output_activation(self) -> str:
        name: str = self.output_activation
        if name != "auto":
            return name
        return "logistic" if self.scaling_.kind in ("range", "minmax") else "linear"

    def _scaled(self, samples: Samples) -> "Tensor":
        """Return samples as rows in the network's units."""
        import torch

        like = torch.zeros((), dtype=torch.float64)
        shape = self._network_shape()
        blocks_of_rows = tensors(samples.values, self.scaling_, shape, like)
        return torch.cat([x.flatten(1) for _, x in blocks_of_rows])

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        import torch

        from espelho.losses.median_distance import median_distance

        self._check_enough(len(samples))
        which = np.linspace(0, len(samples) - 1, min(_SCORED, len(samples))).astype(np.int64)
        weights = None if weight is None else torch.from_numpy(weight[which])
        self.median_distance_ = median_distance(self._scaled(samples.take(which)), weights)

    def _check_samples(self, X: Any, *, reset: bool) -> Samples:
        samples = self._read_samples(X, reset=reset)
        self._check_enough(len(samples))
        return samples

    def _read_samples(self, X: Any, *, reset: bool) -> Samples:
        """Return X as samples, of which one is enough."""
        return super()._check_samples(X, reset=reset)

    def _check_enough(self, n_rows: int) -> None:
        if n_rows < _FEWEST:
            raise DataError(
                f"X has {n_rows} sample, and {type(self).__name__} compares samples with each "
                "other: it needs at least 2. Give more rows."
            )

    def _check_combination(self) -> None:
        if self.batch_size < 2:
            raise SettingError(
                f"batch_size of {type(self).__name__} must be at least 2, got {self.batch_size}: "
                "samples are compared with each other."
            )
