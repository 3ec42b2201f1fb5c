"""The code space of a fitted autoencoder, as data that a generator learns from."""

from typing import Any

from espelho.data.containers import Container
from espelho.errors import SettingError
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.data.samples import Samples
from espelho.estimators.runs.settings import unfrozen

__all__ = ["check_autoencoder", "read_codes"]


def check_autoencoder(generator: Any) -> None:
    """Raise unless the setting ``autoencoder`` is a fitted one that goes with the others.

    Parameters
    ----------
    generator
        The estimator whose settings are read.

    Raises
    ------
    SettingError
        If it is none, is not fitted, or does not go with another setting.
    """
    found = unfrozen(generator.autoencoder)
    name = type(generator).__name__
    if not isinstance(found, BaseAutoencoder):
        raise SettingError(
            f"autoencoder of {name} must be a fitted autoencoder inside scikit-learn's "
            f"FrozenEstimator, got {found!r}."
        )
    if not hasattr(found, "model_"):
        raise SettingError(
            f"autoencoder of {name} is not fitted: {found!r}. Fit it first, and put it inside "
            "FrozenEstimator, or clone() and grid searches forget what it has learned."
        )
    for setting, free in (("shifts", 0), ("sample_shape", None)):
        if getattr(generator, setting) != free:
            raise SettingError(
                f"{setting} and autoencoder cannot work together: samples are codes here, and "
                f"what they decode to is as in the autoencoder's fit. Leave {setting} out."
            )


def read_codes(generator: Any, autoencoder: Any, X: Any, *, reset: bool) -> Samples:
    """Return the codes of data, and set what the generator knows of the data.

    Parameters
    ----------
    generator
        The estimator that learns from the codes.
    autoencoder
        The fitted autoencoder, which checks the data.
    X
        Data as in the autoencoder's ``fit``.
    reset
        Whether this is the data to learn from.
    """
    codes = autoencoder.transform(X)
    if reset:
        generator.n_features_in_ = autoencoder.n_features_in_
        if hasattr(autoencoder, "feature_names_in_"):
            generator.feature_names_in_ = autoencoder.feature_names_in_
    container = Container(None, autoencoder.dtype_, autoencoder.row_shape_)
    return Samples(codes, container, autoencoder.sample_shape_)
