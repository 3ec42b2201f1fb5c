"""What is summed is what is valid, and nothing else, not even by its gradient."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from espelho.losses.masking import valid_sum
from espelho.losses.reconstruction import RECONSTRUCTIONS

SIZES = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 3), st.integers(0, 99))


def masked(lengths, n_steps):
    return torch.tensor([[step < k for step in range(n_steps)] for k in lengths])


@given(SIZES)
@settings(deadline=None)
def test_the_sum_is_that_of_each_sequence_alone(sizes):
    n, n_steps, features, seed = sizes
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, n_steps + 1, (n,), generator=generator).tolist()
    valid = masked(lengths, n_steps)
    elements = torch.randn(n, n_steps, features, generator=generator)
    expected = [row[:k].sum() for row, k in zip(elements, lengths, strict=True)]
    padded = elements.masked_fill(~valid.unsqueeze(2), torch.nan)
    torch.testing.assert_close(valid_sum(padded, valid), torch.stack(expected))


def test_without_a_mask_every_step_counts():
    elements = torch.randn(3, 4, 2)
    torch.testing.assert_close(valid_sum(elements, None), elements.sum((1, 2)))


@pytest.mark.parametrize("features", [(), (2,), (2, 3)])
def test_steps_may_have_any_features(features):
    sums = valid_sum(torch.ones(2, 4, *features), masked([4, 1], 4))
    each = torch.ones(features).sum()
    torch.testing.assert_close(sums, torch.stack([4 * each, each]))


@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_no_loss_depends_on_padded_steps(name):
    x, valid = torch.rand(3, 5, 2), masked([5, 2, 1], 5)
    output = torch.randn(3, 5, 2, requires_grad=True)
    total = valid_sum(RECONSTRUCTIONS[name].elements(x, output), valid).sum()
    (grad,) = torch.autograd.grad(total, output)
    assert torch.equal(grad.abs().amax(2) > 0, valid)
