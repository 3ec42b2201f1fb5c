"""CycleGAN: translation both ways that is learned without pairs."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from espelho.errors import EspelhoWarning, SettingError
from espelho.estimators import fields as f
from espelho.estimators.data.samples import Samples
from espelho.estimators.translators.base import BaseTranslator
from espelho.estimators.translators.domain import Domain

if TYPE_CHECKING:
    from espelho.models.generators.past_fakes import PastFakes
    from espelho.models.translators.cyclegan import CycleGANModel

__all__ = ["CycleGAN"]


@dataclass(kw_only=True, eq=False, repr=False)
class CycleGAN(BaseTranslator):
    """Translation between samples of A and of B, learned without pairs.

    A generator g makes samples of A into samples of B and f does the reverse, each so that a
    discriminator of its own cannot tell them from the set's, and so that samples that are
    translated there and back are what they were (Zhu, Park, Isola and Efros 2017,
    https://arxiv.org/abs/1703.10593). Each step has two phases, each with an optimiser of its
    own:

    - discriminate moves both discriminators, that of B by
      ``mean_i (d_B(b_i) - 1)^2 / 2 + mean_i d_B(g(a_i))^2 / 2`` (or by another ``game``), where
      some of what was made before stands in the place of what is made now (``pool``);
    - generate moves g and f by ``v mean_i (d_B(g(a_i)) - 1)^2 / 2 + w mean_i |f(g(a_i)) - a_i| +
      u mean_i |g(b_i) - b_i|`` and the same the other way round, with ``adversarial_weight`` v,
      ``cycle_weight`` w, ``identity_weight`` u, and the mean absolute difference ``|.|`` over
      the values of a sample, in scaled units.

    The sets may differ in number: an epoch goes through the larger one once. Images have
    convolutional networks, tables dense ones.

    Parameters
    ----------
    adversarial_weight
        Weight of what generators pay for being found out: 2 makes up for the half in the game of
        least squares, so that the balance is the published one.
    cycle_weight
        Weight of the difference between samples and what they are after a translation there and
        back.
    identity_weight
        Weight of the difference between samples and what they are translated to where they are
        of that set already; without it half of cycle_weight, or 0 where A and B differ in shape.
    pool
        How many past translations to each set are kept to be shown to its discriminator again.

    Attributes
    ----------
    model_
        The trained networks: ``model_.to_B``, ``model_.to_A``, ``model_.discriminator_A`` and
        ``model_.discriminator_B``.
    domain_A_, domain_B_
        What samples of each set are like: shape, type, scaling.
    history_
        What each phase paid by epoch, a `History`.
    reach_
        How far a generator sees in an image.
    n_features_in_, feature_names_in_, sample_shape_, scaling_
        Of A.
    n_epochs_, stop_reason_, fit_seconds_
        How long training went on, why it ended, how long it took.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from espelho import CycleGAN
    >>> A = load_digits().images[:64].astype(np.uint8)
    >>> B = 16 - load_digits().images[64:164].astype(np.uint8)
    >>> model = CycleGAN(channels=(8, 16), blocks=1, max_epochs=1, random_state=0).fit(A, B)
    >>> model.translate(A[:3]).shape, model.translate(B[:3], to="A").shape
    ((3, 8, 8), (3, 8, 8))
    """

    game: f.GameName = "least-squares"
    generator: f.ImageGeneratorName = "residual"
    channels: f.Sizes = (32, 64, 128)
    adversarial_weight: f.Positive = 2.0
    cycle_weight: f.NonNegative = 10.0
    identity_weight: f.NonNegative | None = None
    pool: f.Number = 50

    @property
    def learns_from_pairs(self) -> bool:
        """Whether row i of A belongs to row i of B in `fit`: it does not."""
        return False

    @property
    def goes_to(self) -> tuple[str, ...]:
        """The sets that samples can be translated to."""
        return ("B", "A")

    def score(self, A: Any, B: Any = None) -> float:
        """Return minus the cycle error: how far samples are from where they came from.

        The mean absolute difference between samples and their translations there and back, in
        scaled units (those of A and of B cannot be added); of A, or the mean of that of A and
        that of B.

        Parameters
        ----------
        A
            Samples of A as in `fit`.
        B
            Samples of B, if they are to count too.

        Returns
        -------
        float
            The score; 0 at best.
        """
        check_is_fitted(self)
        sets = [(self.domain_A_, A, "B"), (self.domain_B_, B, "A")]
        errors = [self._cycle_error(*one) for one in sets if one[1] is not None]
        return -float(np.mean(errors))

    def _cycle_error(self, domain: Domain, X: Any, to: str) -> float:
        source, samples = self._read(domain, X)
        other = self._way(to)[1]
        target = other.at(other.row_of(source.places))
        made = target.scaling_.inverse(self._outputs(samples, source, target, to))
        there = Samples(made, samples.container, target.sample_shape_)
        back = self._outputs(there, target, source, "AB".replace(to, ""))
        return float(np.abs(back - source.scaling_.forward(np.asarray(samples.values))).mean())

    def _way(self, to: str) -> tuple[Domain, Domain]:
        if to not in ("A", "B"):
            raise SettingError(f"CycleGAN translates to 'A' or to 'B', got to={to!r}.")
        pair = (self.domain_A_, self.domain_B_)
        return pair if to == "B" else pair[::-1]

    def _generators(self) -> list[Any]:
        return [self.model_.to_B, self.model_.to_A]

    def _check_combination(self) -> None:
        """Do nothing: what cannot work together shows when both sets are known."""

    def _build(self) -> "CycleGANModel":
        from espelho.estimators.translators.networks import build_discriminator, build_generator
        from espelho.models.translators.cyclegan import CycleGANModel, CycleWeights

        a, b = self.domain_A_, self.domain_B_
        return CycleGANModel(
            build_generator(self, a, b),
            build_generator(self, b, a),
            build_discriminator(self, a),
            build_discriminator(self, b),
            game=self._game(),
            weights=CycleWeights(
                adversarial=float(self.adversarial_weight),
                cycle=float(self.cycle_weight),
                identity=self._weight_of_identity(),
            ),
            past_A=self._past(a),
            past_B=self._past(b),
            augment=self._augment(),
        )

    def _past(self, domain: Domain) -> "PastFakes | None":
        import torch

        from espelho.estimators.translators.networks import is_convolutional, trained_places
        from espelho.models.generators.past_fakes import PastFakes

        if not self.pool:
            return None
        shape: tuple[int, ...] = (domain.n_features_in_,)
        if is_convolutional(self):
            shape = (domain.channels, *trained_places(self))
        return PastFakes(int(self.pool), torch.empty(shape))

    def _weight_of_identity(self) -> float:
        alike = self._shape_in_network(self.domain_A_) == self._shape_in_network(self.domain_B_)
        if self.identity_weight is None:
            return float(self.cycle_weight) / 2 if alike else 0.0
        return float(self.identity_weight)

    def _learn_labels(self, part: Any) -> None:
        super()._learn_labels(part)
        shapes = [self._shape_in_network(d) for d in (self.domain_A_, self.domain_B_)]
        if shapes[0] == shapes[1]:
            return
        said = f"Samples of A have the shape {shapes[0]} and those of B {shapes[1]}"
        if self.identity_weight:
            raise SettingError(
                f"{said}, so a sample of one set cannot be asked to stay as it is when it is "
                f"translated to that set, and identity_weight is {self.identity_weight}. Set it "
                "to 0."
            )
        if self.identity_weight is None:
            warnings.warn(
                f"{said}: the identity term is left out. identity_weight=0 says so without this "
                "warning.",
                EspelhoWarning,
                stacklevel=5,
            )
