"""Pre-training: the autoencoder that a classifier starts from."""

from typing import TYPE_CHECKING, Any

import numpy as np

from espelho.data.stored.base import Stored
from espelho.errors import DataError, SettingError, ShapeError
from espelho.estimators.autoencoders.autoencoder import Autoencoder
from espelho.estimators.autoencoders.base import BaseAutoencoder
from espelho.estimators.data.samples import Samples, read
from espelho.estimators.held import check_autoencoder, untrained
from espelho.estimators.runs.settings import unfrozen

if TYPE_CHECKING:
    from espelho.estimators.classifiers.pretrained import PretrainedClassifier
    from espelho.estimators.data.parts import Part

__all__ = ["check_pretraining", "start"]


def check_pretraining(classifier: "PretrainedClassifier") -> None:
    """Raise unless a classifier can start from its autoencoder.

    Parameters
    ----------
    classifier
        Whose settings are read.

    Raises
    ------
    SettingError
        If ``estimator`` is no autoencoder, or frozen before it was fitted, or fitted for nothing.
    """
    check_autoencoder(classifier)
    frozen = unfrozen(classifier.estimator) is not classifier.estimator
    if frozen and not classifier.pretrain:
        raise SettingError(
            "pretrain=False and a fitted autoencoder inside FrozenEstimator cannot work together. "
            "Give the autoencoder itself to start from random weights."
        )


def start(classifier: "PretrainedClassifier", part: "Part", X_unlabelled: Any) -> BaseAutoencoder:
    """Return the autoencoder to start from: the fitted one, or one trained on these rows.

    Parameters
    ----------
    classifier
        Whose settings are read, and its seed where the autoencoder has none.
    part
        The rows to learn from.
    X_unlabelled
        More samples, or none.

    Raises
    ------
    ShapeError
        If a fitted autoencoder expects another number of features.
    DataError
        If a fitted autoencoder expects other columns.
    SettingError
        If there are samples without labels and nothing is pre-trained.
    """
    fitted = unfrozen(classifier.estimator)
    frozen = fitted is not classifier.estimator
    if X_unlabelled is not None and (frozen or not classifier.pretrain):
        raise SettingError(
            "X_unlabelled is for pre-training, and there is none: estimator is "
            f"{'frozen' if frozen else 'not trained (pretrain=False)'}. Leave X_unlabelled out."
        )
    if not frozen:
        return _trained(classifier, part, X_unlabelled)
    _check_same_features(classifier, fitted)
    return fitted  # type: ignore[no-any-return]


def _trained(
    classifier: "PretrainedClassifier", part: "Part", X_unlabelled: Any
) -> BaseAutoencoder:
    from espelho.estimators.training import fitting

    autoencoder = untrained(classifier.estimator, Autoencoder(), classifier.seed_)
    X, weight = _rows(part.samples), part.weight
    if X_unlabelled is not None:
        more = read(classifier, X_unlabelled, reset=False)
        X = _stacked(X, _rows(more))
        weight = None if weight is None else np.append(weight, np.ones(len(more)))
    if not classifier.pretrain:
        fitting.build_untrained(autoencoder, X, weight)
    elif autoencoder.fit(X, sample_weight=weight).stop_reason_ == "interrupted":
        raise KeyboardInterrupt
    if hasattr(classifier, "feature_names_in_"):
        autoencoder.feature_names_in_ = classifier.feature_names_in_
    return autoencoder  # type: ignore[no-any-return]


def _rows(samples: Samples) -> Any:
    """Return samples in the shape that they came in."""
    shape = samples.container.row_shape
    return samples.values.reshape(-1, *shape) if len(shape) > 1 else samples.values


def _stacked(X: Any, more: Any) -> Any:
    if isinstance(X, Stored) or isinstance(more, Stored):
        raise DataError(
            "X_unlabelled must be in memory, and so must X beside it. Fit the autoencoder on all "
            "samples first, and give it inside FrozenEstimator."
        )
    if hasattr(X, "tocsr") or hasattr(more, "tocsr"):
        from scipy.sparse import vstack

        return vstack([X, more], format="csr")
    return np.concatenate([X, more])


def _check_same_features(classifier: "PretrainedClassifier", fitted: Any) -> None:
    d, expected = classifier.n_features_in_, fitted.n_features_in_
    if d != expected:
        raise ShapeError(
            f"X has {d} features, but the {type(fitted).__name__} inside FrozenEstimator was "
            f"fitted with {expected}. Give the same features, or an autoencoder to pre-train."
        )
    names, known = (list(getattr(e, "feature_names_in_", ())) for e in (classifier, fitted))
    if names and known and names != known:
        raise DataError(
            f"X has the columns {', '.join(names)}, but the {type(fitted).__name__} inside "
            f"FrozenEstimator was fitted with {', '.join(known)}."
        )
