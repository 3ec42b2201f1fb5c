"""The base of the models: the settings of their networks, before those of training."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.trained import TrainedEstimator

if TYPE_CHECKING:
    from espelho.data.scaling import Scaling
    from espelho.data.tables.layout import Layout
    from espelho.estimators.data.samples import Samples
    from espelho.losses.categories import Groups

__all__ = ["Estimator"]


@dataclass(kw_only=True, eq=False, repr=False)
class _Networks:
    """Settings of the networks between data and code.

    Parameters
    ----------
    latent_dim
        Width of the code; without it the square root of the number of features, rounded up.
    hidden_sizes
        Widths of the hidden layers between data and code, from the data on.
    activation
        Activation of the hidden layers.
    normalization
        What is put between each hidden layer and its activation: none, batch normalisation,
        layer normalisation.
    sample_shape
        Shape of one sample where X holds flat rows, such as (1, 8, 8) for images of 8 x 8.
    shifts
        Largest shift, in pixels, by which each image is moved at random in every epoch.
    scaling
        How data is brought into the network's units: none, standard (mean 0, variance 1),
        minmax (0 to 1), or auto: by the range of the type for unsigned integers of 8 and
        16 bits, minmax for the Bernoulli loss, else standard.
    rare_share
        Share of the rows below which categories of a table's column become one, which then
        stands for those that never came in fit, too.
    other_category
        What that one is called; given, every column of categories has one. Without it rare ones
        become "other", and where there are none, a category that never came is an error.
    """

    latent_dim: f.Count | None = None
    hidden_sizes: f.Sizes = (256, 64)
    activation: f.ActivationName = "relu"
    normalization: f.NormalizationName = "none"
    sample_shape: f.Sizes | None = None
    shifts: f.Number = 0
    scaling: f.ScalingName = "auto"
    rare_share: f.Share = 0.0
    other_category: str | None = None


@dataclass(kw_only=True, eq=False, repr=False)
class Estimator(TrainedEstimator, _Networks):
    """What every member of the family has: networks of its own, and their training."""

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Go through the data once more, from the weights as they are.

        The optimiser's state is that of the last call; after `fit` or `load` it starts anew.

        The first call also decides on the scaling, by the data it is given. The schedule,
        ``patience``, ``averaging`` and ``validation_fraction`` have no part in it.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        Self
            The estimator itself.
        """
        from espelho.estimators.training import fitting

        fitting.partial_fit(self, X, sample_weight, y=y)
        return self

    def _network_shape(self) -> tuple[int, ...]:
        """Return the shape that one sample has inside the network."""
        layout = self._layout
        return (self.n_features_in_ if layout is None else layout.width,)

    @property
    def _width(self) -> int:
        """How many numbers the network sees of a sample."""
        layout = self._layout
        return int(self.n_features_in_) if layout is None else layout.width

    @property
    def _takes_tables(self) -> bool:
        """Whether tables with categories can be learned from."""
        return False

    @property
    def _layout(self) -> "Layout | None":
        """The layout of the tables that were learned from, if they have categories."""
        return getattr(self, "layout_", None)

    @property
    def _groups(self) -> "Groups | None":
        """Where the network sees categories, if it does."""
        from espelho.losses.categories import Groups

        layout = self._layout
        return None if layout is None else Groups(len(layout.numbers), layout.sizes)

    def _fit_scaling(self, samples: "Samples", weight: Any) -> "Scaling":
        from espelho.data.scaling import Scaling
        from espelho.data.tables.scaling import TableScaling
        from espelho.estimators.data.samples import takes_gaps

        kind, gaps = self._scaling_kind(samples), takes_gaps(self)
        if (layout := self._layout) is not None:
            return TableScaling.learn(samples.values, kind, layout, weight, gaps=gaps)
        return Scaling.fit(
            samples.values,
            kind,
            sample_shape=samples.sample_shape,
            sample_weight=weight,
            gaps=gaps,
        )

    def _augmentation(self) -> Any:
        """Return what changes the samples of a batch in training, or nothing."""
        from espelho.data.images.augmentation import RandomShift

        if not self.shifts:
            return None
        if len(self.sample_shape_) < len(("height", "width")):
            raise SettingError(
                f"shifts={self.shifts} needs images, and a sample has the shape "
                f"{self.sample_shape_}. Say their shape by sample_shape, or leave shifts at 0."
            )
        return RandomShift(self.shifts, self.sample_shape_)

    def _scaling_kind(self, samples: "Samples") -> str:
        """Return the scaling that ``auto`` stands for, or the one that was chosen."""
        if self.scaling != "auto":
            return self.scaling
        return "range" if samples.container.dtype in ("uint8", "uint16") else "standard"
