"""The k-sparse restriction keeps the largest units, and their gradient."""

import pytest
import torch

from espelho.errors import SettingError
from espelho.networks.k_sparse import KSparse


def by_sorting(z, k):
    kept = torch.zeros_like(z)
    for row, values in enumerate(z):
        for unit in sorted(range(len(values)), key=lambda j: values[j].item())[-k:]:
            kept[row, unit] = values[unit]
    return kept


@pytest.mark.parametrize("k", [1, 3, 7])
def test_the_largest_units_are_kept_and_the_others_are_zero(k):
    z = torch.randn(20, 7)

    torch.testing.assert_close(KSparse(k)(z), by_sorting(z, k), rtol=0, atol=0)


def test_as_many_units_are_kept_where_values_are_equal():
    assert (KSparse(2)(torch.ones(5, 6)) != 0).sum(1).tolist() == [2] * 5


def test_the_gradient_goes_through_the_kept_units_as_it_is():
    z, slope = torch.randn(20, 7, requires_grad=True), torch.randn(20, 7)

    kept = KSparse(3)(z)
    kept.backward(slope)

    torch.testing.assert_close(z.grad, torch.where(kept != 0, slope, 0.0), rtol=0, atol=0)


@pytest.mark.parametrize(("alpha", "kept"), [(1.0, 4), (2.0, 8), (0.5, 2), (0.1, 1), (9.0, 10)])
def test_in_evaluation_alpha_times_as_many_are_kept(alpha, kept):
    module, z = KSparse(4, alpha), torch.randn(5, 10)

    assert (module(z) != 0).sum(1).tolist() == [4] * 5
    torch.testing.assert_close(module.eval()(z), by_sorting(z, kept), rtol=0, atol=0)


@pytest.mark.parametrize(("k", "alpha"), [(0, 1.0), (-1, 1.0), (2, 0.0), (2, float("nan"))])
def test_settings_out_of_bounds_raise(k, alpha):
    with pytest.raises(SettingError, match="k >= 1"):
        KSparse(k, alpha)


def test_it_describes_itself():
    assert repr(KSparse(3, 1.5)) == "KSparse(k=3, alpha=1.5)"
