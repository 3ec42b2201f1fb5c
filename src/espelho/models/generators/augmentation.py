"""Augmentation of all that a discriminator sees, with a chance that is given or adapts itself."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from espelho.networks.images.augmentation import AUGMENTATIONS
from espelho.training.environment.gathering import gathered, gathered_weights

__all__ = ["AdaptiveAugmentation", "Augmentation"]


class Augmentation(nn.Module):
    """Change images at random, each by itself, so that gradients flow through.

    A discriminator that sees nothing but changed images, of data and of a generator alike, cannot
    learn a small set of data by heart, and the generator does not learn the changes, because it is
    judged through them (Zhao et al. 2020, https://arxiv.org/abs/2006.10738). In evaluation mode
    images stay as they are.

    Parameters
    ----------
    names
        Which changes, names of `AUGMENTATIONS`.
    sample_shape
        Shape of an image: ``(height, width)`` or ``(channels, height, width)``.
    spread
        Standard deviation of the data, by which brightness changes at most.
    chance
        The chance of each change of each image.

    Attributes
    ----------
    chance
        The chance as it is now.

    Examples
    --------
    >>> change = Augmentation(("translation", "cutout"), (8, 8))
    >>> change(torch.rand(5, 64)).shape
    torch.Size([5, 64])
    """

    chance: Tensor
    remembers = True

    def __init__(
        self,
        names: Iterable[str],
        sample_shape: tuple[int, ...],
        *,
        spread: float = 1.0,
        chance: float = 1.0,
    ) -> None:
        super().__init__()
        self._changes = [change for name in names for change in AUGMENTATIONS[name]]
        self._places = sample_shape[-2:]
        self._spread = spread
        self.register_buffer("chance", torch.tensor(chance))

    def forward(self, x: Tensor) -> Tensor:
        """Return images changed, in the shape they came in.

        Parameters
        ----------
        x
            Images ``(n, *sample)`` or as flat rows ``(n, d)``.
        """
        if not self.training:
            return x
        images = x.reshape(len(x), -1, *self._places)
        for change in self._changes:
            changed = torch.rand(len(x), 1, 1, 1, device=x.device) < self.chance
            images = torch.where(changed, change(images, self._spread), images)
        return images.reshape(x.shape)

    def follow(self, ahead: Tensor, weight: Tensor | None) -> None:
        """Take note of scores; here the chance stays what it is.

        Parameters
        ----------
        ahead
            How much surer the discriminator is that each sample of data is real than that it is
            made ``(n,)``: what matters is the sign.
        weight
            Weights of the samples ``(n,)``.
        """


class AdaptiveAugmentation(Augmentation):
    """Change images with a chance that rises while the discriminator is too sure of the data.

    Every few updates the chance moves by a small step: up where ``r = mean_i w_i sign(a_i)`` of
    the scores a of the data since the last step is above a target, down where it is below
    (Karras et al. 2020, https://arxiv.org/abs/2006.06676). A discriminator that cannot tell has
    an r of 0, one that knows the data by heart of 1. Processes adapt it together.

    Parameters
    ----------
    names, sample_shape, spread
        As of `Augmentation`.
    target
        The target of r.
    samples
        Samples of data in which the chance can rise from 0 to 1.
    every
        Updates of the discriminator from one step to the next.
    """

    sums: Tensor
    updates: Tensor

    def __init__(
        self,
        names: Iterable[str],
        sample_shape: tuple[int, ...],
        *,
        spread: float = 1.0,
        target: float = 0.6,
        samples: float = 100_000.0,
        every: int = 4,
    ) -> None:
        super().__init__(names, sample_shape, spread=spread, chance=0.0)
        self._target = target
        self._samples = samples
        self._every = every
        self.register_buffer("sums", torch.zeros(3))
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def follow(self, ahead: Tensor, weight: Tensor | None) -> None:
        """Take note of the signs of scores, and move the chance where that is due."""
        if not self.training:
            return
        signs = gathered(ahead.detach().sign().to(self.sums))
        weight = gathered_weights(weight, signs)
        weight = torch.ones_like(signs) if weight is None else weight
        self.sums += torch.stack(
            [weight.dot(signs), weight.sum(), weight.new_full((), len(signs))]
        )
        self.updates += 1
        # No value is read, for which a GPU would have to wait.
        due = self.updates % self._every == 0
        signed, weights, n = self.sums
        step = (signed - self._target * weights).sign() * n / self._samples
        self.chance.copy_((self.chance + due * step).clamp(0, 1))
        self.sums *= ~due
