"""What every generator has: noise, and the way from it to the data's units."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from espelho.data.containers import cast
from espelho.data.scaling import blocks
from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.base import Estimator
from espelho.estimators.generation import Generates
from espelho.random_variables.sampler import Sampler

__all__ = ["BaseGenerator"]


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

    def _latent_sampler(self) -> Sampler:
        from espelho.models.noise import NOISES

        return NOISES[self.noise].sampler(self.latent_dim_)

    def _generate(self, Z: NDArray[Any]) -> NDArray[Any]:
        found = self.scaling_.inverse(self._outputs(Z))
        return cast(found, self.dtype_).reshape(len(Z), *self.row_shape_)

    def _outputs(self, Z: NDArray[Any]) -> NDArray[Any]:
        """Return what noise is made into, as rows in the network's units."""
        import torch

        like = next(self.model_.parameters())
        found = []
        with torch.inference_mode():
            for block in blocks(Z):
                z = torch.tensor(block, dtype=like.dtype, device=like.device)
                found.append(self.model_.generate(z).flatten(1).cpu().numpy())
        return np.concatenate(found)

    def _output_activation(self) -> str:
        name: str = self.output_activation
        if name != "auto":
            return name
        return "logistic" if self.scaling_.kind in ("range", "minmax") else "linear"

    def _check_combination(self) -> None:
        if self.batch_size < 2:
            raise SettingError(
                f"batch_size of {type(self).__name__} must be at least 2, got {self.batch_size}: "
                "samples are compared with each other."
            )
