"""Random features: what convolutions that nobody trained see of images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from espelho.data.scaling import Scaling
from espelho.errors import SettingError
from espelho.evaluation.generation.distances import checked
from espelho.evaluation.images.layout import Shape, channels_first, shape_of
from espelho.evaluation.images.network import Extractor, Forward, inner_rows
from espelho.networks.activations import initialise
from espelho.training.environment.device import find_device
from espelho.training.environment.randomness import forked

__all__ = ["RandomFeatures"]

KERNEL = 3


@dataclass(kw_only=True)
class RandomFeatures(Extractor):
    r"""Features of images by a convolutional network with fixed random weights.

    Each level is a convolution of :math:`3 \times 3` with weights
    :math:`\mathcal{N}(0, 2 / \text{inputs})` (He et al. 2015), a rectifier, and a mean over
    :math:`2 \times 2` places; the mean and the maximum of each channel over all places are the
    features, brought to mean 0 over the images of `fit`, and the means of a level, as its maxima,
    to a variance of 1 on average. Nothing is learned, so nothing is downloaded and no labels are
    needed: networks of random weights serve where data is unlike what trained ones know [1]_.

    Parameters
    ----------
    channels : sequence of int, default=(16, 32, 64)
        Channels of each level. There are fewer levels where images become smaller than two
        pixels.
    sample_shape : tuple of int, optional
        Shape of one image, where rows are flat.
    random_state : int, default=0
        Seed of the weights: the same seed gives the same features.
    device : str, default="auto"
        Where they are computed: auto, cpu, cuda, cuda:1, mps.

    Attributes
    ----------
    n_features_ : int
        Number of features: two a channel.

    References
    ----------
    .. [1] M. F. Naeem, S. J. Oh, Y. Uh, Y. Choi and J. Yoo, "Reliable fidelity and diversity
       metrics for generative models", ICML 2020.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.random.default_rng(0).normal(size=(20, 8, 8))
    >>> RandomFeatures(channels=(4, 8)).fit(images)(images).shape
    (20, 24)
    """

    channels: Sequence[int] = (16, 32, 64)
    sample_shape: Shape | None = None
    random_state: int = 0
    device: str = "auto"
    _unfitted: ClassVar[str] = "needs to see the data: call fit(X)"

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: ARG002
        """Draw the weights, and learn the scale of images and of features.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Images, at least two: ``(n, height, width)``, with channels first or last, or flat
            where ``sample_shape`` says their shape.
        y : object
            Not used.

        Returns
        -------
        RandomFeatures
            Itself.

        Raises
        ------
        ShapeError
            If these are no images of at least 4 x 4 pixels.
        DataError
            If there are fewer than two, or values that are not finite.
        SettingError
            If there are no channels.
        """
        self._check_channels()
        shape = shape_of(X, self.sample_shape)
        inside = channels_first(shape, "RandomFeatures")
        rows = inner_rows(checked(X, "X", 2), shape)
        device = find_device(self.device)
        with forked(self.random_state, torch.device("cpu")):
            network = PooledLevels(inside, tuple(self.channels))
        scaling = Scaling.fit(rows, "standard", sample_shape=inside)
        plain = Forward(network.to(device).eval(), scaling, shape, inside)
        self._forward = plain.standardised(plain(X, "RandomFeatures"), network.groups)
        self.n_features_ = sum(network.groups)
        return self

    def _check_channels(self) -> None:
        if not self.channels or min(self.channels) < 1:
            raise SettingError(
                "channels must name the channels of at least one level, each at least 1; got "
                f"{tuple(self.channels)}."
            )


class PooledLevels(nn.Module):
    """Convolutions, and the mean and the maximum of each channel after each of them.

    Parameters
    ----------
    inside : tuple of int
        ``(channels, height, width)`` of an image.
    channels : tuple of int
        Channels of each level.
    """

    def __init__(self, inside: Shape, channels: tuple[int, ...]) -> None:
        super().__init__()
        below, height, width = inside
        self.levels = nn.ModuleList()
        for above in channels:
            convolution = nn.Conv2d(below, above, KERNEL, padding=KERNEL // 2, bias=False)
            initialise(convolution, "relu")
            self.levels.append(convolution)
            below, height, width = above, height // 2, width // 2
            if min(height, width) < 2:
                break
        self.groups = [n for n in channels[: len(self.levels)] for _ in ("mean", "maximum")]
        self.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 2 * channels of all levels)``."""
        found: list[Tensor] = []
        for index, level in enumerate(self.levels):
            x = level(nn.functional.avg_pool2d(x, 2) if index else x).relu()
            found += [x.mean(dim=(2, 3)), x.amax(dim=(2, 3))]
        return torch.cat(found, dim=1)
