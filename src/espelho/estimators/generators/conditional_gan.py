"""The conditional generative adversarial network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.generators.gan import GAN
from espelho.estimators.generators.sequential import lengths_of, shares_of_lengths
from espelho.estimators.labels.asked import labels_asked
from espelho.estimators.labels.columns import LabelColumns
from espelho.estimators.labels.condition import Condition
from espelho.estimators.labels.table import LabelTable
from espelho.random_variables.sampler import RandomState, as_generator, check_count

if TYPE_CHECKING:
    from sklearn.utils import Tags
    from torch import Tensor

    from espelho.estimators.data.parts import Part
    from espelho.models.generators.conditional_gan import ConditionalGANModel

__all__ = ["ConditionalGAN"]

_ROWS, _FREQUENCIES = "label_rows", "label_frequencies"


@dataclass(kw_only=True, eq=False, repr=False)
class ConditionalGAN(GAN):
    """Conditional generative adversarial network: new samples of the label that you ask for.

    Both networks are told the label (Mirza and Osindero 2014, https://arxiv.org/abs/1411.1784):
    the generator makes samples ``g(z, y)``, and the discriminator judges each beside the label it
    has, or was made for. Labels have one column or several. A column that holds numbers of which
    any is not whole is continuous, standardised and told as a number; any other (text, booleans,
    whole numbers) is categorical, told as zeros with a one. All else is as in a `GAN`.

    Parameters
    ----------
    conditioning
        How the discriminator is told the label. projection: a learned vector for each label,
        multiplied with the features of the sample (Miyato and Koyama 2018). concatenation:
        beside the sample, as it comes in. auxiliary: it is not told, but has to guess it, and
        both networks pay for wrong guesses (Odena et al. 2017).
    auxiliary_weight
        What the cost of wrong guesses is multiplied with where they are made; without it 1.

    Attributes
    ----------
    model_
        The trained networks: ``model_.generator`` and ``model_.discriminator``.
    condition_
        What each column of labels is: ``condition_.columns``, ``condition_.names``.
    label_kinds_
        ``categorical`` or ``continuous``, for each column.
    classes_
        The labels, in ascending order, where they are a single categorical column.
    label_frequencies_
        The share that each label had of the data; of several columns or continuous ones, the
        share of each row of labels in ``label_table_.rows``, at most 10 000.
    length_frequencies_
        Of sequences, the share of each label's that has 1, 2, ... steps, in a row for each; of
        several columns or continuous ones, the share of all.
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
    auxiliary_weight: f.Positive | None = None

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from data and its labels.

        Parameters
        ----------
        X
            Rows ``(n, d)`` (array, sparse matrix, table, tensor, nested list) or an array
            ``(n, *sample)``.
        y
            The label of each row ``(n,)``, or several labels of each ``(n, columns)``: an array,
            a table, a tensor, or a list of labels or rows. Every column needs two labels or more.
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
            Their label, or a label for each ``(n,)``; of several columns a row of labels
            ``(columns,)``, or one for each ``(n, columns)``. Without it they are drawn with
            `sample_labels`.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it other samples each time.

        Returns
        -------
        ndarray of shape (n, *sample), or list of ndarray
            Samples in the units, shape and type of the data in `fit`. Sequences, where those
            of the data differ in length, are a list, and as long as often as those of the label;
            with labels of several columns or continuous ones, as often as all of the data.

        Raises
        ------
        SettingError
            If n is not a whole number of at least 1.
        DataError
            If y holds a label that never came in the data. A continuous label outside the range
            of the data's only warns.
        ShapeError
            If y is not one label, nor one for each.
        """
        check_is_fitted(self)
        n, random = check_count(n), as_generator(random_state)
        numbers = self.label_table_.draw(n, random) if y is None else self._numbers_asked(y, n)
        codes = self.sample_codes(n, random_state=random)
        lengths = self._lengths_beside(numbers, random)
        return self._generate(codes, numbers, *lengths, **self._chance(random))

    def sample_labels(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return labels, drawn as often as each came in the data, those of a row together.

        Where there were more than 10 000 different rows of labels, they are drawn from as many
        rows of the data.

        Parameters
        ----------
        n, random_state
            As in `sample`; the same random state gives the labels of the same samples.

        Returns
        -------
        ndarray of shape (n,) or (n, columns)
            Labels.
        """
        check_is_fitted(self)
        numbers = self.label_table_.draw(check_count(n), as_generator(random_state))
        return self.condition_.decode(numbers)

    def discriminate(self, X: Any, y: Any = None) -> NDArray[np.floating[Any]]:
        """Return how likely the discriminator thinks each sample is real, beside its label.

        With ``conditioning="auxiliary"`` it does not look at the label.

        Parameters
        ----------
        X
            Samples as in `fit`.
        y
            The label, or row of labels, of each.

        Returns
        -------
        ndarray of shape (n,)
            Numbers from 0 to 1.
        """
        check_is_fitted(self)
        samples = self._read_samples(X, reset=False)
        labels = LabelColumns.of(y, len(samples), f"discriminate of {type(self).__name__}")
        return self._judged(samples, self.condition_.encode(labels))

    @property
    def label_kinds_(self) -> tuple[str, ...]:
        """What each column of labels is: ``categorical`` or ``continuous``."""
        return self.condition_.kinds

    @property
    def label_frequencies_(self) -> NDArray[np.float64]:
        """The share that each label, or row of labels, had of the data."""
        return self.label_table_.frequencies

    def _numbers_asked(self, y: Any, n: int) -> NDArray[np.float64]:
        asked = labels_asked(y, n, len(self.condition_.columns))
        labels = LabelColumns.of(asked, n, "sample")
        numbers = self.condition_.encode(labels)
        self.condition_.warn_outside(labels)
        return numbers

    def _drawn(self, n: int) -> NDArray[Any]:
        random = np.random.default_rng(0)
        numbers = self.label_table_.draw(n, random)
        codes = self._latent_sampler().sample(n, random_state=random)
        found = self._outputs(codes, numbers, *self._lengths_beside(numbers, random))
        return self._settled(found, random)

    def _lengths_beside(
        self, numbers: NDArray[np.float64], random: np.random.Generator
    ) -> tuple[NDArray[np.int64], ...]:
        """Return how long samples of labels are, if they are sequences."""
        return self._draw_lengths(len(numbers), random, self._classes_of(numbers))

    def _classes_of(self, numbers: NDArray[np.float64]) -> NDArray[np.int64] | None:
        """Return the numbers of the classes, where labels are a single categorical column."""
        return numbers[:, 0].astype(np.int64) if hasattr(self, "classes_") else None

    def _read_target(self, y: Any, n_samples: int) -> LabelColumns:
        return LabelColumns.of(y, n_samples, type(self).__name__)

    def _number_target(
        self, labels: LabelColumns, weight: NDArray[Any] | None, *, reset: bool
    ) -> NDArray[np.float64]:
        if reset:
            self.condition_ = Condition.learn(labels, weight)
            self.__dict__.pop("classes_", None)
            if self.condition_.sizes[0] and len(self.condition_.sizes) == 1:
                self.classes_ = self.condition_.columns[0].values  # type: ignore[union-attr]
        return self.condition_.encode(labels)

    def _learn_labels(self, part: "Part") -> None:
        numbers: Any = part.y
        self.label_table_ = LabelTable.learn(numbers, part.weight, self.condition_.sizes)
        if self._recurrent:
            lengths, labels = lengths_of(part.samples), self._classes_of(numbers)
            n_labels = len(self.classes_) if labels is not None else 0
            self.length_frequencies_ = shares_of_lengths(lengths, part.weight, labels, n_labels)

    def _learned_arrays(self) -> dict[str, NDArray[Any]]:
        table = self.label_table_
        return super()._learned_arrays() | {_ROWS: table.rows, _FREQUENCIES: table.frequencies}

    def _take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._take_arrays(arrays)
        self.label_table_ = LabelTable(arrays[_ROWS], arrays[_FREQUENCIES])

    def _build(self) -> "ConditionalGANModel":
        from espelho.estimators.generators.networks import (
            build_generator,
            build_labelled_discriminator,
        )
        from espelho.models.generators.conditional_gan import (
            AuxiliaryGANModel,
            ConditionalGANModel,
        )
        from espelho.networks.condition import condition_width
        from espelho.networks.discriminator import LabelledGenerator

        self.latent_dim_ = self._latent_width()
        sizes = self.condition_.sizes
        width, ways = condition_width(sizes), {"sizes": sizes, **self._ways()}
        generator = LabelledGenerator(build_generator(self, self.latent_dim_ + width))
        judge = build_labelled_discriminator(self, width)
        if self.conditioning != "auxiliary":
            return ConditionalGANModel(generator, judge, self.latent_dim_, **ways)
        weight = 1.0 if self.auxiliary_weight is None else float(self.auxiliary_weight)
        return AuxiliaryGANModel(generator, judge, self.latent_dim_, weight=weight, **ways)

    def _check_combination(self) -> None:
        super()._check_combination()
        if self.auxiliary_weight is not None and self.conditioning != "auxiliary":
            raise SettingError(
                f"auxiliary_weight={self.auxiliary_weight} weighs guesses of the label, and with "
                f"conditioning={self.conditioning!r} none are made. Leave it out, or use "
                "conditioning='auxiliary'."
            )

    def _told_of_a_sample(self) -> "tuple[Tensor, ...]":
        import torch

        return (torch.zeros(len(self.condition_.sizes)), *super()._told_of_a_sample())

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags
