"""Corruptions spoil what they say, as often as they say, and nothing else."""

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, chisquare, kstest

from espelho.data.corruption import CORRUPTIONS, GaussianNoise, Masking, SaltAndPepper
from espelho.errors import SettingError

SHAPES = [(50,), (1, 5, 10), (10, 5)]
EVERY = {
    "share": Masking(0.3),
    "count": Masking(count=7),
    "gaussian": GaussianNoise(0.5),
    "salt_and_pepper": SaltAndPepper(0.4, -2.0, 3.0),
}


def samples(shape, n=400):
    """Samples without a 0, a low or a high value of their own."""
    return torch.rand(n, *shape) + 0.5


def plausible(hits, n, share):
    return binomtest(int(hits), n, share).pvalue > 1e-4


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [0, 1, 7, 50])
def test_a_count_masks_exactly_as_many_elements_of_every_sample(shape, count):
    x = samples(shape)

    masked = Masking(count=count)(x)

    assert masked.shape == x.shape
    assert (masked == 0).flatten(1).sum(1).tolist() == [count] * len(x)
    assert torch.equal(masked[masked != 0], x[masked != 0])


def test_a_count_masks_every_element_and_every_pair_alike():
    hit = (Masking(count=3)(samples((6,), 20_000)) == 0).double()

    assert chisquare(hit.sum(0).numpy()).pvalue > 1e-4
    pairs = (hit.T @ hit)[np.triu_indices(6, 1)]
    assert chisquare(pairs.numpy()).pvalue > 1e-4


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_a_share_masks_each_element_by_itself(shape, share):
    x = samples(shape)

    masked = Masking(share)(x)

    hit = masked == 0
    assert torch.equal(masked[~hit], x[~hit])
    assert plausible(hit.sum(), hit.numel(), share)
    assert len(set(hit.flatten(1).sum(1).tolist())) > 3
    assert all(plausible(column.sum(), len(x), share) for column in hit.flatten(1).T)


def test_shares_of_none_and_all():
    x = samples((50,))

    assert torch.equal(Masking(0.0)(x), x)
    assert torch.equal(Masking(1.0)(x), torch.zeros_like(x))
    assert torch.equal(SaltAndPepper(0.0, 0.0, 9.0)(x), x)
    assert torch.equal(GaussianNoise(0.0)(x), x)


@pytest.mark.parametrize("shape", SHAPES)
def test_gaussian_noise_is_normal_and_has_the_deviation_asked_for(shape):
    x = samples(shape).double()

    noise = (GaussianNoise(0.7)(x) - x).flatten().numpy()

    assert kstest(noise, "norm", args=(0, 0.7)).pvalue > 1e-3
    assert kstest(noise, "norm", args=(0, 0.8)).pvalue < 1e-3


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_salt_and_pepper_come_in_equal_parts_and_leave_the_rest(shape, share):
    x = samples(shape)

    spoiled = SaltAndPepper(share, -2.0, 3.0)(x)

    low, high = spoiled == -2, spoiled == 3
    hit = low | high
    assert torch.equal(spoiled[~hit], x[~hit])
    assert plausible(hit.sum(), hit.numel(), share)
    assert plausible(low.sum(), int(hit.sum()), 0.5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor])
def test_each_element_may_have_bounds_of_its_own(shape, kind):
    x = samples(shape)
    bounds = np.arange(50.0).reshape(shape) + 10

    spoiled = SaltAndPepper(0.5, kind(-bounds), kind(bounds))(x)

    hit = (spoiled != x).numpy()
    expected = np.broadcast_to(bounds, x.shape)
    np.testing.assert_array_equal(spoiled.abs().numpy()[hit], expected[hit])
    assert (spoiled < 0).any()
    assert spoiled.dtype == x.dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", EVERY)
def test_the_input_is_kept_and_every_call_draws_anew(name, dtype):
    x = samples((50,)).to(dtype)
    before = x.clone()

    first, second = EVERY[name](x), EVERY[name](x)

    assert torch.equal(x, before)
    assert first.dtype == dtype
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", EVERY)
def test_the_same_seed_spoils_the_same_way(name):
    x = samples((1, 5, 10))
    torch.manual_seed(3)
    first = EVERY[name](x)
    torch.manual_seed(3)

    assert torch.equal(EVERY[name](x), first)


def test_the_same_seed_masks_the_same_elements_in_any_precision():
    x = samples((50,))
    hits = []
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        torch.manual_seed(3)
        hits.append(Masking(0.3)(x.to(dtype)) == 0)

    assert torch.equal(hits[0], hits[1])
    assert torch.equal(hits[0], hits[2])


@pytest.mark.parametrize("name", EVERY)
def test_a_batch_of_no_samples_comes_back(name):
    assert EVERY[name](torch.zeros(0, 50)).shape == (0, 50)


def test_the_table_makes_what_its_names_say():
    assert list(CORRUPTIONS) == ["none", "masking", "gaussian", "salt_and_pepper"]
    x = samples((50,))

    assert torch.equal(CORRUPTIONS["none"](0.3, -1, 4)(x), x)
    shares = (CORRUPTIONS["masking"](0.3, -1, 4)(x) == 0).sum(1)
    assert len(set(shares.tolist())) > 3
    assert set((CORRUPTIONS["masking"](3, -1, 4)(x) == 0).sum(1).tolist()) == {3}
    assert (CORRUPTIONS["gaussian"](0.3, -1, 4)(x) - x).std().item() == pytest.approx(
        0.3, abs=0.02
    )
    found = CORRUPTIONS["salt_and_pepper"](0.3, -1, 4)(x)
    assert set(found[found != x].tolist()) == {-1.0, 4.0}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Masking(),
        lambda: Masking(0.1, count=2),
        lambda: Masking(1.1),
        lambda: Masking(float("nan")),
        lambda: Masking(count=-1),
        lambda: GaussianNoise(-0.1),
        lambda: GaussianNoise(float("nan")),
        lambda: SaltAndPepper(-0.1, 0, 1),
        lambda: Masking(count=51)(samples((5, 10))),
    ],
)
def test_settings_out_of_bounds_raise(make):
    with pytest.raises(SettingError):
        make()
