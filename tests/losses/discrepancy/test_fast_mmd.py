"""Fast estimates of MMD: by their formulas, and right in the mean."""

import math

import pytest
import torch

from espelho.errors import DataError, ShapeError
from espelho.losses.discrepancy.fast_mmd import linear_mmd, random_feature_mmd
from espelho.losses.discrepancy.kernels import Gaussian, RationalQuadratic
from espelho.losses.discrepancy.mmd import mmd

DOUBLE = torch.float64
KERNELS = [Gaussian((0.7, 1.4)), RationalQuadratic((1.0,), powers=(0.5, 2.0))]


def samples(n=8, m=8):
    return torch.randn(n, 3, dtype=DOUBLE), torch.randn(m, 3, dtype=DOUBLE) + 1


def k(kernel, a, b):
    return kernel((a - b).square().sum())


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("n", "m"), [(8, 8), (7, 9)])
def test_the_linear_estimate_is_the_mean_over_disjoint_pairs(kernel, n, m):
    x, y = samples(n, m)
    starts = range(0, min(n, m) - 1, 2)

    terms = [
        k(kernel, x[i], x[i + 1])
        + k(kernel, y[i], y[i + 1])
        - k(kernel, x[i], y[i + 1])
        - k(kernel, x[i + 1], y[i])
        for i in starts
    ]

    torch.testing.assert_close(linear_mmd(x, y, kernel), torch.stack(terms).mean())


def mean_and_error(values):
    values = torch.stack(values)
    return float(values.mean()), float(values.std()) / math.sqrt(len(values))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_linear_estimate_is_right_in_the_mean(weighted):
    """Over random orders of the samples, the mean is that over all pairs."""
    x, y = samples(60, 60)
    y = y[y[:, 0].argsort()]  # so that weights say something of the samples
    weight = torch.linspace(0.5, 1.5, 60, dtype=DOUBLE) if weighted else None
    found = []
    for _ in range(600):
        order, other = torch.randperm(60), torch.randperm(60)
        w = None if weight is None else weight[other]
        found.append(linear_mmd(x[order], y[other], KERNELS[0], weight=w))

    mean, error = mean_and_error(found)

    expected = float(mmd(x, y, KERNELS[0], unbiased=True, weight=weight))
    assert mean == pytest.approx(expected, abs=4 * error)
    assert error < 0.01


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("weighted", [False, True])
def test_random_features_are_right_in_the_mean(kernel, weighted):
    x, y = samples(6, 9)
    weight = torch.rand(9, dtype=DOUBLE) if weighted else None
    found = [
        random_feature_mmd(x, y, kernel, kernel.frequencies(50, like=x), weight=weight)
        for _ in range(400)
    ]

    mean, error = mean_and_error(found)

    assert min(found) >= 0
    assert mean == pytest.approx(float(mmd(x, y, kernel, weight=weight)), abs=4 * error)
    assert error < 0.01


def test_the_root_of_random_features_is_finite_where_samples_agree():
    x = torch.randn(5, 3, requires_grad=True)
    frequencies = KERNELS[0].frequencies(10, like=x)

    far = random_feature_mmd(x, x.detach() + 2, KERNELS[0], frequencies)
    root = random_feature_mmd(x, x.detach() + 2, KERNELS[0], frequencies, root=True)
    near = random_feature_mmd(x, x.detach(), KERNELS[0], frequencies, root=True)

    torch.testing.assert_close(root, far.sqrt())
    assert float(near.detach()) < 1e-2
    assert torch.autograd.grad(near, x)[0].isfinite().all()


def test_what_cannot_be_compared_is_an_error():
    x, y = samples(1, 4)
    with pytest.raises(DataError, match="at least 2 samples of each kind, got 1 and 4"):
        linear_mmd(x, y, KERNELS[0])
    for estimate in (linear_mmd, random_feature_mmd):
        more = (torch.zeros(1, 3),) if estimate is random_feature_mmd else ()
        with pytest.raises(ShapeError, match="the first has 3 and the second 2"):
            estimate(y, y[:, :2], KERNELS[0], *more)
