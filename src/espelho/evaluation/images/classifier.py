"""Features of a small classifier that is trained on the user's own labelled data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar, Self

import torch
from numpy.typing import ArrayLike
from torch import nn

from espelho.data.containers import Container
from espelho.data.scaling import Scaling
from espelho.errors import SettingError
from espelho.estimators.data.parts import Part
from espelho.estimators.data.samples import Samples
from espelho.estimators.labels.classes import find_classes, numbers_of, read_labels
from espelho.evaluation.generation.distances import checked
from espelho.evaluation.images.layout import Shape, channels_first, shape_of
from espelho.evaluation.images.network import Extractor, Forward, inner_rows
from espelho.evaluation.samples import draw
from espelho.models.classifier import ClassifierModel
from espelho.networks.dense import dense
from espelho.networks.images.convolutional import convolutional_encoder
from espelho.training.environment.device import find_device
from espelho.training.environment.randomness import forked
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

__all__ = ["ClassifierFeatures"]

FEWEST = 20
BATCH = 128
FEWEST_BATCHES = 8
"""Into which few rows are cut in an epoch, by smaller batches."""


@dataclass(kw_only=True)
class ClassifierFeatures(Extractor):
    """Features of samples by a small classifier, trained on labelled data.

    What tells the classes apart is what counts in these data, so distances between the values
    of its last hidden layer do (as Frechet distances on networks of one's own in Lucic et
    al. 2018, "Are GANs created equal?", NeurIPS). Images are seen by convolutions, vectors by
    dense layers; the optimiser's rate rises and falls once (Smith and Topin 2018). Features are
    brought to mean 0, and to a variance of 1 on average, over the rows learned from.
    Figures on such features are comparable only where the features are: those of one fit.

    Parameters
    ----------
    n_features : int, default=64
        Width of the last hidden layer.
    channels : sequence of int, default=(16, 32)
        Channels after each convolution, for images.
    hidden_sizes : sequence of int, default=(128,)
        Widths of the layers before the last hidden one, for vectors.
    max_epochs : int, default=20
        Passes over the rows, at most.
    max_elements : int, default=250_000_000
        Pixels to look at, so that training ends in half a minute or so: five passes over 60,000
        images of 28 x 28. One pass is the least.
    max_rows : int, default=60_000
        Rows to learn from; of more, so many are drawn.
    sample_shape : tuple of int, optional
        Shape of one image, where rows are flat. Flat rows without one are vectors.
    random_state : int, default=0
        Seed of the weights, of the order of the rows, and of which are held out.
    device : str, default="auto"
        Where it is trained and features are computed: auto, cpu, cuda, cuda:1, mps.

    Attributes
    ----------
    accuracy_ : float
        Share of a held-out tenth of the rows whose class is found: features of a classifier
        that learned little say little.
    classes_ : ndarray of shape (n_classes,)
        The classes, in ascending order.
    n_features_ : int
        Number of features.
    n_rows_ : int
        Rows learned from.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> features = ClassifierFeatures(n_features=8).fit(X, y)
    >>> features(X).shape
    (150, 8)
    >>> features.accuracy_ > 0.8
    True
    """

    n_features: int = 64
    channels: Sequence[int] = (16, 32)
    hidden_sizes: Sequence[int] = (128,)
    max_epochs: int = 20
    max_elements: int = 250_000_000
    max_rows: int = 60_000
    sample_shape: Shape | None = None
    random_state: int = 0
    device: str = "auto"
    _unfitted: ClassVar[str] = "needs to be trained: call fit(X, y)"

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train the classifier.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Images ``(n, height, width)`` or with channels first or last, or rows.
        y : array-like of shape (n,)
            The class of each: numbers, strings or booleans.

        Returns
        -------
        ClassifierFeatures
            Itself.

        Raises
        ------
        DataError
            If there are fewer than 20 rows, values that are not finite, or labels that are no
            classes or all alike.
        ShapeError
            If these are images smaller than 4 x 4 pixels, or labels and rows differ in number.
        SettingError
            If a number is below 1.
        DivergenceError
            If the loss stopped being a finite number.
        """
        self._check_settings()
        shape = shape_of(X, self.sample_shape)
        inside = shape if len(shape) < 2 else channels_first(shape, "ClassifierFeatures")
        whole = self._read(X, y, shape, inside)
        train, held_out = whole.split(0.1, self.random_state)
        scaling = Scaling.fit(train.samples.values, "standard", sample_shape=inside)
        model = self._trained(train, scaling, inside)
        plain = Forward(model.encoder, scaling, inside, inside)
        features = plain(train.samples.values, "ClassifierFeatures")
        self._forward = replace(plain.standardised(features, (self.n_features,)), shape=shape)
        logits = Forward(nn.Sequential(model.encoder, model.head), scaling, inside, inside)
        self.accuracy_ = _accuracy(logits, held_out)
        self.n_features_, self.n_rows_ = self.n_features, len(train)
        return self

    def _check_settings(self) -> None:
        counts = ("n_features", "max_epochs", "max_elements", "max_rows")
        for name in (*counts, "channels", "hidden_sizes"):
            value: Any = getattr(self, name)
            if min(value if isinstance(value, Sequence) else (value,), default=1) < 1:
                raise SettingError(f"{name} must be at least 1, got {value!r}.")

    def _read(self, X: ArrayLike, y: ArrayLike, shape: Shape, inside: Shape) -> Part:
        """Return the rows to learn from and to hold out, with the numbers of their classes."""
        rows = checked(X, "X", FEWEST)
        labels = read_labels(y, len(rows), "ClassifierFeatures")
        drawn = draw(len(rows), self.max_rows, self.random_state)
        rows, labels = inner_rows(rows[drawn], shape), labels[drawn]
        self.classes_ = find_classes(labels)
        samples = Samples(rows, Container.of(rows, rows), inside)
        return Part(samples, None, numbers_of(labels, self.classes_))

    def _trained(self, train: Part, scaling: Scaling, inside: Shape) -> ClassifierModel:
        device = find_device(self.device)
        with forked(self.random_state, torch.device("cpu")):
            head = dense((self.n_features, len(self.classes_)), "linear", "linear")
            model = ClassifierModel(self._encoder(inside), head).to(device)
        data = train.data(scaling, inside, next(model.parameters()))
        fitting = self.max_elements // (len(train) * prod(inside))
        recipe = Recipe(
            max_epochs=max(1, min(self.max_epochs, fitting)),
            batch_size=max(2, min(BATCH, len(train) // FEWEST_BATCHES)),
            schedule="one-cycle",
            schedule_options={"peak": 5.0},
        )
        if Trainer(model, data, recipe, seed=self.random_state).run() == "interrupted":
            raise KeyboardInterrupt
        return model

    def _encoder(self, inside: Shape) -> nn.Sequential:
        if len(inside) < 2:
            sizes = (inside[0], *self.hidden_sizes, self.n_features)
            return dense(sizes, "relu", "relu", "batch")
        return convolutional_encoder(
            inside, self.channels, self.n_features, "relu", "relu", normalization="batch"
        )


def _accuracy(logits: Forward, held_out: Part | None) -> float:
    if held_out is None or held_out.y is None:
        raise TypeError("A classifier is judged by rows that are held out, with labels.")
    found = logits(held_out.samples.values, "ClassifierFeatures").argmax(axis=1)
    return float((found == held_out.y).mean())
