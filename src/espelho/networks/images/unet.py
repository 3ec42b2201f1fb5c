"""The U-Net: from images to images, down and up again, with what was seen on the way down."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from espelho.networks.activations import ACTIVATIONS
from espelho.networks.images.layers import (
    UPSAMPLINGS,
    convolution,
    cut_back,
    doubling,
    laid_out,
    padded,
    slope,
)
from espelho.networks.images.windows import Reach, Span, Window, hull, reach, seen

__all__ = ["UNet"]

_DOWN = Window(4, 2, 1)

_NOISY = 3
"""Steps upwards, from the innermost on, after which dropout is noise (Isola et al. 2017)."""


class UNet(nn.Module):
    """Images to images of the same size (Ronneberger et al. 2015; as in Isola et al. 2017).

    Convolutions with kernels of 4 x 4 halve an image step by step; on the way back each step
    also sees what the way down had at its size. Sides that are not multiples of 2 to the number
    of steps are mirrored at their ends, and what comes out is cut back.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels of the images.
    channels
        Number of channels after each step down.
    normalization
        none, instance or batch; the first and the innermost step have none.
    upsampling
        resize or transposed: how a step up doubles an image.
    dropout
        Share of the values that are set to 0 after each of the three innermost steps up.
    output_activation
        Name of the last activation.

    Attributes
    ----------
    reach
        How far an output sees.

    Examples
    --------
    >>> network = UNet(1, 3, (4, 8))
    >>> network(torch.zeros(2, 1, 7, 9)).shape
    torch.Size([2, 3, 7, 9])
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        channels: Sequence[int] = (32, 64, 128, 128),
        *,
        normalization: str = "instance",
        upsampling: str = "resize",
        dropout: float = 0.0,
        output_activation: str = "linear",
    ) -> None:
        super().__init__()
        last = len(channels) - 1
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for step, (a, b) in enumerate(zip((inputs, *channels), channels, strict=False)):
            kind = "none" if step in (0, last) else normalization
            before = [slope()] if step else []
            self.downs.append(
                nn.Sequential(*before, *convolution(a, b, _DOWN, normalization=kind))
            )
        for step in range(last, -1, -1):
            own = channels[step] * (1 if step == last else 2)
            to = channels[step - 1] if step else outputs
            kind = normalization if step else "none"
            layers: list[nn.Module] = [nn.ReLU(inplace=True)]
            layers += doubling(own, to, upsampling, normalization=kind, last=not step)
            if dropout and step and last - step < _NOISY:
                layers.append(nn.Dropout(dropout))
            if not step:
                layers.append(ACTIVATIONS[output_activation].build())
            self.ups.append(nn.Sequential(*layers))
        self._up = UPSAMPLINGS[upsampling].windows
        self.reach = self._reach(local=normalization != "instance")

    def forward(self, x: Float[Tensor, "n inputs h w"]) -> Float[Tensor, "n outputs h w"]:
        """Return an image for each image."""
        height, width = x.shape[2:]
        h = laid_out(padded(x, self.reach.multiple))
        passed: list[Tensor] = []
        for down in self.downs:
            h = down(h)
            passed.append(h)
        h = passed.pop()
        for up in self.ups:
            h = up(h)
            if passed:
                h = torch.cat([h, passed.pop()], dim=1)
        return cut_back(h, height, width)

    def _reach(self, *, local: bool) -> Reach:
        return reach(self._seen, 2 ** len(self.downs), local=local)

    def _seen(self, span: Span) -> Span:
        wanted = [span]
        for _ in self.ups:
            wanted.append(seen(self._up, wanted[-1]))
        found = wanted.pop()
        while wanted:
            found = _DOWN.seen(found)
            beside = wanted.pop()
            found = hull(found, beside) if wanted else found
        return found
