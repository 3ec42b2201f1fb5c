"""Pix2pix: translation that is learned from pairs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from espelho.errors import SettingError, ShapeError
from espelho.estimators import fields as f
from espelho.estimators.translators.base import BaseTranslator
from espelho.estimators.translators.domain import Domain

if TYPE_CHECKING:
    from espelho.models.translators.pix2pix import Pix2PixModel

__all__ = ["Pix2Pix"]


@dataclass(kw_only=True, eq=False, repr=False)
class Pix2Pix(BaseTranslator):
    """Translation of samples of A into samples of B, learned from pairs of both.

    A generator g makes samples of A into samples of B, near the partner of each, and a
    discriminator d, which sees a sample of A beside one of B, learns to tell partners from what
    was made (Isola, Zhu, Zhou and Efros 2017, https://arxiv.org/abs/1611.07004). Each step has
    two phases, each with an optimiser of its own:

    - discriminate moves d by
      ``mean_i softplus(-d(a_i, b_i)) + mean_i softplus(d(a_i, g(a_i)))`` (or by another
      ``game``);
    - generate moves g by ``v mean_i softplus(-d(a_i, g(a_i))) + w mean_i (1/D) sum_j
      |b_ij - g(a_i)_j|``, with ``adversarial_weight`` v and ``absolute_weight`` w over the D
      values of a sample, in scaled units.

    A score is of a patch of an image, and costs are means over patches too. Images have
    convolutional networks, tables dense ones.

    Parameters
    ----------
    adversarial_weight
        Weight of what the generator pays for being found out; 0 for no discriminator at all.
    absolute_weight
        Weight of the mean absolute error; 0 for none.

    Attributes
    ----------
    model_
        The trained networks: ``model_.generator`` and ``model_.discriminator``.
    domain_A_, domain_B_
        What samples of each set are like: shape, type, scaling.
    history_
        What each phase paid by epoch, a `History`.
    reach_
        How far the generator sees in an image.
    n_features_in_, feature_names_in_, sample_shape_, scaling_
        Of A.
    n_epochs_, stop_reason_, fit_seconds_
        How long training went on, why it ended, how long it took.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from espelho import Pix2Pix
    >>> A = load_digits().images[:64].astype(np.uint8)
    >>> B = np.stack([A, 16 - A, A], axis=1)
    >>> model = Pix2Pix(channels=(8, 16), max_epochs=1, random_state=0).fit(A, B)
    >>> model.translate(A[:3]).shape, model.translate(A[:3]).dtype
    ((3, 3, 8, 8), dtype('uint8'))
    """

    adversarial_weight: f.NonNegative = 1.0
    absolute_weight: f.NonNegative = 100.0

    def score(self, A: Any, B: Any) -> float:
        """Return minus the mean absolute error between translations and partners.

        Over all values of all samples, in the units of B, before any rounding.

        Parameters
        ----------
        A, B
            Pairs as in `fit`.

        Returns
        -------
        float
            The score; 0 at best.
        """
        check_is_fitted(self)
        source, samples = self._read(self.domain_A_, A)
        target, partners = self._read(self.domain_B_, B)
        self._check_numbers(len(samples), len(partners))
        made = self._made(samples, source, self.domain_B_.at(target.row_shape_), "B")
        return -float(np.abs(made - np.asarray(partners.values, dtype=np.float64)).mean())

    def _way(self, to: str) -> tuple[Domain, Domain]:
        if to != "B":
            raise SettingError(
                f"Pix2Pix translates from A to B only, got to={to!r}. Fit another one with the "
                "sets exchanged, or a CycleGAN, which learns both ways."
            )
        return self.domain_A_, self.domain_B_

    def _generators(self) -> list[Any]:
        return [self.model_.generator]

    def _check_numbers(self, n_a: int, n_b: int) -> None:
        if n_a != n_b:
            raise ShapeError(
                f"Pix2Pix takes pairs, and A has {n_a} samples, B {n_b}. Leave out what has no "
                "partner, or use CycleGAN, which learns without pairs."
            )

    def _check_combination(self) -> None:
        if not self.adversarial_weight and not self.absolute_weight:
            raise SettingError(
                "adversarial_weight and absolute_weight of Pix2Pix are both 0, so there is "
                "nothing to learn from. Raise one of them."
            )

    def _build(self) -> "Pix2PixModel":
        from espelho.estimators.translators.networks import build_discriminator, build_generator
        from espelho.models.translators.pix2pix import Pix2PixModel

        generator = build_generator(self, self.domain_A_, self.domain_B_)
        judged = bool(self.adversarial_weight)
        return Pix2PixModel(
            generator,
            build_discriminator(self, self.domain_A_, self.domain_B_) if judged else None,
            game=self._game(),
            adversarial_weight=float(self.adversarial_weight),
            absolute_weight=float(self.absolute_weight),
            augment=self._augment(),
        )
