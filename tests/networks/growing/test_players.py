"""Growing networks: layers are added, older ones stay, and new ones fade in."""

import copy

import pytest
import torch

from espelho.networks.growing.players import GrowingDiscriminator, GrowingGenerator
from espelho.networks.growing.resolutions import enlarged_to, halved, resolutions

SIZES = [(4, 4), (8, 8), (28, 28), (20, 12), (13, 33)]
LATENT, COLOURS = 3, 2


def networks(size, **settings):
    torch.manual_seed(0)
    sizes = resolutions(*size)
    channels = [5, 4, 3, 3][: len(sizes)]
    g = GrowingGenerator(LATENT, sizes, channels, COLOURS, **settings).double()
    d = GrowingDiscriminator(sizes, channels, COLOURS).double()
    return g, d, sizes


def noise(n=4):
    return torch.randn(n, LATENT, dtype=torch.float64)


@pytest.mark.parametrize("size", SIZES)
def test_every_level_makes_and_reads_images_of_its_size(size):
    g, d, sizes = networks(size)
    for level, expected in enumerate(sizes):
        for fading in {False, level > 0}:
            for network in (g, d):
                network.stand_at(level, fading=fading)
            x = g(noise())
            assert x.shape == (4, COLOURS, *expected)
            assert d(x).shape == (4,)


def test_new_layers_come_to_both_and_older_ones_stay_what_they_are():
    for network in networks((16, 16))[:2]:
        network.stand_at(0, fading=False)
        before = dict(network.named_parameters())
        network.stand_at(1, fading=True)
        after = dict(network.named_parameters())
        assert after.keys() > before.keys()
        assert all(after[name] is parameter for name, parameter in before.items())
        network.stand_at(1, fading=False)
        settled = dict(network.named_parameters())
        assert after.keys() - settled.keys() == {n for n in before if n.startswith("images.0.")}


@pytest.mark.parametrize("size", [(8, 8), (9, 7)])
def test_a_fade_goes_from_the_network_before_to_the_grown_one(size):
    g, d, sizes = networks(size, output_activation="logistic")
    z, x = noise(), torch.randn(4, COLOURS, *size, dtype=torch.float64)

    def at(level, *, fading, fade=1.0):
        for network in (g, d):
            network.stand_at(level, fading=fading)
            network.fade.fill_(fade)
        return g(z), d(x if level else halved(x))

    (made, score), (small, first) = at(1, fading=False), at(0, fading=False)
    start = at(1, fading=True, fade=0.0)
    torch.testing.assert_close(start[0], enlarged_to(small, sizes[1:]))
    torch.testing.assert_close(start[1], first)
    end = at(1, fading=True, fade=1.0)
    torch.testing.assert_close(end[0], made)
    torch.testing.assert_close(end[1], score)
    quarter = at(1, fading=True, fade=0.25)
    torch.testing.assert_close(quarter[0], 0.75 * enlarged_to(small, sizes[1:]) + 0.25 * made)


def test_weights_say_how_far_their_network_had_grown():
    for network in networks((28, 28))[:2]:
        blank = copy.deepcopy(network)
        for level, fading in ((0, False), (1, True), (1, False), (3, True), (3, False)):
            network.stand_at(level, fading=fading)
            network.fade.fill_(0.3)
            blank.load_state_dict(network.state_dict())
            assert (blank.level, blank.fading) == (level, fading)
            assert blank.fade == network.fade


def test_weights_of_a_larger_network_do_not_fit():
    small, large = (networks(size)[0] for size in ((8, 8), (16, 16)))
    with pytest.raises(RuntimeError, match=r"images\.2\.weight"):
        small.load_state_dict(large.state_dict())


def test_layers_that_come_later_have_the_type_of_the_others():
    g = networks((8, 8))[0]
    g.stand_at(0, fading=False)
    g.float().stand_at(1, fading=True)
    assert {p.dtype for p in g.parameters()} == {torch.float32}
    assert g.fade.dtype == torch.float32


def test_signals_keep_their_size_through_any_depth():
    sizes = resolutions(128, 128)
    g = GrowingGenerator(16, sizes, [16] * len(sizes), 1)
    seen = []
    for block in g.blocks:
        block.register_forward_hook(lambda *given: seen.append(given[-1].square().mean().item()))
    g(torch.randn(4, 16))
    assert seen == pytest.approx([1] * len(seen), rel=1e-3)


def test_without_normalisation_there_is_none():
    assert "PixelNorm" in repr(networks((8, 8))[0])
    assert "PixelNorm" not in repr(networks((8, 8), normalization="none")[0])


def test_the_discriminator_sees_how_much_a_batch_differs():
    d = networks((4, 4))[1]
    x = torch.randn(1, COLOURS, 4, 4, dtype=torch.float64)
    alike, varied = x.expand(2, -1, -1, -1), torch.cat([x, x + 1])
    assert d(alike)[0] != d(varied)[0]
    plain = GrowingDiscriminator([(4, 4)], [3], COLOURS, minibatch_deviation=False).double()
    assert plain(alike)[0] == plain(varied)[0]
