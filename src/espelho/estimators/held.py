"""The autoencoder that another estimator holds: checked, made ready, put back."""

from collections.abc import Mapping
from typing import Any

from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from espelho.errors import SettingError
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.runs.settings import unfrozen

__all__ = ["check_autoencoder", "put_back", "untrained"]


def check_autoencoder(holder: Any) -> None:
    """Raise unless the setting ``estimator`` is an autoencoder, or nothing, or a fitted one.

    Parameters
    ----------
    holder
        The estimator that holds it.

    Raises
    ------
    SettingError
        If it is no autoencoder, or was frozen before it was fitted.
    """
    found = unfrozen(holder.estimator)
    if found is not None and not isinstance(found, BaseAutoencoder):
        raise SettingError(
            f"estimator of {type(holder).__name__} must be an autoencoder (an instance, such as "
            f"Autoencoder()) or a fitted one inside FrozenEstimator, got {found!r}."
        )
    if found is not holder.estimator and not hasattr(found, "model_"):
        raise SettingError(
            f"estimator holds {type(found).__name__}, frozen before it was fitted. Fit it first, "
            "or leave FrozenEstimator out and fit will train it."
        )


def untrained(wanted: Any, default: Any, seed: int) -> Any:
    """Return an autoencoder to train: a clone of the setting, or else the default.

    Parameters
    ----------
    wanted
        The setting ``estimator``.
    default
        What stands for nothing.
    seed
        Its random state where it has none of its own.
    """
    found: Any = default if wanted is None else clone(wanted)
    if found.random_state is None:
        found.random_state = seed
    return found


def put_back(holder: Any, fitted: Any, networks: Mapping[str, Any]) -> None:
    """Set the setting ``estimator`` of what was loaded to what it was.

    Parameters
    ----------
    holder
        The estimator that holds it, made of settings alone.
    fitted
        The autoencoder of the run.
    networks
        Networks of the user's own that it was loaded with.
    """
    if unfrozen(holder.estimator) is not holder.estimator:
        holder.estimator = FrozenEstimator(fitted)
    elif networks and holder.estimator is not None:
        holder.estimator.set_params(**networks)
