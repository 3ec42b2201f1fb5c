"""Crops and flips of images, of both of a pair alike."""

import torch
from torch import Tensor, nn

__all__ = ["CropAndFlip"]


class CropAndFlip(nn.Module):
    """Cut a square out of images, and mirror half of them left to right.

    What is drawn is drawn once for all images of a row: both of a pair are cut in the same place
    and mirrored together. In evaluation mode the middle is cut out and nothing is mirrored.
    Draws come from torch's random state.

    Parameters
    ----------
    crop
        Side of the square; ``None`` for images as they are.
    flips
        Whether images are mirrored.

    Examples
    --------
    >>> change = CropAndFlip(4, flips=True)
    >>> [images.shape for images in change(torch.zeros(2, 1, 8, 8), torch.zeros(2, 3, 8, 8))]
    [torch.Size([2, 1, 4, 4]), torch.Size([2, 3, 4, 4])]
    """

    def __init__(self, crop: int | None = None, *, flips: bool = False) -> None:
        super().__init__()
        self._crop = crop
        self._flips = flips

    def forward(self, *images: Tensor) -> list[Tensor]:
        """Return images changed.

        Parameters
        ----------
        *images
            Images ``(n, channels, height, width)``, as many of each.
        """
        n, _, *places = images[0].shape
        first = images[0]
        if self._crop is not None:
            rows, columns = (self._from(n, size, first.device) for size in places)
            images = tuple(_cut(x, rows, columns) for x in images)
        if self._flips and self.training:
            mirrored = torch.rand(n, 1, 1, 1, device=first.device) < 1 / 2
            images = tuple(torch.where(mirrored, x.flip(3), x) for x in images)
        return list(images)

    def _from(self, n: int, size: int, device: torch.device) -> Tensor:
        """Return the places ``(n, crop)`` along an axis that are kept of each image."""
        spare = size - int(self._crop or size)
        if self.training:
            first = torch.randint(spare + 1, (n, 1), device=device)
        else:
            first = torch.full((n, 1), spare // 2, device=device)
        return first + torch.arange(size - spare, device=device)


def _cut(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    which = torch.arange(len(x), device=x.device).view(-1, 1, 1, 1)
    channels = torch.arange(x.shape[1], device=x.device).view(1, -1, 1, 1)
    return x[which, channels, rows[:, None, :, None], columns[:, None, None, :]]
