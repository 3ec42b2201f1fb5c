"""The classifier that starts from an autoencoder."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from espelho.data.scaling import Scaling
from espelho.estimators import fields as f
from espelho.estimators.classifiers import pretraining
from espelho.estimators.corruption import LearnsFromSpoiled
from espelho.estimators.data.samples import Samples, read, tensors
from espelho.estimators.held import put_back
from espelho.estimators.labels.classes import find_classes, numbers_of, read_labels
from espelho.estimators.runs import loading, saving
from espelho.estimators.runs.settings import unfrozen

if TYPE_CHECKING:
    from espelho.estimators.data.parts import Part
    from espelho.models.classifier import ClassifierModel

__all__ = ["PretrainedClassifier"]

_PART = "autoencoder"


@dataclass(kw_only=True, eq=False, repr=False)
class PretrainedClassifier(ClassifierMixin, LearnsFromSpoiled):
    """Classifier whose network starts as the encoder of an autoencoder.

    Autoencoders learn from rows without labels; where few rows have one, their encoder is a
    better start than chance. `fit` pre-trains the autoencoder on all rows, puts a softmax on
    its codes and trains both on the labels (Hinton and Salakhutdinov 2006, Science 313;
    Vincent et al. 2010, JMLR 11). Minimises, over encoder f and head h,
    ``mean_i -log softmax(h(f(c(x_i))))[y_i] + weight_decay * sum W^2`` where the corruption c,
    if there is one, spoils a sample afresh at every step; nothing is spoiled to predict.

    Parameters
    ----------
    estimator
        The autoencoder, which fit clones and pre-trains; without it an `Autoencoder` with
        its defaults. A fitted one inside scikit-learn's FrozenEstimator is taken as it is.
        Its own corruption, penalties and shifts are part of pre-training only.
    hidden_sizes
        Widths of hidden layers between code and classes.
    activation
        Activation of these hidden layers.
    weight_decay
        What the sum of the squared weights (not biases) of what is trained on the labels is
        multiplied with and added.
    train_encoder
        Whether the encoder is trained on the labels too, or the head alone.
    pretrain
        Whether the autoencoder is trained at all. Without it the encoder starts from its
        random weights, for comparison.
    corruption
        How samples are spoiled while their labels are learned, afresh at every step: features
        set to 0, normal noise added, or features set to their least or greatest value.

    Attributes
    ----------
    model_
        The trained networks: ``model_.encoder`` and ``model_.head``.
    estimator_
        The autoencoder that it started from, as pre-training left it.
    classes_
        The classes, in ascending order.
    history_
        Losses of the training on labels by epoch, a `History`; that of the pre-training is
        ``estimator_.history_``.
    scaling_
        The map between the data's units and the network's, the autoencoder's.
    n_features_in_, feature_names_in_
        Number of features of a sample, and their names where X had any.
    sample_shape_
        Shape of a sample.
    n_epochs_, stop_reason_, fit_seconds_
        How long training on the labels went on, why it ended; how long all of it took.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder, PretrainedClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> autoencoder = Autoencoder(latent_dim=2, max_epochs=20, random_state=0)
    >>> model = PretrainedClassifier(autoencoder, max_epochs=40, random_state=0).fit(X, y)
    >>> model.predict_proba(X).shape
    (150, 3)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    estimator: Any = field(default=None, kw_only=False)
    hidden_sizes: f.Sizes = ()
    activation: f.ActivationName = "relu"
    weight_decay: f.NonNegative = 0.0
    train_encoder: bool = True
    pretrain: bool = True

    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, X_unlabelled: Any = None
    ) -> Self:
        """Pre-train the autoencoder, then learn the classes.

        Parameters
        ----------
        X
            Rows ``(n, d)`` (array, sparse matrix, table, tensor, nested list) or an array
            ``(n, *sample)``.
        y
            The class of each row ``(n,)``: numbers, strings or booleans.
        sample_weight
            Weights ``(n,)``, at least 0; a weight of 2 counts like the row given twice.
        X_unlabelled
            More samples, like those of X, whose classes nobody knows: they take part in the
            pre-training, each with the weight 1.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If a hyper-parameter is out of its bounds, or two cannot work together.
        DataError
            If the data or the labels hold what cannot be learned from.
        DivergenceError
            If the loss stopped being a finite number; the last good weights are kept.
        """
        from espelho.estimators.training import fitting

        prepare = partial(self._start_from_autoencoder, X_unlabelled)
        fitting.fit(self, X, sample_weight, y=y, prepare=prepare)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most likely class of each sample.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            Classes, of the type of y.
        """
        likely = self._log_probabilities(X).argmax(axis=1)
        return self.classes_[likely]  # type: ignore[no-any-return]

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return how likely each class is for each sample.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n, classes)
            Probabilities, in the order of ``classes_``, which add up to 1 for each sample.
        """
        found: NDArray[Any] = np.exp(self._log_probabilities(X))
        return found

    def predict_log_proba(self, X: Any) -> NDArray[Any]:
        """Return the logarithms of the probabilities, exact where these are rounded to 0.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n, classes)
            Log-probabilities in nats, in the order of ``classes_``.
        """
        return self._log_probabilities(X)

    @property
    def sample_shape(self) -> tuple[int, ...] | None:
        """Shape of one sample where X holds flat rows: the autoencoder's setting."""
        found = unfrozen(self.estimator)
        if found is None or found is self.estimator:
            return getattr(found, "sample_shape", None)
        shape = tuple(found.sample_shape_)
        return shape if len(shape) > 1 else None

    def _log_probabilities(self, X: Any) -> NDArray[Any]:
        import torch

        check_is_fitted(self)
        samples = read(self, X, reset=False)
        like, shape = next(self.model_.parameters()), self._network_shape()
        with torch.inference_mode():
            blocks = [
                self.model_.logits(x).log_softmax(1).cpu().numpy()
                for _, x in tensors(samples.values, self.scaling_, shape, like)
            ]
        return np.concatenate(blocks)

    def _start_from_autoencoder(self, X_unlabelled: Any, part: "Part") -> None:
        self.estimator_ = pretraining.start(self, part, X_unlabelled)

    def _build(self) -> "ClassifierModel":
        from espelho.models.classifier import ClassifierModel
        from espelho.networks.dense import dense

        sizes = (self.estimator_.latent_dim_, *self.hidden_sizes, len(self.classes_))
        return ClassifierModel(
            copy.deepcopy(self.estimator_.model_.encoder),
            dense([int(n) for n in sizes], self.activation, "linear"),
            train_encoder=self.train_encoder,
            weight_decay=self.weight_decay,
            corruption=self._corruption(),
        )

    def _check_combination(self) -> None:
        self._check_corruption()
        pretraining.check_pretraining(self)

    def _read_target(self, y: Any, n_samples: int) -> NDArray[Any]:
        return read_labels(y, n_samples, type(self).__name__)

    def _number_target(
        self, labels: NDArray[Any], weight: Any, *, reset: bool
    ) -> NDArray[np.int64]:
        if reset:
            self.classes_ = find_classes(labels)
        return numbers_of(labels, self.classes_)

    def _network_shape(self) -> tuple[int, ...]:
        return self.estimator_._network_shape()

    def _fit_scaling(self, samples: Samples, weight: Any) -> Scaling:
        return self.estimator_.scaling_  # type: ignore[no-any-return]

    def _save_parts(self, path: Path) -> None:
        saving.save(self.estimator_, path / _PART, overwrite=True)

    def _load_parts(self, path: Path, networks: Mapping[str, Any]) -> None:
        self.estimator_ = loading.load(path / _PART, **networks)
        put_back(self, self.estimator_, networks)
