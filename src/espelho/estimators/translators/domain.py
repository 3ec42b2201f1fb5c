"""A domain: one of the two sets of a translation, and how its samples come in and go out."""

from collections.abc import Mapping
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from espelho.data.containers import Container, cast, is_frame, is_torch
from espelho.data.images.shapes import channel_axis
from espelho.data.scaling import Scaling
from espelho.data.stored.base import Stored
from espelho.errors import DataError, ShapeError
from espelho.estimators.data.samples import Samples, read

__all__ = ["Domain", "row_shape"]

_IMAGE = 3
"""Axes of an image that names its channels."""


class Domain(BaseEstimator):
    """One of the two sets of a translation.

    Parameters
    ----------
    name
        A or B.
    sample_shape
        Shape of one sample, where rows are flat or it says that channels come first or last.

    Attributes
    ----------
    row_shape_
        Shape of a row as it came in.
    sample_shape_
        Shape of a sample inside: of images, channels first.
    channels_last_
        Whether the channels of images come last in a row.
    dtype_, n_features_in_, feature_names_in_
        Of the rows to learn from.
    scaling_
        Into the units of the networks.
    """

    def __init__(self, name: str, sample_shape: tuple[int, ...] | None = None) -> None:
        self.name = name
        self.sample_shape = sample_shape

    def read(self, X: Any, *, reset: bool) -> Samples:
        """Return checked samples, rows ``(n, d)`` of images whose channels come first.

        Parameters
        ----------
        X
            As `espelho.estimators.data.samples.read` takes it.
        reset
            Whether these are the samples to learn from.

        Raises
        ------
        DataError
            If they cannot be learned from; the message begins with the name of the set.
        """
        setting = self.sample_shape
        if reset:
            self.channels_last_, self.sample_shape = self._layout(row_shape(X))
        try:
            samples = read(self, X, reset=reset)
        except DataError as error:
            raise type(error)(f"{self.name}: {error}") from error
        finally:
            self.sample_shape = setting
        if reset:
            self._learn(samples)
        return Samples(self._inside(samples.values), samples.container, self.sample_shape_)

    def _layout(self, row: tuple[int, ...]) -> tuple[bool, tuple[int, ...] | None]:
        """Return whether channels come last, and the shape of a sample as it comes in."""
        setting = None if self.sample_shape is None else tuple(self.sample_shape)
        if setting and len(row) == len(setting) == _IMAGE and row != setting:
            moved = (*setting[1:], setting[0])
            return (True, moved) if row == moved else (False, setting)
        shape = setting or row
        last = len(shape) == _IMAGE and (setting is None or len(row) == 1)
        return last and channel_axis(shape) == _IMAGE - 1, setting

    def _learn(self, samples: Samples) -> None:
        shape = samples.sample_shape
        self.row_shape_ = samples.container.row_shape
        self.dtype_ = samples.container.dtype
        self.sample_shape_ = (shape[-1], *shape[:-1]) if self.channels_last_ else shape

    def _inside(self, values: Any) -> Any:
        if not self.channels_last_:
            return values
        if isinstance(values, Stored):
            raise ShapeError(
                f"{self.name}: images on disk must have their channels first; these have the "
                f"shape {self.row_shape_}. Store them as (n, channels, height, width)."
            )
        channels, height, width = self.sample_shape_
        images = np.asarray(values).reshape(-1, height, width, channels)
        return np.ascontiguousarray(np.moveaxis(images, -1, 1)).reshape(len(images), -1)

    @property
    def is_image(self) -> bool:
        """Whether samples are images."""
        return len(self.sample_shape_) in (_IMAGE - 1, _IMAGE)

    @property
    def channels(self) -> int:
        """Number of channels of images."""
        return int(self.sample_shape_[0]) if len(self.sample_shape_) == _IMAGE else 1

    @property
    def places(self) -> tuple[int, ...]:
        """Height and width of images; nothing for vectors."""
        return self.sample_shape_[-2:] if self.is_image else ()

    @property
    def network_shape(self) -> tuple[int, ...]:
        """Shape of a sample inside a convolutional network."""
        return (self.channels, *self.places)

    def fit_scaling(self, samples: Samples, setting: str) -> None:
        """Learn the map into the units of the networks.

        Parameters
        ----------
        samples
            What it is learned from.
        setting
            auto, or a kind of `Scaling`.
        """
        kind = setting
        if setting == "auto":
            kind = "centred" if self.dtype_ in ("uint8", "uint16") else "standard"
        self.scaling_ = Scaling.fit(samples.values, kind, sample_shape=self.sample_shape_)

    def fits(self, row: tuple[int, ...]) -> bool:
        """Return whether rows of a shape are images of as many channels."""
        axis = -1 if self.channels_last_ else 0
        return len(row) < _IMAGE or row[axis] == self.row_shape_[axis]

    def at(self, row: tuple[int, ...]) -> "Domain":
        """Return the same domain with images of another height and width.

        Parameters
        ----------
        row
            Shape of a row: of as many axes, and channels, as of those it was learned from.
        """
        if row == self.row_shape_:
            return self
        other = Domain(self.name)
        other.channels_last_, other.row_shape_ = self.channels_last_, row
        other.sample_shape_ = (row[-1], *row[:-1]) if self.channels_last_ else row
        other.dtype_, other.n_features_in_ = self.dtype_, prod(row)
        shift, scale = (
            np.repeat(part.reshape(self.channels, -1)[:, 0], prod(other.places))
            for part in (self.scaling_.shift, self.scaling_.scale)
        )
        other.scaling_ = Scaling(self.scaling_.kind, shift, scale)
        return other

    def row_of(self, places: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of a row with images of a height and width."""
        if tuple(places) == tuple(self.places) or len(self.row_shape_) == 1:
            return self.row_shape_
        if len(self.row_shape_) < _IMAGE:
            return tuple(places)
        return (*places, self.channels) if self.channels_last_ else (self.channels, *places)

    def wrap(self, values: NDArray[np.float64], came: Container, *, rounded: bool = True) -> Any:
        """Return what was made of samples as rows of this domain.

        Parameters
        ----------
        values
            In the units of this domain ``(n, d)``, channels first.
        came
            What the samples came in as: a table gives a table with this domain's names.
        rounded
            Whether they get the domain's type.
        """
        rows = self._outside(values)
        rows = cast(rows, self.dtype_) if rounded else rows
        if is_torch(came.original):
            import torch

            return torch.from_numpy(rows)
        if is_frame(came.original) and len(self.row_shape_) == 1:
            return _frame(rows, getattr(self, "feature_names_in_", None), came.original)
        return rows

    def _outside(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.channels_last_:
            images = values.reshape(-1, *self.sample_shape_)
            values = np.moveaxis(images, 1, -1)
        return np.ascontiguousarray(values.reshape(-1, *self.row_shape_))

    def to_dict(self) -> dict[str, Any]:
        """Return what a file can keep of the domain, as JSON values; arrays are apart."""
        names = getattr(self, "feature_names_in_", None)
        return {
            "name": self.name,
            "row_shape": list(self.row_shape_),
            "sample_shape": list(self.sample_shape_),
            "channels_last": bool(self.channels_last_),
            "dtype": str(self.dtype_),
            "feature_names": None if names is None else [str(n) for n in names],
            "scaling": self.scaling_.kind,
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return a domain from what `to_dict` returned."""
        domain = cls(facts["name"])
        domain.row_shape_ = tuple(facts["row_shape"])
        domain.sample_shape_ = tuple(facts["sample_shape"])
        domain.channels_last_ = facts["channels_last"]
        domain.dtype_ = np.dtype(facts["dtype"])
        domain.n_features_in_ = prod(domain.row_shape_)
        if facts["feature_names"] is not None:
            domain.feature_names_in_ = np.array(facts["feature_names"], dtype=object)
        nothing = np.zeros(domain.n_features_in_)
        domain.scaling_ = Scaling(facts["scaling"], nothing, nothing + 1)
        return domain


def row_shape(X: Any) -> tuple[int, ...]:
    """Return the shape of a row of what was handed in, whatever it is.

    Raises
    ------
    ShapeError
        If rows differ in shape.
    """
    try:
        shape = X.shape if hasattr(X, "shape") else np.shape(X)
    except ValueError as error:
        raise ShapeError(
            "Samples of a set must have one shape, and these differ. Cut or resize them first; "
            "after fit, translate images of another size in calls of their own."
        ) from error
    return tuple(int(n) for n in shape[1:])


def _frame(rows: NDArray[Any], names: Any, came: Any) -> Any:
    import sys

    columns = [f"B{i}" for i in range(rows.shape[1])] if names is None else list(names)
    if hasattr(came, "iloc"):
        return sys.modules["pandas"].DataFrame(rows, columns=columns, index=came.index)
    return sys.modules["polars"].DataFrame(rows, schema=columns)
