"""What every translator has: two domains, and the way from one to the other."""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.scaling import Scaling
from espelho.errors import DataError, SettingError
from espelho.estimators import fields as f
from espelho.estimators.data.samples import Samples, tensors
from espelho.estimators.trained import TrainedEstimator
from espelho.estimators.translators.domain import Domain, row_shape
from espelho.estimators.translators.settings import TranslatorSettings

if TYPE_CHECKING:
    from espelho.estimators.data.parts import Part
    from espelho.estimators.translators.parts import TwoParts
    from espelho.losses.adversarial.games import Game
    from espelho.networks.images.windows import Reach

__all__ = ["BaseTranslator"]


@dataclass(kw_only=True, eq=False, repr=False)
class BaseTranslator(TranslatorSettings, TrainedEstimator):
    """An estimator that makes samples of one set into samples of another.

    Parameters
    ----------
    optimizer_options
        Options of the optimiser that differ from its defaults, by name; without it, Adam has
        betas of (0.5, 0.999).
    monitor
        Figure of the history that patience and the plateau schedule follow; without it what the
        generator pays, on validation data where there is any.
    """

    batch_size: f.Count = 8
    learning_rate: f.Positive = 2e-4
    schedule: f.ScheduleName = "linear"

    def fit(self, A: Any, B: Any = None) -> Self:  # type: ignore[override]
        """Learn to translate.

        Parameters
        ----------
        A, B
            Samples of each set: rows ``(n, d)`` (array, table, tensor, nested list), or images
            ``(n, height, width)``, ``(n, channels, height, width)``, with the channels last
            where they are one or three, or where ``sample_shape`` (of A) or ``target_shape`` (of
            B) says so. They may differ in channels and type.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If a hyper-parameter is out of its bounds, or two cannot work together.
        DataError
            If the data holds what cannot be learned from.
        DivergenceError
            If the loss stopped being a finite number; the last good weights are kept.
        """
        from espelho.estimators.training import fitting

        fitting.fit(self, A, None, y=B)
        return self

    def partial_fit(self, A: Any, B: Any = None) -> Self:
        """Go through both sets once more, from the weights as they are.

        The optimiser's state is that of the last call; after `fit` or `load` it starts anew. The
        first call also decides on the scalings. The schedule, ``patience``, ``averaging`` and
        ``validation_fraction`` have no part in it.

        Parameters
        ----------
        A, B
            As in `fit`.

        Returns
        -------
        Self
            The estimator itself.
        """
        from espelho.estimators.training import fitting

        fitting.partial_fit(self, A, None, y=B)
        return self

    def translate(
        self,
        X: Any,
        to: str = "B",
        *,
        noise: bool = False,
        random_state: f.RandomState = None,
        rounded: bool = True,
    ) -> Any:
        """Return what samples of one set are in the other.

        Parameters
        ----------
        X
            Samples of A, or of B where ``to`` is A, as in `fit`. Images may have another height
            and width where the networks are convolutional.
        to
            The set they are made samples of.
        noise
            Whether what ``dropout`` sets to 0 is drawn as in training, so that a sample has many
            translations; without it each has one.
        random_state
            Seed of what is drawn.
        rounded
            Whether translations have the type of the set they are made for, rounded and kept in
            range where that is of integers; without it they are real numbers in its units.

        Returns
        -------
        ndarray, DataFrame or Tensor of as many samples
            In the units, type and layout of the set they are translated to; a table for a table.

        Raises
        ------
        SettingError
            If there is no translation to that set.
        ShapeError
            If samples have another shape than those it was fitted with.
        """
        check_is_fitted(self)
        source, target = self._way(to)
        source, samples = self._read(source, X)
        target = target.at(target.row_of(source.places))
        with self._noisy(random_state) if noise else nullcontext():
            made = self._made(samples, source, target, to)
        return target.wrap(made, samples.container, rounded=rounded)

    @property
    def learns_from_pairs(self) -> bool:
        """Whether row i of A belongs to row i of B in `fit`."""
        return True

    @property
    def goes_to(self) -> tuple[str, ...]:
        """The sets that samples can be translated to."""
        return ("B",)

    @property
    def reach_(self) -> "Reach | None":
        """How far a convolutional generator sees, for tiles of huge images; else ``None``."""
        check_is_fitted(self)
        return getattr(self._generators()[0], "reach", None)

    @abstractmethod
    def _way(self, to: str) -> tuple[Domain, Domain]:
        """Return the domains from and to which is translated."""

    @abstractmethod
    def _generators(self) -> list[Any]:
        """Return the networks that translate."""

    def _read(self, domain: Domain, X: Any) -> tuple[Domain, Samples]:
        """Return samples of a domain, and that domain as it is at their size."""
        from espelho.estimators.translators.networks import is_convolutional

        row = row_shape(X)
        known = len(domain.row_shape_)
        if is_convolutional(self) and len(row) == known > 1 and domain.fits(row):
            domain = domain.at(row)
        return domain, domain.read(X, reset=False)

    def _made(
        self, samples: Samples, source: Domain, target: Domain, to: str
    ) -> NDArray[np.float64]:
        """Return what samples are made into, ``(n, d)`` in the target's units, not rounded."""
        return target.scaling_.inverse(self._outputs(samples, source, target, to))

    def _outputs(
        self, samples: Samples, source: Domain, target: Domain, to: str
    ) -> NDArray[np.float64]:
        """Return what samples are made into, ``(n, d)`` in the network's units."""
        import torch

        like = next(self.model_.parameters())
        found = np.empty((len(samples), prod(target.sample_shape_)))
        start = 0
        with torch.inference_mode():
            shape = self._shape_in_network(source)
            for _, x in tensors(samples.values, source.scaling_, shape, like):
                made = self.model_.translate(x, to).flatten(1)
                found[start : start + len(made)] = made.cpu().numpy()
                start += len(made)
        return found

    def _noisy(self, random_state: Any) -> Any:
        from espelho.estimators.translators.noise import noisy

        if not self.dropout:
            raise SettingError(
                "noise=True needs a network that was trained with noise: set dropout, to 0.5 say."
            )
        return noisy(self.model_, random_state)

    def _shape_in_network(self, domain: Domain) -> tuple[int, ...]:
        from espelho.estimators.translators.networks import is_convolutional

        return domain.network_shape if is_convolutional(self) else (domain.n_features_in_,)

    def _network_shape(self) -> tuple[int, ...]:
        return self._shape_in_network(self.domain_A_)

    def _check_part(  # type: ignore[override]
        self, X: Any, sample_weight: Any, *, reset: bool, y: Any = None
    ) -> "TwoParts":
        from espelho.estimators.data.parts import Part
        from espelho.estimators.translators.parts import TwoParts

        if sample_weight is not None:
            raise SettingError(f"{type(self).__name__} takes no sample_weight. Leave it out.")
        if y is None:
            raise DataError(
                f"{type(self).__name__} learns from two sets, fit(A, B), and was given one."
            )
        if reset:
            self.domain_A_ = Domain("A", self.sample_shape)
            self.domain_B_ = Domain("B", self._shape_of_target(row_shape(y)))
        a, b = self.domain_A_.read(X, reset=reset), self.domain_B_.read(y, reset=reset)
        self._check_numbers(len(a), len(b))
        self.n_features_in_ = self.domain_A_.n_features_in_
        if hasattr(self.domain_A_, "feature_names_in_"):
            self.feature_names_in_ = self.domain_A_.feature_names_in_
        return TwoParts(Part(a, None), Part(b, None), self.learns_from_pairs, self.domain_B_)

    def _shape_of_target(self, row: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the shape of a sample of B that is said, or that of A for flat rows as wide."""
        said = self.sample_shape
        if self.target_shape is None and said is not None and row == (prod(said),):
            return said
        return self.target_shape

    def _check_numbers(self, n_a: int, n_b: int) -> None:
        """Raise if the sets do not belong together."""

    def _fit_scaling(self, samples: Samples, weight: Any) -> Scaling:
        self.domain_A_.fit_scaling(samples, self.scaling)
        return self.domain_A_.scaling_

    def _learn_labels(self, part: "Part | TwoParts") -> None:
        from espelho.estimators.translators.networks import check_domains

        self.domain_B_.fit_scaling(part.y, self.scaling)  # type: ignore[arg-type]
        check_domains(self)

    def _learned_arrays(self) -> dict[str, NDArray[Any]]:
        scaling = self.domain_B_.scaling_
        return {"target/shift": scaling.shift, "target/scale": scaling.scale}

    def _take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.domain_A_.scaling_ = self.scaling_
        kind = self.domain_B_.scaling_.kind
        self.domain_B_.scaling_ = Scaling(kind, arrays["target/shift"], arrays["target/scale"])

    def _optimizer_options(self) -> Mapping[str, Any]:
        if self.optimizer_options is not None or self.optimizer not in ("adam", "adamw"):
            return super()._optimizer_options()
        return {"betas": (0.5, 0.999)}

    def _monitored(self) -> str | None:
        # The discriminator's loss, which comes first, rises where the generator gets better.
        own = "validation/generate" if self.validation_fraction else "generate"
        return self.monitor or own

    def _augment(self) -> Any:
        """Return what changes the images of a batch in training, or nothing."""
        from espelho.models.translators.augmentation import CropAndFlip

        crop = None if self.crop is None else int(self.crop)
        return CropAndFlip(crop, flips=self.flips) if crop or self.flips else None

    def _game(self) -> "Game":
        from espelho.losses.adversarial.games import GAMES

        return GAMES[self.game].smoothed(float(self.label_smoothing))

    def _prepare_callbacks(self, train: "Part | TwoParts") -> None:
        from espelho.estimators.translators.pictures import prepare

        prepare(self, train)  # type: ignore[arg-type]
