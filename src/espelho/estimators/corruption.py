"""How samples are spoiled while something is learned from them: a corruption as settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.trained import TrainedEstimator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espelho.data.corruption import Corruption
    from espelho.estimators.data.samples import Samples

__all__ = ["LearnsFromSpoiled"]

_BOUNDS = "corruption/bounds"


@dataclass(kw_only=True, eq=False, repr=False)
class LearnsFromSpoiled(TrainedEstimator):
    """What can be trained on samples that are spoiled on purpose.

    Parameters
    ----------
    corruption
        How the encoder's input is spoiled in training, afresh at every step, while the target
        stays clean: features set to 0, normal noise added, or features set to their least or
        greatest value. Of a table's categories masking hides whole columns, and the others spoil
        each of the zeros and ones by itself.
    corruption_level
        Share of the features that are spoiled; for gaussian the standard deviation of the
        noise in scaled units.
    corruption_count
        Number of features of each sample that masking sets to 0, instead of a share.
    """

    corruption: f.CorruptionName = "none"
    corruption_level: f.NonNegative = 0.3
    corruption_count: f.Count | None = None

    def _check_corruption(self) -> None:
        if self.corruption_count is not None and self.corruption != "masking":
            raise SettingError(
                f"corruption_count and corruption={self.corruption!r} cannot work together: it is "
                "the number of features that are masked. Use corruption='masking'."
            )
        if self.corruption in ("masking", "salt_and_pepper") and self.corruption_level > 1:
            raise SettingError(
                f"corruption_level of corruption={self.corruption!r} is a share of the features, "
                f"from 0 to 1, got {self.corruption_level}."
            )

    def _learn_from(self, samples: "Samples", weight: "NDArray[Any] | None") -> None:
        """Learn what the corruption takes from the data: its range."""
        super()._learn_from(samples, weight)
        if self.corruption == "salt_and_pepper":
            self._bounds = self.scaling_.bounds(samples.values, samples.sample_shape)

    def _learned_arrays(self) -> "dict[str, NDArray[Any]]":
        own = {_BOUNDS: self._bounds} if hasattr(self, "_bounds") else {}
        return super()._learned_arrays() | own

    def _take_arrays(self, arrays: "Mapping[str, NDArray[Any]]") -> None:
        super()._take_arrays(arrays)
        if _BOUNDS in arrays:
            self._bounds = arrays[_BOUNDS]

    def _corruption(self, layer: int = 0) -> "Corruption | None":
        """Return what spoils the input of a layer, or nothing."""
        from espelho.data.corruption import CORRUPTIONS, ColumnMasking, Masking

        if self.corruption == "none":
            return None
        low, high = np.zeros(1), np.zeros(1)  # of a layer above: not known yet
        if self.corruption == "salt_and_pepper" and layer == 0 and hasattr(self, "_bounds"):
            low, high = self._bounds.reshape(2, *self._bounds_shape())
        count, level = self.corruption_count, self.corruption_level
        # An integer is a number of features, and a real number a share of them.
        amount = float(level) if count is None else int(count)
        found = CORRUPTIONS[self.corruption](amount, low, high)
        if layer == 0 and isinstance(found, Masking) and hasattr(self, "layout_"):
            return ColumnMasking(found, self.layout_.columns_of_elements())
        return found

    def _bounds_shape(self) -> tuple[int, ...]:
        """Return the shape of the least and greatest values, beside that of a sample."""
        return self._network_shape()
