"""Parts of an image are normalised by the statistics of all of it."""

import pytest
import torch
from torch import nn

from espelho.networks.images.layers import InstanceNormalization
from espelho.networks.images.statistics import SharedStatistics


def images(n, channels=3, size=8):
    x = torch.randn(n, channels, size, size, generator=torch.Generator().manual_seed(0))
    return x.double() * torch.arange(1.0, n + 1).view(n, 1, 1, 1) + 2


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 1), InstanceNormalization(4), nn.Tanh(), nn.Conv2d(4, 2, 1),
        InstanceNormalization(2),
    ).double()  # fmt: skip


def test_statistics_of_parts_are_those_of_the_image_that_their_middles_make_up():
    parts, net = images(6), network()
    whole = torch.cat(list(parts[..., 2:6, 2:6]), dim=2)[None]
    statistics = SharedStatistics(net)
    with statistics.gathered():
        together = net(parts)
    torch.testing.assert_close(torch.cat(list(together[..., 2:6, 2:6]), 2), net(whole)[0])
    with statistics.used():
        torch.testing.assert_close(net(parts[:1]), together[:1])


def test_batches_count_by_their_places():
    parts, layer = images(5, 1), InstanceNormalization(1).double()
    statistics = SharedStatistics(layer)
    with statistics.gathered():
        for batch in (parts[:3], parts[3:]):
            layer(batch)
    with statistics.used():
        found = layer(parts[..., 2:6, 2:6]).detach()
    assert float(found.mean()) == pytest.approx(0)
    assert float(found.var(correction=0)) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("way", ["gathered", "used"])
def test_afterwards_each_image_is_normalised_by_itself_again(way):
    def stopped(images):
        with getattr(statistics, way)():
            net(images)
            raise KeyboardInterrupt

    parts, net = images(2), network()
    expected, statistics = net(parts), SharedStatistics(net)
    with pytest.raises(KeyboardInterrupt):
        stopped(images(3))
    assert torch.equal(net(parts), expected)
