"""Augmentation: samples as they could have been, seen in training only."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["Binarize", "RandomShift"]


class RandomShift:
    """Move each image by a few pixels of its own, the same or none along each axis.

    What moves in from outside repeats the border. Draws from torch's random state.

    Parameters
    ----------
    largest
        Largest shift in pixels, in either direction.
    sample_shape
        Shape of an image: ``(h, w)`` or ``(channels, h, w)``.

    Examples
    --------
    >>> shift = RandomShift(1, (2, 2))
    >>> shift(torch.zeros(3, 4)).shape
    torch.Size([3, 4])
    """

    def __init__(self, largest: int, sample_shape: tuple[int, ...]) -> None:
        self._largest = largest
        self._height, self._width = sample_shape[-2:]

    def __call__(self, x: Tensor) -> Tensor:
        """Return images moved, in the shape they came in.

        Parameters
        ----------
        x
            Images ``(n, *sample)`` or as flat rows ``(n, d)``.
        """
        images = x.reshape(len(x), -1, self._height, self._width)
        rows = self._moved(len(x), self._height, x.device)
        columns = self._moved(len(x), self._width, x.device)
        which = torch.arange(len(x), device=x.device).view(-1, 1, 1, 1)
        channels = torch.arange(images.shape[1], device=x.device).view(1, -1, 1, 1)
        moved = images[
            which, channels, rows.view(len(x), 1, -1, 1), columns.view(len(x), 1, 1, -1)
        ]
        return moved.reshape(x.shape)

    def _moved(self, n: int, length: int, device: torch.device) -> Tensor:
        by = torch.randint(-self._largest, self._largest + 1, (n, 1), device=device)
        return (torch.arange(length, device=device) + by).clamp_(0, length - 1)


class Binarize:
    """Draw a 0 or a 1 for each feature, with the feature as the probability of a 1.

    Drawn anew each time, so that a network never sees the same picture twice (Burda, Grosse,
    Salakhutdinov 2015, https://arxiv.org/abs/1509.00519, of MNIST's gray pixels). Draws from
    torch's random state.

    Parameters
    ----------
    before
        What is done with samples before; ``None`` for nothing.

    Examples
    --------
    >>> Binarize()(torch.tensor([[0.0, 1.0]]))
    tensor([[0., 1.]])
    """

    def __init__(self, before: Callable[[Tensor], Tensor] | None = None) -> None:
        self._before = before

    def __call__(self, x: Tensor) -> Tensor:
        """Return samples of zeros and ones.

        Parameters
        ----------
        x
            Samples in [0, 1].
        """
        x = x if self._before is None else self._before(x)
        return (torch.rand_like(x) < x).to(x.dtype)  # torch.bernoulli takes three times as long
