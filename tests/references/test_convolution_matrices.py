"""A convolution multiplies by a matrix C, the transposed one by its transpose.

Dumoulin and Visin (2016), A guide to convolution arithmetic, https://arxiv.org/abs/1603.07285.
"""

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder


def matrix(weight, size_in, size_out, stride, padding):
    """Write out C: one row per element of the output, one column per element of the input."""
    above, below, *kernel = weight.shape
    C = np.zeros((above, *size_out, below, *size_in))
    for a, b in product(range(above), range(below)):
        for place in np.ndindex(*size_out):
            for offset in np.ndindex(*kernel):
                source = tuple(
                    p * s - q + o
                    for p, s, q, o in zip(place, stride, padding, offset, strict=True)
                )
                if all(0 <= i < n for i, n in zip(source, size_in, strict=True)):
                    C[(a, *place, b, *source)] += weight[(a, b, *offset)]
    return C.reshape(above * int(np.prod(size_out)), below * int(np.prod(size_in)))


def weighted(network, kinds):
    (layer,) = [module for module in network if isinstance(module, kinds)]
    return layer.double()


@pytest.mark.parametrize(
    ("kernel", "stride"), [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 2), (5, 3)]
)
@pytest.mark.parametrize("shape", [(7,), (1, 5), (4, 3), (2, 5, 4), (3, 1, 1)])
def test_both_ways_are_the_multiplication_by_one_matrix(shape, kernel, stride):
    build = {"activation": "linear", "last_activation": "linear"}
    settings = {"kernel": kernel, "stride": stride, "latent_dim": 2, "channels": (3,), **build}
    down = weighted(convolutional_encoder(shape, **settings), (nn.Conv1d, nn.Conv2d))
    up = weighted(
        convolutional_decoder(shape, **settings), (nn.ConvTranspose1d, nn.ConvTranspose2d)
    )
    nn.init.normal_(down.bias)
    nn.init.normal_(up.bias)
    up.load_state_dict({"weight": down.weight.detach(), "bias": up.bias.detach()})
    sizes = shape if len(shape) < 3 else shape[1:]
    x = torch.randn(4, down.in_channels, *sizes, dtype=torch.float64)
    with torch.no_grad():
        h = down(x)
        y = torch.randn_like(h)
        back = up(y)
    C = matrix(down.weight.detach().numpy(), sizes, h.shape[2:], down.stride, down.padding)

    def rows(t):
        return t.flatten(1).numpy()

    def spread(bias, like):
        return np.repeat(bias.detach().numpy(), like[0, 0].numel())

    assert back.shape == x.shape
    np.testing.assert_allclose(rows(h), rows(x) @ C.T + spread(down.bias, h), atol=1e-12)
    np.testing.assert_allclose(rows(back), rows(y) @ C + spread(up.bias, back), atol=1e-12)
