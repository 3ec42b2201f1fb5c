"""MMD: equal to the direct double sum, with the gradient of that sum, and what it estimates."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from espelho.errors import DataError, SettingError, ShapeError
from espelho.losses.discrepancy import mmd as module
from espelho.losses.discrepancy.kernels import Gaussian, RationalQuadratic
from espelho.losses.discrepancy.mmd import mmd

DOUBLE = torch.float64
KERNELS = [Gaussian((0.7, 1.4, 5.0)), RationalQuadratic((1.0, 3.0))]
WAYS = [{}, {"root": True}, {"unbiased": True}]


def samples(n=7, m=9, *shape):
    shape = shape or (3,)
    x, y = torch.randn(n, *shape, dtype=DOUBLE), torch.randn(m, *shape, dtype=DOUBLE) + 1
    return x.requires_grad_(), y.requires_grad_()


def direct(x, y, kernel, weight=None, *, root=False, unbiased=False):
    """Return MMD^2 as the sum over pairs that defines it, one pair after the other."""
    u = [1 / len(x)] * len(x)
    v = torch.ones(len(y), dtype=DOUBLE) if weight is None else weight
    v = list(v / v.sum())

    def total(a, b, p, q, *, same=False):
        pairs = [
            (p[i] * q[j], kernel((a[i] - b[j]).square().sum()))
            for i in range(len(a))
            for j in range(len(b))
            if not (same and unbiased and i == j)
        ]
        counted = sum(share for share, _ in pairs)
        return sum(share * k for share, k in pairs) / counted

    found = total(x, x, u, u, same=True) + total(y, y, v, v, same=True) - 2 * total(x, y, u, v)
    return found.sqrt() if root else found


@pytest.fixture(params=[1 << 17, 20], ids=["one block", "many blocks"])
def _blocks(request, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", request.param)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_the_direct_double_sum_and_so_is_its_gradient(kernel, how, weighted):
    x, y = samples()
    weight = torch.rand(9, dtype=DOUBLE) if weighted else None

    expected, found = direct(x, y, kernel, weight, **how), mmd(x, y, kernel, weight=weight, **how)

    torch.testing.assert_close(found, expected)
    pairs = zip(
        torch.autograd.grad(found, (x, y)), torch.autograd.grad(expected, (x, y)), strict=True
    )
    for by_hand, by_autograd in pairs:
        torch.testing.assert_close(by_hand, by_autograd)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("how", WAYS)
def test_the_gradient_passes_gradcheck(kernel, how):
    x, y = samples(4, 5)

    assert gradcheck(lambda x, y: mmd(x, y, kernel, **how), (x, y))


@pytest.mark.parametrize("which", [0, 1])
def test_one_side_may_be_constant(which):
    x, y = samples()
    both = torch.autograd.grad(mmd(x, y, KERNELS[0]), (x, y))
    moved = (x, y)[which]
    (x, y)[1 - which].requires_grad_(False)

    (alone,) = torch.autograd.grad(3 * mmd(x, y, KERNELS[0]), moved)

    torch.testing.assert_close(alone, 3 * both[which])


def test_it_can_be_differentiated_once_only():
    x, y = samples()
    scale = torch.ones((), dtype=DOUBLE, requires_grad=True)
    (slope,) = torch.autograd.grad(scale * mmd(x, y, KERNELS[0]), x, create_graph=True)

    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


@pytest.mark.parametrize("how", [{}, {"root": True}])
def test_of_a_sample_with_itself_it_is_zero_with_a_finite_gradient(how):
    for dtype in (torch.float32, DOUBLE):
        x = torch.randn(50, 20).to(dtype).requires_grad_()

        found = mmd(x, x.detach(), Gaussian((1.0, 2.0)), **how)
        (slope,) = torch.autograd.grad(found, x)

        assert float(found.detach()) == pytest.approx(0, abs=2e-3 if how else 1e-6)
        assert float(slope.abs().max()) < 1e-2


def test_where_the_square_is_lost_in_rounding_the_slope_of_its_root_stays_small():
    for seed in range(5):
        torch.manual_seed(seed)
        x = torch.randn(2, 2).requires_grad_()

        found = mmd(x, x.detach(), Gaussian((3.0,)), root=True)
        (slope,) = torch.autograd.grad(found, x)

        assert found == 0  # where the slope of a root has no bound
        assert float(slope.abs().max()) < 0.1


def test_it_sees_what_the_mean_does_not_see():
    narrow, wide = torch.randn(500, 1), 2 * torch.randn(500, 1)
    kernel = Gaussian((1.0,))

    assert mmd(narrow, wide, kernel) > 10 * mmd(narrow, torch.randn(500, 1), kernel)


def test_the_unbiased_estimate_is_right_in_the_mean():
    """Against the closed form for normal variables and a Gaussian kernel."""
    s, shift = 1.5, 0.8
    within = math.sqrt(s**2 / (s**2 + 2))
    expected = 2 * within * (1 - math.exp(-(shift**2) / (2 * (s**2 + 2))))

    def drawn(**how):
        x, y = torch.randn(10, 1, dtype=DOUBLE), torch.randn(8, 1, dtype=DOUBLE) + shift
        return mmd(x, y, Gaussian((s,)), **how)

    unbiased = torch.stack([drawn(unbiased=True) for _ in range(300)])
    biased = torch.stack([drawn() for _ in range(300)])
    error = float(unbiased.std()) / math.sqrt(300)
    assert float(unbiased.mean()) == pytest.approx(expected, abs=4 * error)
    assert unbiased.min() < 0 <= biased.min()
    assert float(biased.mean()) > expected + 4 * error


def test_a_weight_of_two_is_a_sample_given_twice():
    x, y = samples()
    counts = torch.tensor([1, 2, 1, 3, 1, 1, 2, 1, 1])

    found = mmd(x, y, KERNELS[0], weight=counts.double())

    torch.testing.assert_close(found, mmd(x, y.repeat_interleave(counts, 0), KERNELS[0]))


def test_images_are_compared_as_rows():
    x, y = samples(4, 5, 2, 3, 3)

    found = mmd(x, y, KERNELS[0])

    assert torch.equal(found, mmd(x.flatten(1), y.flatten(1), KERNELS[0]))
    assert torch.autograd.grad(found, x)[0].shape == x.shape


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_short_types_are_computed_in_float32(dtype):
    x, y = (s.detach().to(dtype).requires_grad_() for s in samples())

    with torch.autocast("cpu", torch.bfloat16):
        found = mmd(x, y, KERNELS[0])

    assert torch.equal(found, mmd(x.float(), y.float(), KERNELS[0]))
    assert torch.autograd.grad(found, x)[0].dtype == dtype


def test_different_features_are_an_error():
    with pytest.raises(ShapeError, match="the first has 3 and the second 4"):
        mmd(torch.zeros(2, 3), torch.zeros(2, 4), KERNELS[0])


def test_too_few_samples_are_an_error():
    with pytest.raises(DataError, match="got 0 and 2 rows"):
        mmd(torch.zeros(0, 3), torch.zeros(2, 3), KERNELS[0])
    with pytest.raises(DataError, match="at least 2 samples of each kind, got 2 and 1"):
        mmd(torch.zeros(2, 3), torch.zeros(1, 3), KERNELS[0], unbiased=True)


def test_the_unbiased_estimate_has_no_root():
    with pytest.raises(SettingError, match="may be negative"):
        mmd(torch.zeros(2, 3), torch.zeros(2, 3), KERNELS[0], root=True, unbiased=True)
