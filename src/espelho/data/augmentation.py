"""Augmentation: samples as they could have been, seen in training only."""

import torch
from torch import Tensor

__all__ = ["RandomShift"]


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
