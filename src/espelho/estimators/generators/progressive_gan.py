"""The progressive generative adversarial network."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.containers import cast
from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.data.samples import Samples
from espelho.estimators.generators.gan import GAN
from espelho.random_variables.sampler import RandomState

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from espelho.models.generators.progressive_gan import ProgressiveGANModel

__all__ = ["ProgressiveGAN"]

_STEPS, _MOST_EPOCHS = 2_000, 50
"""Of each stage, where it is not said."""


@dataclass(kw_only=True, eq=False, repr=False)
class ProgressiveGAN(GAN):
    """Progressive generative adversarial network: images that are learned from small to large.

    Both networks of a `GAN` start at 4 x 4 pixels, and grow a layer for each doubling until images
    are as large as the data (Karras et al. 2018, https://arxiv.org/abs/1710.10196). At each
    resolution new layers first fade in, ``(1 - a) up(before) + a after`` with a from 0 to 1, and
    then settle; older ones are trained on throughout. So what is large is learned first, and most
    updates are of small images, which are fast.

    Weights have variance one and are scaled where they are used (equalised learning rate), the
    generator normalises the features of each pixel, and the discriminator sees how much the images
    of a batch differ. Images are ``(n, height, width)``, ``(n, channels, height, width)``, or flat
    rows with ``sample_shape``, of any size from 4 x 4 on. Each resolution has half the height and
    width of the next, rounded up: 28 x 28 is learned at 4 x 4, 7 x 7, 14 x 14, and 28 x 28.

    Parameters
    ----------
    activation, discriminator_activation
        Activation of the layers of the generator, of the discriminator.
    normalization
        What follows each activation of the generator: pixel (features are divided by the root of
        their mean square) or none.
    channels
        Number of channels at each resolution, the smallest first; the last number is that of all
        others. Without it 512 over the shorter side, from 16 to 64.
    minibatch_deviation
        Whether the discriminator sees how much the samples of a batch differ.
    growing
        Whether the networks grow; otherwise they are trained at full size from the start.
    max_epochs
        Passes over the data while a resolution fades in, and while it settles; without it, as
        many as make 2,000 steps, but at most 50.
    fade_epochs
        Passes over the data while a resolution fades in, for each resolution (nothing fades in at
        the smallest); the last number is that of all others. Without it max_epochs.
    settle_epochs
        Passes over the data while it settles, likewise.
    batch_size
        Samples per update where batch_sizes does not say it.
    batch_sizes
        Samples per update at each resolution; the last number is that of all others.
    learning_rates
        Learning rate at each resolution, in the place of learning_rate; the last number is that of
        all others.
    penalty_weight
        Weight of the penalty at full size; without it 10 for slopes off one, and for squares 0.3
        per unit of the data's variance. Of squares it is smaller at smaller resolutions, by the
        number of pixels.
    optimizer_options
        Options of the optimiser that differ from its defaults, by name; without it, Adam has
        betas of (0, 0.99). Optimisers start anew whenever layers are added or have faded in.
    precision
        Type of the weights: float32; float64, in which convolutions take several times as long;
        auto: float64 for float64 data of up to a million values; mixed: float32 weights, losses
        in bfloat16 where that is safe (for GPUs).
    patience
        End the settling of a resolution after so many epochs without improvement and take the
        best weights; without it go on to its end.

    Attributes
    ----------
    model_
        The trained networks: ``model_.generator`` and ``model_.discriminator``.
    resolutions_
        The sizes ``(height, width)`` that were trained, the smallest first.
    history_
        What each phase paid by epoch, a `History`; its stages are named by the resolutions.
    best_epoch_, weights_
        The epoch at full size with the best samples, and whose weights ``model_`` has.
    scaling_, latent_dim_, sample_shape_, n_features_in_, median_distance_
        As of `GAN`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import ProgressiveGAN
    >>> images = load_digits().images
    >>> model = ProgressiveGAN(max_epochs=1, channels=(8,), random_state=0).fit(images)
    >>> model.resolutions_
    ((4, 4), (8, 8))
    >>> model.sample(3).shape, model.sample(3, resolution=4).shape
    ((3, 8, 8), (3, 4, 4))
    """

    activation: f.ActivationName = "leaky-relu"
    normalization: Literal["pixel", "none"] = "pixel"  # type: ignore[assignment]
    channels: f.Sizes | None = None  # type: ignore[assignment]
    minibatch_deviation: bool = True
    growing: bool = True
    batch_size: f.Count = 16
    fade_epochs: f.Sizes | None = None
    settle_epochs: f.Sizes | None = None
    batch_sizes: f.Sizes | None = None
    learning_rates: f.Bandwidths | None = None
    precision: f.PrecisionName = "float32"

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Go through the data once more at full size; networks do not grow.

        The optimiser's state is that of the last call; after `fit` or `load` it starts anew. The
        first call, without `fit`, trains the whole networks from the start.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If the networks have not grown in full, because `fit` was interrupted.
        """
        if hasattr(self, "model_") and not self.model_.grown:
            height, width = self.resolutions_[-1]
            raise SettingError(
                f"partial_fit trains networks at full size, and these have grown to {height}x"
                f"{width}: their training was interrupted. Go on with espelho.resume where it "
                "left a checkpoint, or with fit and warm_start=True."
            )
        return super().partial_fit(X, y, sample_weight)

    def sample(
        self,
        n: int = 1,
        *,
        resolution: int | tuple[int, int] | None = None,
        random_state: RandomState = None,
    ) -> NDArray[Any]:
        """Return new samples.

        Parameters
        ----------
        n
            How many, at least 1.
        resolution
            Their height, or their height and width, one of ``resolutions_``; without it they are
            as large as the data. They are samples of full size averaged down, as the data was to
            train that resolution: the same random state gives the same images, smaller.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it other samples each time.

        Returns
        -------
        ndarray of shape (n, *sample)
            Samples in the units, shape and type of the data in `fit`.

        Raises
        ------
        SettingError
            If n is not a whole number of at least 1, or the resolution was never trained.
        """
        if resolution is None:
            return super().sample(n, random_state=random_state)  # type: ignore[no-any-return]
        from espelho.estimators.generators.growing.levels import find_size

        check_is_fitted(self)
        size = find_size(resolution, self.resolutions_)
        codes = self.sample_codes(n, random_state=random_state)
        return cast(self._averaged(codes, size), self.dtype_)

    def _averaged(self, codes: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float64]:
        """Return what noise is made into at a smaller size, in the data's units."""
        import torch

        from espelho.networks.growing.resolutions import averaged_to

        full = self.scaling_.inverse(self._outputs(codes))
        images = torch.from_numpy(full).reshape(len(codes), *self._network_shape())
        row = self.row_shape_
        shape = (-1,) if len(row) == 1 else (*row[:-2], *size)
        return averaged_to(images, size).reshape(len(codes), *shape).numpy()

    @property
    def resolutions_(self) -> tuple[tuple[int, int], ...]:
        """The sizes ``(height, width)`` that were trained, the smallest first."""
        check_is_fitted(self)
        sizes: tuple[tuple[int, int], ...] = self.model_.trained_sizes
        return sizes

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        from espelho.estimators.generators.growing.checks import check_images

        check_images(self)
        super()._learn_from(samples, weight)

    @property
    def _takes_tables(self) -> bool:
        return False

    def _build(self) -> "ProgressiveGANModel":
        from espelho.estimators.generators.growing.levels import build_growing

        self.latent_dim_ = self._latent_width()
        ways = self._ways()
        return build_growing(
            self, **{name: ways[name] for name in ("noise", "past", "augmentation")}
        )

    def _epochs(self, n_rows: int) -> int:
        if self.max_epochs is not None:
            return int(self.max_epochs)
        return min(ceil(_STEPS / ceil(n_rows / int(self.batch_size))), _MOST_EPOCHS)

    def _optimizer_options(self) -> Mapping[str, Any]:
        if self.optimizer_options is not None or self.optimizer not in ("adam", "adamw"):
            return super()._optimizer_options()
        return {"betas": (0.0, 0.99)}

    def _check_combination(self) -> None:
        from espelho.estimators.generators.growing.checks import check_growing

        check_growing(self)
        super()._check_combination()

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = self.sample_shape is not None
        return tags
