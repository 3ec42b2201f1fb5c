"""Padded steps are told from valid ones, cleared, taken out and left in place."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from espelho.networks.sequences.steps import clear_padding, last_step, reverse_steps, valid_steps

SIZES = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 3), st.integers(0, 99))


def padded(sizes):
    """Return sequences of random lengths, padded by NaN, and each one alone."""
    n, longest, features, seed = sizes
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, longest + 1, (n,), generator=generator)
    alone = [torch.randn(int(k), features, generator=generator) for k in lengths]
    x = torch.full((n, longest, features), torch.nan)
    for row, sequence in zip(x, alone, strict=True):
        row[: len(sequence)] = sequence
    return x, lengths, alone


@given(SIZES)
@settings(deadline=None)
def test_valid_steps_are_those_that_are_not_padding(sizes):
    x, lengths, _ = padded(sizes)
    valid = valid_steps(lengths, x.shape[1])
    assert torch.equal(valid, x.isfinite().all(2))
    assert torch.equal(valid.sum(1), lengths)


@given(SIZES)
@settings(deadline=None)
def test_each_of_them_treats_a_padded_sequence_as_one_alone(sizes):
    x, lengths, alone = padded(sizes)
    cleared, reversed_ = clear_padding(x, lengths), reverse_steps(x, lengths)
    last = last_step(x, lengths)
    for index, sequence in enumerate(alone):
        k = len(sequence)
        assert torch.equal(cleared[index, :k], sequence)
        assert not cleared[index, k:].any()
        assert torch.equal(reversed_[index, :k], sequence.flip(0))
        assert reversed_[index, k:].isnan().all()
        assert torch.equal(last[index], sequence[-1])


def test_without_lengths_every_step_is_valid():
    x = torch.randn(3, 4, 2)
    lengths = torch.full((3,), 4)
    assert torch.equal(clear_padding(x, None), clear_padding(x, lengths))
    assert torch.equal(reverse_steps(x, None), reverse_steps(x, lengths))
    assert torch.equal(last_step(x, None), last_step(x, lengths))


def test_cleared_steps_have_no_gradient():
    x = torch.randn(2, 4, 3, requires_grad=True)
    lengths = torch.tensor([4, 2])
    (grad,) = torch.autograd.grad(clear_padding(x, lengths).sum(), x)
    assert torch.equal(grad, valid_steps(lengths, 4).unsqueeze(2).expand(2, 4, 3).float())
