"""A network as a function of samples: in blocks, in evaluation mode, without gradients."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from espelho.data.scaling import Scaling
from espelho.errors import SettingError, ShapeError
from espelho.estimators.data.samples import tensors
from espelho.evaluation.generation.distances import checked
from espelho.evaluation.images.layout import Shape, as_channels_first
from espelho.evaluation.samples import Floats, Rows

ROUNDING = 1e-6
"""A deviation of features, in float32, that is none."""


@dataclass(frozen=True)
class Forward:
    """From samples in the units of the data to the features that a network makes of them.

    Attributes
    ----------
    network : Module
        From ``(n, *inside)`` to ``(n, n_features)``.
    scaling : Scaling
        Into the units of the network.
    shape, inside : tuple of int
        Shape of one sample, as data comes and as the network sees it.
    mean, scale : ndarray of shape (n_features,) or float
        What features are shifted and divided by.
    """

    network: nn.Module
    scaling: Scaling
    shape: Shape
    inside: Shape
    mean: Floats | float = 0.0
    scale: Floats | float = 1.0

    def __call__(self, samples: ArrayLike, owner: str) -> Floats:
        """Return features ``(n, n_features)`` in float64.

        Raises
        ------
        DataError
            If there is no sample, or a value that is not finite.
        ShapeError
            If samples have another shape than those that were learned from.
        """
        self._check(samples, owner)
        rows = inner_rows(checked(samples, "samples"), self.shape)
        like = next(self.network.parameters())
        with torch.inference_mode():
            found = [
                self.network(x).cpu().numpy()
                for _, x in tensors(rows, self.scaling, self.inside, like)
            ]
        return np.asarray((np.concatenate(found, dtype=np.float64) - self.mean) / self.scale)

    def standardised(self, features: Floats, groups: Sequence[int]) -> "Forward":
        """Return the same with features of mean 0, and of variance 1 on average in each group.

        Not each of them: what hardly ever varies in the data would weigh most.

        Parameters
        ----------
        features : ndarray of shape (n, n_features)
            What this gives of data.
        groups : sequence of int
            Sizes of the groups.
        """
        parts = np.split(features.var(axis=0), np.cumsum(groups)[:-1])
        scales = [math.sqrt(part.mean()) for part in parts]
        scale = np.repeat([s if s > ROUNDING else 1.0 for s in scales], groups)
        return replace(self, mean=features.mean(axis=0), scale=scale)

    def _check(self, samples: ArrayLike, owner: str) -> None:
        given = np.shape(samples)[1:]
        if given not in (self.shape, (int(np.prod(self.shape)),)):
            raise ShapeError(
                f"{owner} was fitted on samples of shape {self.shape}, got samples of shape "
                f"{given}."
            )


class Extractor:
    """A network that `fit` has made, or trained, as a function of samples.

    A member's `fit` sets the function; `_unfitted` says what to do without it.
    """

    _unfitted: ClassVar[str]
    _forward: Forward

    def __call__(self, samples: ArrayLike) -> Floats:
        """Return the features of samples.

        Parameters
        ----------
        samples : array-like of shape (n, ...)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, n_features)
            In float64.

        Raises
        ------
        SettingError
            If `fit` was not called.
        DataError
            If there are none, or values that are not finite.
        ShapeError
            If they have another shape than those of `fit`.
        """
        if not hasattr(self, "_forward"):
            raise SettingError(f"{type(self).__name__} {self._unfitted} first.")
        return self._forward(samples, type(self).__name__)


def inner_rows(rows: Rows, shape: Shape) -> Rows:
    """Return flat samples with their channels, where they have such, first."""
    return rows if len(shape) < 2 else as_channels_first(rows, shape)
