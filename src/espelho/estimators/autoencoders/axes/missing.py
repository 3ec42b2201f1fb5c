"""Missing values as a setting: learning across gaps, and filling them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.metaestimators import available_if

from espelho.data.gaps.filling import fill
from espelho.data.gaps.marks import check_columns_observed, missing
from espelho.data.scaling import blocks
from espelho.data.stored.base import Stored
from espelho.data.tables.filling import fill_table
from espelho.data.tables.layout import TableContainer
from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.data.samples import Samples, takes_gaps

if TYPE_CHECKING:
    from sklearn.utils import Tags
    from torch import Tensor

    from espelho.data.corruption import Corruption
    from espelho.data.scaling import Scaling

__all__ = ["Imputes"]

_HIDDEN = 0.3
"""Mean share of the elements that training hides; see the page on missing values."""


def _learned_across_gaps(estimator: Any) -> bool:
    if not takes_gaps(estimator):
        raise AttributeError(
            f"This {type(estimator).__name__} takes no data with gaps. Fit it with missing='mask'."
        )
    return True


@dataclass(kw_only=True, eq=False, repr=False)
class Imputes(BaseAutoencoder):
    """What can learn from samples that are not known whole, and fill what is missing.

    Parameters
    ----------
    missing
        What becomes of NaN: error, or mask: it is what is missing, counts in no loss, score or
        scaling, and the mean of its column (of categories their shares) stands for it where the
        encoder sees it.
    missing_noise
        With missing=mask, the mean share of the features of each sample that training hides
        from the encoder afresh at every step, as if they were missing, to learn what fills
        them; without it 0.3, or 0 where a corruption spoils samples already.
    """

    missing: f.MissingName = "error"
    missing_noise: f.Share | None = None

    @available_if(_learned_across_gaps)
    def impute(self, X: Any) -> Any:
        """Return data with what is missing filled by what the autoencoder makes of the rest.

        Parameters
        ----------
        X
            Samples as in `fit`, NaN (in tables also None or NA) where they are missing.

        Returns
        -------
        ndarray, DataFrame or Tensor
            What X is (an array for sparse matrices and lists), with the same shape, type,
            units and names. What was not missing is as it was to the last bit; a sample
            of which nothing was observed gets the means of the columns. Of categories it is
            the likeliest of those that came in fit.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import load_iris
        >>> from espelho import Autoencoder
        >>> X = load_iris().data
        >>> X[3, 1] = X[70, 2] = np.nan
        >>> model = Autoencoder(missing="mask", max_epochs=20, random_state=0).fit(X)
        >>> filled = model.impute(X)
        >>> bool(np.isfinite(filled).all()), bool((filled[0] == X[0]).all())
        (True, True)
        """
        samples = self._read(X)
        values = (
            np.asarray(samples.values) if isinstance(samples.values, Stored) else samples.values
        )
        values = values.toarray() if hasattr(values, "toarray") else values
        marks = missing(values)
        if marks is None:
            marks = np.zeros(values.shape, dtype=bool)
        found = np.zeros(values.shape)
        rows = np.flatnonzero(marks.any(axis=1))
        found[rows] = self._answers(samples.take(rows))
        found[marks.all(axis=1)] = self.scaling_.inverse(self.scaling_.stand_ins[np.newaxis])
        if isinstance(samples.container, TableContainer):
            return fill_table(X, samples.container.layout, marks, found)
        return fill(X, samples.container, values, marks, found)

    def _answers(self, samples: Samples) -> NDArray[np.float64]:
        """Return what samples are given back as ``(n, d)``, in the data's units."""
        found = np.empty((len(samples), self.n_features_in_))
        for rows, _, x in self._blocks(samples):
            output = self._without_new(self.model_.decode(self.model_.encode(x)))
            found[rows] = self._in_data_units(output)
        return found

    def _without_new(self, output: "Tensor") -> "Tensor":
        """Return outputs in which categories that never came have no probability."""
        import torch

        if (groups := self._groups) is None:
            return output
        numbers, p = groups.apart(output)
        came = torch.as_tensor(self.scaling_.stand_ins[groups.n_numbers :] > 0)
        return torch.cat([numbers, p * came.to(p)], dim=1)

    def _fit_scaling(self, samples: Samples, weight: Any) -> "Scaling":
        if takes_gaps(self) and not hasattr(samples.values, "tocsr"):
            observed = sum((~np.isnan(block)).sum(axis=0) for block in blocks(samples.values))
            values, names = samples.values, samples.container.names
            names = values.names if isinstance(values, Stored) else names
            check_columns_observed(np.asarray(observed), names)
        return super()._fit_scaling(samples, weight)

    def _corruption(self, layer: int = 0) -> "Corruption | None":
        from espelho.data.corruption import Hiding

        share = self._hidden_share
        if layer or not share:
            return super()._corruption(layer)
        stand_ins = self.scaling_.stand_ins.reshape(self._network_shape())
        layout = self._layout
        return Hiding(share, stand_ins, None if layout is None else layout.columns_of_elements())

    @property
    def _hidden_share(self) -> float:
        """The share of the features that training hides."""
        if not takes_gaps(self):
            return 0.0
        if self.missing_noise is None:
            return _HIDDEN if self.corruption == "none" else 0.0
        return float(self.missing_noise)

    @property
    def _restricted(self) -> bool:
        return bool(self._hidden_share) or super()._restricted

    def _check_combination(self) -> None:
        super()._check_combination()
        if self.missing == "error":
            if self.missing_noise is not None:
                raise SettingError(
                    f"missing_noise={self.missing_noise} and missing='error' cannot work "
                    "together: features are hidden to learn what fills gaps. Use missing='mask', "
                    "or corruption='masking' for a denoising autoencoder."
                )
            return
        if self.missing_noise and self.corruption != "none":
            raise SettingError(
                f"missing_noise={self.missing_noise} and corruption={self.corruption!r} cannot "
                "work together: both spoil what the encoder sees. Leave one of them out."
            )
        for name in ("shifts", "binarize"):
            if getattr(self, name):
                raise SettingError(
                    f"{name}={getattr(self, name)} and missing='mask' cannot work together: it "
                    "changes samples in training, and would change gaps. Leave one of them out."
                )

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = takes_gaps(self)
        return tags
