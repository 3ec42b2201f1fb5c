"""The residual network from images to images."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

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
)
from espelho.networks.images.windows import Window, reach, seen

__all__ = ["ResidualBlock", "ResidualNetwork"]

_WIDE, _DOWN, _SAME = Window(7, 1, 3), Window(3, 2, 1), Window(3, 1, 1)


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to what came in (He et al. 2016).

    Parameters
    ----------
    channels
        Number of channels.
    normalization
        none, instance or batch.
    dropout
        Share of the values that are set to 0 between both.
    """

    def __init__(self, channels: int, normalization: str, dropout: float = 0.0) -> None:
        super().__init__()
        same = partial(convolution, channels, channels, _SAME, mode="replicate")
        noise = [nn.Dropout(dropout)] if dropout else []
        self.change = nn.Sequential(
            *same(normalization=normalization),
            nn.ReLU(inplace=True),
            *noise,
            *same(normalization=normalization, last=True),
        )

    def forward(self, x: Float[Tensor, "n channels h w"]) -> Float[Tensor, "n channels h w"]:
        """Return what came in and the change of it."""
        change: Tensor = self.change(x)
        return x + change


class ResidualNetwork(nn.Module):
    """Images to images of the same size (Johnson et al. 2016; as in Zhu et al. 2017).

    A convolution of 7 x 7, convolutions that halve an image, residual blocks, as many steps up,
    and a convolution of 7 x 7. Sides that are not multiples of 2 to the number of halvings are
    mirrored at their ends, and what comes out is cut back.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels of the images.
    channels
        Number of channels after the first convolution, and after each that halves.
    blocks
        Number of residual blocks.
    normalization
        none, instance or batch.
    upsampling
        resize or transposed: how a step up doubles an image.
    dropout
        Share of the values that are set to 0 inside each block.
    output_activation
        Name of the last activation.

    Attributes
    ----------
    reach
        How far an output sees.

    Examples
    --------
    >>> import torch
    >>> network = ResidualNetwork(1, 3, (4, 8), 2)
    >>> network(torch.zeros(2, 1, 7, 9)).shape
    torch.Size([2, 3, 7, 9])
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        channels: Sequence[int] = (32, 64, 128),
        blocks: int = 6,
        *,
        normalization: str = "instance",
        upsampling: str = "resize",
        dropout: float = 0.0,
        output_activation: str = "linear",
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        layers += convolution(
            inputs, channels[0], _WIDE, normalization=normalization, mode="reflect"
        )
        layers.append(nn.ReLU(inplace=True))
        for a, b in pairwise(channels):
            layers += convolution(a, b, _DOWN, normalization=normalization)
            layers.append(nn.ReLU(inplace=True))
        layers += [ResidualBlock(channels[-1], normalization, dropout) for _ in range(blocks)]
        for b, a in pairwise(reversed(channels)):
            layers += doubling(b, a, upsampling, normalization=normalization)
            layers.append(nn.ReLU(inplace=True))
        layers += convolution(channels[0], outputs, _WIDE, mode="reflect", last=True)
        layers.append(ACTIVATIONS[output_activation].build())
        self.layers = nn.Sequential(*layers)
        steps = len(channels) - 1
        up = UPSAMPLINGS[upsampling].windows
        windows = [_WIDE, *[_DOWN] * steps, *[_SAME] * (2 * blocks), *up * steps, _WIDE]
        self.reach = reach(partial(seen, windows), 2**steps, local=normalization != "instance")

    def forward(self, x: Float[Tensor, "n inputs h w"]) -> Float[Tensor, "n outputs h w"]:
        """Return an image for each image."""
        height, width = x.shape[2:]
        y: Tensor = self.layers(laid_out(padded(x, max(_LEAST, self.reach.multiple))))
        return cut_back(y, height, width)


_LEAST = 4
"""Side of an image that a kernel of 7 x 7 can be mirrored in."""
