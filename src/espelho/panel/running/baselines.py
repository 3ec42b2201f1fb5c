"""Baselines: what a member has to beat, read as an autoencoder is."""

from abc import ABC, abstractmethod
from time import perf_counter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from espelho.estimators import registry
from espelho.estimators.settings import check_settings
from espelho.evaluation.reconstruction import fit_linear, forward
from espelho.evaluation.samples import Floats, as_data, as_rows
from espelho.panel.data import PanelData

__all__ = ["Components", "Neighbourhoods", "baseline"]


class _Baseline(ABC):
    """Codes of data as the family's own networks would see it.

    Parameters
    ----------
    width
        Width of the code.
    data
        The data that it is about.
    seed
        Of what is drawn.
    """

    latent_dim_: int
    fit_seconds_: float

    def __init__(self, width: int, data: PanelData, seed: int) -> None:
        self.latent_dim = width
        model = "LSTMAutoencoder" if data.kind == "sequences" else "Autoencoder"
        self._reader = registry.class_of(model)(
            sample_shape=data.sample_shape, latent_dim=width, hidden_sizes=(1,)
        )
        self._seed = seed

    def fit(self, X: Any) -> Self:
        """Learn from data."""
        from espelho.estimators.training.fitting import build_untrained

        check_settings(self._reader)
        build_untrained(self._reader.set_params(latent_dim=1), X, None)
        self.scaling_ = self._reader.scaling_
        self.sample_shape_ = self._reader.sample_shape_
        if hasattr(self._reader, "n_step_features_"):
            self.n_step_features_ = self._reader.n_step_features_
        self.latent_dim_ = self.latent_dim
        self._n_columns = as_rows(as_data(X)).shape[1]
        started = perf_counter()
        self._learn(as_data(X))
        self.fit_seconds_ = perf_counter() - started
        return self

    @abstractmethod
    def _learn(self, X: Any) -> None:
        """Find what codes are made by."""

    def _scaled(self, X: Any) -> Floats:
        """Return rows in scaled units; sequences are padded as those learned from."""
        rows = as_rows(as_data(X))
        missing = self._n_columns - rows.shape[1]
        return forward(self, np.pad(rows, ((0, 0), (0, missing))))  # type: ignore[arg-type]

    def _as_codes(self, values: Any, X: Any) -> NDArray[Any]:
        """Return codes in the type that a network's would have."""
        dtype = as_data(X).dtype
        return np.asarray(values).astype(dtype if dtype.kind == "f" else np.float32)


class Components(_Baseline):
    """Principal components, as wide as the codes of the others."""

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the components of samples."""
        return self._as_codes(self._pca.transform(self._scaled(X)), X)

    def reconstruct(self, X: Any) -> Floats:
        """Return samples, flat, as the components give them back."""
        codes = self._pca.transform(self._scaled(X))
        found = np.asarray(self.scaling_.inverse(self._pca.inverse_transform(codes)))
        return found[:, : as_rows(as_data(X)).shape[1]]

    def _learn(self, X: Any) -> None:
        self._pca = fit_linear(self, X, self._seed).pca
        self.latent_dim_ = int(self._pca.n_components_)


class Neighbourhoods(_Baseline):
    """UMAP: codes that keep neighbours, from which nothing is rebuilt."""

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the codes of samples."""
        return self._as_codes(self._umap.transform(self._scaled(X)), X)

    def _learn(self, X: Any) -> None:
        from umap import UMAP

        made = UMAP(n_components=self.latent_dim, random_state=self._seed, n_jobs=1)
        self._umap = made.fit(self._scaled(X))


def baseline(name: str, width: int, data: PanelData, seed: int) -> Any:
    """Return the baseline of a name of `BASELINES`, unfitted."""
    return {"pca": Components, "umap": Neighbourhoods}[name](width, data, seed)
