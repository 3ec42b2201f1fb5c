"""The denoising autoencoder: clean samples from spoiled ones."""

from dataclasses import dataclass
from typing import Any

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder

__all__ = ["DenoisingAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class DenoisingAutoencoder(Autoencoder):
    """Denoising autoencoder: learn to give back clean samples from spoiled ones.

    Minimises ``mean_i loss(x_i, g(f(c(x_i))))`` where c spoils a sample afresh at every step:
    masking sets features to 0, gaussian adds normal noise, salt_and_pepper sets features to
    their least or greatest value (Vincent et al. 2010, JMLR 11). Nothing is spoiled once the
    estimator is fitted: `transform` and `denoise` take samples as they are.

    An `Autoencoder` with ``corruption="masking"``. Its settings, methods and attributes are
    those of `Autoencoder`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from espelho import DenoisingAutoencoder
    >>> X = load_digits().data
    >>> model = DenoisingAutoencoder(scaling="minmax", random_state=0, max_epochs=20).fit(X)
    >>> spoiled = np.where(np.random.default_rng(0).random(X.shape) < 0.3, 0, X)
    >>> before, after = (np.square(rows - X).sum() for rows in (spoiled, model.denoise(spoiled)))
    >>> bool(after < 0.6 * before)
    True
    """

    corruption: f.CorruptionName = "masking"

    def denoise(self, X: Any) -> Any:
        """Return samples as they would be without their noise.

        Parameters
        ----------
        X
            Samples as in `fit`, spoiled.

        Returns
        -------
        ndarray, DataFrame or Tensor
            As `reconstruct` returns them.
        """
        return self.reconstruct(X)
