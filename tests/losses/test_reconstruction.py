"""Reconstruction losses: closed forms, one convention, and shapes that must agree."""

from typing import get_args

import jaxtyping
import pytest
import torch
from torch.distributions import Bernoulli

from espelho.estimators import fields
from espelho.losses.correntropy import KERNEL_RECONSTRUCTIONS
from espelho.losses.likelihoods import LIKELIHOODS
from espelho.losses.reconstruction import (
    RECONSTRUCTIONS,
    absolute_error,
    bernoulli,
    squared_error,
)

ELEMENTS = {
    "squared_error": squared_error,
    "absolute_error": absolute_error,
    "bernoulli": bernoulli,
}


def pair(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(shape, generator=generator, dtype=torch.float64)
    return x, torch.randn(shape, generator=generator, dtype=torch.float64)


def test_the_names_of_the_fields_are_those_of_the_table():
    assert tuple(RECONSTRUCTIONS) == tuple(ELEMENTS)
    names = (*RECONSTRUCTIONS, *KERNEL_RECONSTRUCTIONS)
    assert get_args(fields.ReconstructionName) == (*names, *(set(LIKELIHOODS) - set(names)))


def test_the_errors_are_their_formulas():
    x, output = pair(5, 3)

    torch.testing.assert_close(squared_error(x, output), (x - output) ** 2)
    torch.testing.assert_close(absolute_error(x, output), (x - output).abs())


def test_bernoulli_is_minus_the_log_likelihood():
    x, logit = pair(50, 3)
    x = x.round()

    torch.testing.assert_close(bernoulli(x, logit), -Bernoulli(logits=logit).log_prob(x))


def test_bernoulli_of_a_share_is_the_expectation_over_black_and_white():
    x, logit = pair(50)

    black, white = (-Bernoulli(logits=logit).log_prob(torch.full_like(x, v)) for v in (0.0, 1.0))

    torch.testing.assert_close(bernoulli(x, logit), x * white + (1 - x) * black)


@pytest.mark.parametrize("logit", [-1e4, -50.0, 50.0, 1e4])
def test_bernoulli_takes_no_logarithm_of_a_rounded_zero(logit):
    a = torch.tensor([logit], requires_grad=True)

    wrong = bernoulli(torch.tensor([float(logit < 0)]), a)
    wrong.sum().backward()

    assert wrong.item() == pytest.approx(abs(logit))
    assert a.grad.item() == pytest.approx(1.0 if logit > 0 else -1.0)


@pytest.mark.parametrize("shape", [(7, 3), (7, 2, 4, 5), (1, 1)])
@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_the_loss_is_the_mean_over_samples_of_the_sum_over_their_elements(name, shape):
    loss, (x, output) = RECONSTRUCTIONS[name], pair(*shape)

    elements = ELEMENTS[name](x, output)

    torch.testing.assert_close(loss.elements(x, output), elements)
    torch.testing.assert_close(loss.total(x, output), elements.sum())
    torch.testing.assert_close(loss.mean(x, output), elements.flatten(1).sum(1).mean())


@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_a_weight_counts_like_repetition(name):
    loss, (x, output) = RECONSTRUCTIONS[name], pair(4, 2, 3)
    counts = torch.tensor([1, 3, 0, 2])

    repeated = loss.mean(x.repeat_interleave(counts, 0), output.repeat_interleave(counts, 0))
    weighted = loss.mean(x, output, counts.double() / counts.double().mean())

    torch.testing.assert_close(weighted, repeated)
    torch.testing.assert_close(
        loss.mean(x, output, torch.ones(4, dtype=x.dtype)), loss.mean(x, output)
    )


@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_no_output_is_better_than_the_data(name):
    loss, (x, other) = RECONSTRUCTIONS[name], pair(20, 3)
    best = torch.logit(x) if name == "bernoulli" else x

    torch.testing.assert_close(loss.output(best), x)
    assert loss.mean(x, best) < loss.mean(x, other)
    assert loss.mean(x, best) < loss.mean(x, best + 0.01)
    assert loss.unit_interval == (name == "bernoulli")


@pytest.mark.parametrize("name", ELEMENTS)
def test_shapes_that_do_not_agree_raise(name):
    with pytest.raises(jaxtyping.TypeCheckError):
        ELEMENTS[name](torch.zeros(3, 4), torch.ones(3, 1))
    with pytest.raises(jaxtyping.TypeCheckError):
        ELEMENTS[name](torch.zeros(3, 4), torch.ones(2, 4))
    with pytest.raises(jaxtyping.TypeCheckError):
        ELEMENTS[name](torch.zeros(3, 4, dtype=torch.int64), torch.ones(3, 4))
