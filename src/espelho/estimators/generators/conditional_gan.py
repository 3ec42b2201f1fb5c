"""The conditional generative adversarial network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.errors import ShapeError
from espelho.estimators import fields as f
from espelho.estimators.classifiers.labels import find_classes, numbers_of, read_labels
from espelho.estimators.generators.gan import GAN
from espelho.estimators.generators.sequential import lengths_of
from espelho.estimators.samples import Samples
from espelho.random_variables.sampler import RandomState, as_generator, check_count

if TYPE_CHECKING:
    from sklearn.utils import Tags
    from torch import Tensor

    from espelho.models.conditional_gan import ConditionalGANModel

__all__ = ["ConditionalGAN"]

_FREQUENCIES = "label_frequencies"


@dataclass(kw_only=True, eq=False, repr=False)
class ConditionalGAN(GAN):
    """Conditional generative adversarial network: new samples of the label that you ask for.

    Both networks are told the label (Mirza and Osindero 2014, https://arxiv.org/abs/1411.1784):
    the generator makes samples ``g(z, y)``, and the discriminator judges each beside the label it
    has, or was made for. Labels are integers, strings or booleans, one a sample. All else is as
    in a `GAN`.

    Parameters
    ----------
    conditioning
        How the discriminator is told the label. projection: a learned vector for each label,
        multiplied with the features of the sample (Miyato and Koyama 2018). concatenation:
        beside the sample, as it comes in.

    Attributes
    ----------
    model_
        The trained networks: ``model_.generator`` and ``model_.discriminator``.
    classes_
        The labels, in ascending order.
    label_frequencies_
        The share that each label had of the data.
    length_frequencies_
        Of sequences, the share of each label's that has 1, 2, ... steps.
    history_, scaling_, latent_dim_, sample_shape_, n_features_in_
        As of `GAN`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import ConditionalGAN
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ConditionalGAN(max_epochs=2, random_state=0).fit(X, y)
    >>> model.sample(3, y=2, random_state=0).shape, model.sample(2, y=[0, 1]).shape
    ((3, 4), (2, 4))
    """

    conditioning: f.ConditioningName = "projection"

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from data and its labels.

        Parameters
        ----------
        X
            Rows ``(n, d)`` (array, sparse matrix, table, tensor, nested list) or an array
            ``(n, *sample)``.
        y
            The label of each row ``(n,)``: integers, strings or booleans, two or more of them.
        sample_weight
            Weights ``(n,)``, at least 0; a weight of 2 counts like the row given twice.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If a hyper-parameter is out of its bounds, or two cannot work together.
        DataError
            If data or labels hold what cannot be learned from, or labels are missing.
        DivergenceError
            If the loss stopped being a finite number; the last good weights are kept.
        """
        return super().fit(X, y, sample_weight)

    def sample(self, n: int = 1, *, y: Any = None, random_state: RandomState = None) -> Any:
        """Return new samples.

        Parameters
        ----------
        n
            How many, at least 1.
        y
            Their label, or a label for each ``(n,)``; without it labels are drawn as often as
            each came in the data.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it other samples each time.

        Returns
        -------
        ndarray of shape (n, *sample), or list of ndarray
            Samples in the units, shape and type of the data in `fit`. Sequences, where those
            of the data differ in length, are a list, and as long as often as those of the label.

        Raises
        ------
        SettingError
            If n is not a whole number of at least 1.
        DataError
            If y holds a label that never came in the data.
        ShapeError
            If y is not one label, nor one for each.
        """
        check_is_fitted(self)
        n, random = check_count(n), as_generator(random_state)
        labels = self._draw_labels(n, random) if y is None else self._labels_to_draw(y, n)
        codes = self.sample_codes(n, random_state=random)
        return self._generate(codes, labels, *self._draw_lengths(n, random, labels))

    def discriminate(self, X: Any, y: Any = None) -> NDArray[np.floating[Any]]:
        """Return how likely the discriminator thinks each sample is real, beside its label.

        Parameters
        ----------
        X
            Samples as in `fit`.
        y
            The label of each.

        Returns
        -------
        ndarray of shape (n,)
            Numbers from 0 to 1.
        """
        check_is_fitted(self)
        samples = self._read_samples(X, reset=False)
        labels = read_labels(y, len(samples), f"discriminate of {type(self).__name__}")
        return self._judged(samples, numbers_of(labels, self.classes_))

    def _draw_labels(self, n: int, random: np.random.Generator) -> NDArray[np.int64]:
        return random.choice(len(self.classes_), n, p=self.label_frequencies_)

    def _labels_to_draw(self, y: Any, n: int) -> NDArray[np.int64]:
        labels = np.full(n, y) if np.ndim(y) == 0 else np.asarray(y)
        if labels.shape != (n,):
            raise ShapeError(
                f"y must be one label or have shape ({n},), one for each of the {n} samples, got "
                f"{labels.shape}."
            )
        return numbers_of(labels, self.classes_)

    def _drawn(self, n: int) -> NDArray[Any]:
        random = np.random.default_rng(0)
        labels = self._draw_labels(n, random)
        codes = self._latent_sampler().sample(n, random_state=random)
        return self._outputs(codes, labels, *self._draw_lengths(n, random, labels))

    def _read_target(self, y: Any, n_samples: int) -> NDArray[Any]:
        return read_labels(y, n_samples, type(self).__name__)

    def _number_target(self, labels: NDArray[Any], *, reset: bool) -> NDArray[np.int64]:
        if reset:
            self.classes_ = find_classes(labels)
        return numbers_of(labels, self.classes_)

    def _learn_labels(self, y: NDArray[Any], weight: NDArray[Any] | None) -> None:
        counts = np.bincount(y, weights=weight, minlength=len(self.classes_))
        self.label_frequencies_ = counts / counts.sum()
        if self._recurrent:
            self.length_frequencies_ = self._shares_by_label(y, weight)

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        super()._learn_from(samples, weight)
        if self._recurrent:
            self._lengths_seen = lengths_of(samples)

    def _shares_by_label(
        self, y: NDArray[Any], weight: NDArray[Any] | None
    ) -> NDArray[np.float64]:
        """Return, for each label, which share of its sequences has 1, 2, ... steps."""
        lengths, n_steps = self._lengths_seen, self._network_shape()[0]
        del self._lengths_seen
        weight = np.ones(len(y)) if weight is None else weight
        counts = np.zeros((len(self.classes_), n_steps))
        np.add.at(counts, (y, lengths - 1), weight)
        shares: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
        return shares

    def _learned_arrays(self) -> dict[str, NDArray[Any]]:
        return super()._learned_arrays() | {_FREQUENCIES: self.label_frequencies_}

    def _take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._take_arrays(arrays)
        self.label_frequencies_ = arrays[_FREQUENCIES]

    def _build(self) -> "ConditionalGANModel":
        from functools import partial

        from espelho.estimators.generators.networks import build_discriminator, build_generator
        from espelho.models.conditional_gan import ConditionalGANModel
        from espelho.networks.discriminator import (
            ConcatenatingDiscriminator,
            LabelledGenerator,
            ProjectionDiscriminator,
            beside,
            beside_steps,
        )

        self.latent_dim_ = self._latent_width()
        k = len(self.classes_)
        concatenated = self.conditioning == "concatenation"
        projecting = partial(ProjectionDiscriminator, packing=int(self.packing))
        joined = beside_steps if self._recurrent else beside
        concatenating = partial(ConcatenatingDiscriminator, joined=joined)
        kind = concatenating if concatenated else projecting
        return ConditionalGANModel(
            LabelledGenerator(build_generator(self, self.latent_dim_ + k), k),
            build_discriminator(self, partial(kind, n_labels=k), beside=k * concatenated),
            self.latent_dim_,
            **self._ways(),
        )

    def _told_of_a_sample(self) -> "tuple[Tensor, ...]":
        import torch

        return (torch.zeros((), dtype=torch.int64), *super()._told_of_a_sample())

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
